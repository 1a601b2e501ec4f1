// SPDX-License-Identifier: Apache-2.0
// A NATS server of a test's own, on free ports and in a directory of its own, and clients of it; all end with the test.
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const tls = require('node:tls');
const assert = require('node:assert');
const { waitFor } = require('./gateway');
const { freePort, certificates } = require('./broker');

const program = ['/usr/sbin/nats-server', '/usr/bin/nats-server'].find((p) => fs.existsSync(p));
const user = { name: 'gateway', password: 'a secret of the server' };

// The text protocol, as far as tests need it.
class Client {
  constructor(socket) {
    this.socket = socket;
    this.rest = Buffer.alloc(0);
    this.messages = [];
    this.pongs = [];
    socket.on('error', () => {});
    socket.on('data', (data) => {
      this.rest = Buffer.concat([this.rest, data]);
      while (this.parse());
    });
  }
  parse() {
    const end = this.rest.indexOf('\r\n');
    if (end < 0) return false;
    const line = this.rest.toString('utf8', 0, end);
    const words = line.split(' ');
    let used = end + 2;
    if (words[0] === 'MSG' || words[0] === 'HMSG') {
      const total = Number(words.at(-1));
      const headers = words[0] === 'HMSG' ? Number(words.at(-2)) : 0;
      if (this.rest.length < used + total + 2) return false;
      const at = (from, to) => this.rest.toString('utf8', used + from, used + to);
      this.messages.push({ subject: words[1], reply: words.length > (headers ? 5 : 4) ? words[3] : '', body: at(headers, total),
        headers: Object.fromEntries(at(0, headers).split('\r\n').slice(1).filter(Boolean).map((h) => [h.slice(0, h.indexOf(':')), h.slice(h.indexOf(':') + 1).trim()])) });
      used += total + 2;
    } else if (line === 'PING') {
      this.socket.write('PONG\r\n');
    } else if (line === 'PONG') {
      this.pongs.shift()();
    } else if (words[0] === '-ERR') {
      this.error = line;
    }
    this.rest = this.rest.subarray(used);
    return true;
  }
  // Done when the server has had all that was written before.
  async flush() {
    await new Promise((resolve, reject) => {
      if (this.socket.destroyed) reject(new Error('the server has gone'));
      this.pongs.push(resolve);
      this.socket.write('PING\r\n');
    });
    assert.strictEqual(this.error, undefined);
  }
  write(subject, body, { headers, reply = '' } = {}) {
    const data = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'object' ? JSON.stringify(body) : `${body}`);
    const block = headers && Buffer.from(`NATS/1.0\r\n${Object.entries(headers).map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`);
    this.socket.write(Buffer.concat(block
      ? [Buffer.from(`HPUB ${subject} ${reply} ${block.length} ${block.length + data.length}\r\n`), block, data, Buffer.from('\r\n')]
      : [Buffer.from(`PUB ${subject} ${reply} ${data.length}\r\n`), data, Buffer.from('\r\n')]));
  }
  async pub(subject, body, options) {
    this.write(subject, body, options);
    await this.flush();
  }
  async sub(subject) {
    this.socket.write(`SUB ${subject} 1\r\n`);
    await this.flush();
  }
  // To a JetStream server's own subjects.
  async request(subject, body) {
    const inbox = `_INBOX.test.${Math.random()}`;
    this.socket.write(`SUB ${inbox} 2\r\n`);
    this.write(subject, body, { reply: inbox });
    const answer = await waitFor(`an answer to ${subject}`, () => this.messages.find((m) => m.subject === inbox));
    const json = JSON.parse(answer.body);
    assert.strictEqual(json.error, undefined, answer.body);
    return json;
  }
}

class Server {
  constructor(directory, port, monitor, files) {
    Object.assign(this, { directory, port, monitor, tls: files, log: '', clients: new Set() });
  }
  get url() { return `${this.tls ? 'tls' : 'nats'}://localhost:${this.port}`; }
  async start() {
    this.child = spawn(program, ['-c', path.join(this.directory, 'server.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
    const { child } = this;
    this.exited = new Promise((resolve) => child.on('exit', resolve));
    const before = this.log.length;
    child.stderr.on('data', (data) => { this.log += data; });
    await waitFor('the server', () => {
      assert.strictEqual(child.exitCode, null, this.log);
      return this.log.slice(before).includes('Server is ready');
    });
  }
  async stop(signal = 'SIGKILL') {
    this.child.kill(signal);
    await this.exited;
  }
  async client() {
    let socket = net.connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    socket.on('error', () => {});
    await new Promise((resolve, reject) => { socket.once('data', resolve); socket.once('close', reject); });
    if (this.tls) {
      socket = tls.connect({ socket, rejectUnauthorized: false });
      await new Promise((resolve) => socket.once('secureConnect', resolve));
    }
    const client = new Client(socket);
    this.clients.add(socket);
    socket.write(`CONNECT ${JSON.stringify({ user: user.name, pass: user.password, verbose: false, headers: true, no_responders: true })}\r\n`);
    await client.flush();
    return client;
  }
  async pub(...args) {
    this.publisher = this.publisher && !this.publisher.socket.destroyed ? this.publisher : await this.client();
    await this.publisher.pub(...args);
  }
  // The subjects that a client of this name has subscribed.
  async subscriptions(name = 'gw') {
    const { connections } = await (await fetch(`http://127.0.0.1:${this.monitor}/connz?subs=1&limit=1000`)).json();
    return connections.filter((c) => c.name === name).flatMap((c) => c.subscriptions_list || []).sort();
  }
}

// tls: the subject alternative name of its certificate, such as "DNS:localhost". settings: more lines of its configuration. login:
// in place of a user and a password.
async function startNats(t, { tls: name, settings = [], login = `authorization {user: ${user.name}, password: "${user.password}"}` } = {}) {
  assert.ok(program, 'nats-server is not installed: ./dev setup');
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-nats-'));
  const files = name && certificates(directory, name);
  const server = new Server(directory, await freePort(), await freePort(), files);
  fs.writeFileSync(path.join(directory, 'server.conf'), [
    `listen: 127.0.0.1:${server.port}`, `http: 127.0.0.1:${server.monitor}`, login,
    ...(files ? [`tls {cert_file: "${files.certificate}", key_file: "${files.key}"}`] : []),
    ...settings.map((line) => line.replaceAll('DIRECTORY', directory)), ''].join('\n'));
  t.after(async () => {
    for (const socket of server.clients) socket.destroy();
    if (server.child) await server.stop();
    fs.rmSync(directory, { recursive: true, force: true });
  });
  await server.start();
  return server;
}

module.exports = { startNats, user };
