// SPDX-License-Identifier: Apache-2.0
// Speaks to Redis, as far as tests need it.
'use strict';
const net = require('node:net');

// Reads one value of `buffer` at `at`: [value, end], or null when it is not all there. Errors are Error objects.
function parse(buffer, at) {
  const eol = buffer.indexOf('\r\n', at);
  if (eol < 0) return null;
  const line = buffer.toString('utf8', at + 1, eol);
  let end = eol + 2;
  switch (buffer[at]) {
    case 0x2b: return [line, end];
    case 0x2d: return [new Error(line), end];
    case 0x3a: return [Number(line), end];
    case 0x24: {
      const n = Number(line);
      if (n < 0) return [null, end];
      return buffer.length < end + n + 2 ? null : [buffer.toString('utf8', end, end + n), end + n + 2];
    }
    default: {
      const all = [];
      for (let i = 0; i < Number(line); i += 1) {
        const one = parse(buffer, end);
        if (!one) return null;
        all.push(one[0]);
        [, end] = one;
      }
      return [all, end];
    }
  }
}
const encode = (words) => Buffer.concat([Buffer.from(`*${words.length}\r\n`),
  ...words.flatMap((w) => [Buffer.from(`$${Buffer.byteLength(w)}\r\n`), Buffer.from(w), Buffer.from('\r\n')])]);

// Calls each() with what a socket says, value by value.
function values(socket, each) {
  let rest = Buffer.alloc(0);
  socket.on('data', (data) => {
    rest = Buffer.concat([rest, data]);
    let at = 0;
    while (at < rest.length) {
      const one = parse(rest, at);
      if (!one) break;
      [, at] = one;
      each(one[0]);
    }
    rest = rest.subarray(at);
  });
}

class RedisClient {
  // login: words of AUTH.
  constructor(port, login = []) {
    this.pushed = [];
    this.waiting = [];
    this.socket = net.connect(port, '127.0.0.1');
    this.socket.on('error', (error) => this.fail(error));
    this.socket.on('close', () => this.fail(new Error('Redis has closed the connection')));
    values(this.socket, (value) => {
      if (Array.isArray(value) && /^p?message$/.test(value[0])) return void this.pushed.push(value);
      const [resolve, reject] = this.waiting.shift();
      if (value instanceof Error) reject(value);
      else resolve(value);
    });
    if (login.length) this.ask('AUTH', ...login).catch(() => {});
  }
  fail(error) { for (const [, reject] of this.waiting.splice(0)) reject(error); }
  ask(...words) {
    return new Promise((resolve, reject) => {
      this.waiting.push([resolve, reject]);
      this.socket.write(encode(words.map((w) => (Buffer.isBuffer(w) ? w : String(w)))));
    });
  }
  close() { this.socket.destroy(); }
}

module.exports = { RedisClient, encode, values };
