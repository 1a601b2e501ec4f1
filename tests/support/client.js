// SPDX-License-Identifier: Apache-2.0
// A WebSocket client for tests: what arrives waits in a queue until the test asks for it. And a socket for input no client would send.
'use strict';
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');
const { patience } = require('./gateway');
const WebSocket = require(path.resolve(__dirname, '../clients/node_modules/ws'));

function deadline(promise, what) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), patience); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

class Client {
  constructor(socket) {
    this.socket = socket;
    this.messages = [];
    this.waiting = [];
    this.pings = 0;
    this.opened = new Promise((resolve, reject) => {
      socket.on('open', resolve);
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('closed before it was open')));
    });
    this.opened.catch(() => {});
    this.ended = new Promise((resolve) => socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })));
    socket.on('ping', () => { this.pings += 1; });
    socket.on('message', (data, binary) => {
      const message = binary ? data : data.toString();
      const next = this.waiting.shift();
      if (next) next(message);
      else this.messages.push(message);
    });
  }
  // The next message; fails when the session ends instead.
  next() {
    if (this.messages.length) return Promise.resolve(this.messages.shift());
    const message = new Promise((resolve) => this.waiting.push(resolve));
    const end = this.ended.then((e) => { throw new Error(`closed with ${e.code} "${e.reason}" instead of a message`); });
    end.catch(() => {});
    return deadline(Promise.race([message, end]), 'a message');
  }
  send(message) { this.socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message)); }
  // { code, reason } of the end.
  closed() { return deadline(this.ended, 'the end of the session'); }
  close() { this.socket.terminate(); }
}

// Opens and waits for the handshake.
async function connect(t, url, options = {}) {
  const client = new Client(new WebSocket(url, { rejectUnauthorized: false, ...options }));
  if (t) t.after(() => client.close());
  await deadline(client.opened, `the upgrade of ${url}`);
  return client;
}

// A plain or TLS socket that collects what comes.
class Raw {
  constructor(socket) {
    this.socket = socket;
    this.data = Buffer.alloc(0);
    this.gone = false;
    this.changed = () => {};
    socket.on('data', (d) => { this.data = Buffer.concat([this.data, d]); this.changed(); });
    socket.on('error', () => {});
    socket.on('close', () => { this.gone = true; this.changed(); });
    socket.on('end', () => { this.eof = true; this.changed(); });
  }
  write(data) { this.socket.write(data); }
  until(what, condition) {
    return deadline(new Promise((resolve, reject) => {
      const look = () => {
        if (condition(this.data.toString('latin1'))) resolve(this.data.toString('latin1'));
        else if (this.gone) reject(new Error(`the connection ended before ${what}: ${this.data}`));
      };
      this.changed = look;
      look();
    }), what);
  }
  end() {
    return deadline(new Promise((resolve) => {
      const look = () => { if (this.gone || this.eof) resolve(this.data.toString('latin1')); };
      this.changed = look;
      look();
    }), 'the end of the connection');
  }
  status() { return this.until('a status line', (s) => s.includes('\r\n')).then((s) => Number(s.slice(9, 12))); }
}

function raw(t, port, { secure = false, host = '127.0.0.1', ...more } = {}) {
  const socket = secure ? tls.connect({ port, host, rejectUnauthorized: false }) : net.connect(typeof port === 'string' ? { path: port } : { port, host, ...more });
  t.after(() => socket.destroy());
  return new Raw(socket);
}

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const upgrade = (target = '/', extra = '') =>
  `GET ${target} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n${extra}\r\n`;

// A masked client frame.
function frame(opcode, payload, { fin = true, rsv = 0, masked = true } = {}) {
  const data = Buffer.from(payload);
  const head = [(fin ? 0x80 : 0) | rsv | opcode];
  const bit = masked ? 0x80 : 0;
  if (data.length < 126) head.push(bit | data.length);
  else if (data.length < 65536) head.push(bit | 126, data.length >> 8, data.length & 255);
  else head.push(bit | 127, 0, 0, 0, 0, (data.length >>> 24) & 255, (data.length >>> 16) & 255, (data.length >>> 8) & 255, data.length & 255);
  if (!masked) return Buffer.concat([Buffer.from(head), data]);
  const mask = [1, 2, 3, 4];
  return Buffer.concat([Buffer.from(head), Buffer.from(mask), Buffer.from(data.map((b, i) => b ^ mask[i % 4]))]);
}

module.exports = { deadline, connect, Client, raw, upgrade, frame, WebSocket };
