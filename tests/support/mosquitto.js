// SPDX-License-Identifier: Apache-2.0
// A Mosquitto broker of a test's own, on free ports and in a directory of its own, and its command line clients; all end with the test.
'use strict';
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const assert = require('node:assert');
const { waitFor } = require('./gateway');

const program = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find((p) => fs.existsSync(p));
const user = { name: 'gateway', password: 'a secret of the broker' };

// A port that was free a moment ago: the broker must have the same one when it is started again.
function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

// A certificate authority and a certificate for `name` that it has signed.
function certificates(directory, name) {
  const file = (n) => path.join(directory, n);
  const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'ignore'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', file('ca.key'), '-out', file('ca.crt'), '-subj', '/CN=test authority', '-days', '2');
  openssl('req', ...key, '-keyout', file('broker.key'), '-out', file('broker.csr'), '-subj', '/CN=broker');
  fs.writeFileSync(file('names'), `subjectAltName=${name}\n`);
  openssl('x509', '-req', '-in', file('broker.csr'), '-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2',
    '-extfile', file('names'), '-out', file('broker.crt'));
  return { ca: file('ca.crt'), certificate: file('broker.crt'), key: file('broker.key') };
}

class Broker {
  constructor(directory, port, tls) {
    this.directory = directory;
    this.port = port;
    this.tls = tls;
    this.log = '';
    this.clients = new Set();
  }
  get url() { return `${this.tls ? 'mqtts' : 'mqtt'}://localhost:${this.port}`; }
  async start() {
    this.child = spawn(program, ['-c', path.join(this.directory, 'mosquitto.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.exited = new Promise((resolve) => this.child.on('exit', resolve));
    const { child } = this;
    child.stderr.on('data', (data) => { this.log += data; });
    const before = this.log.length;
    await waitFor('the broker', () => {
      assert.strictEqual(child.exitCode, null, this.log);
      return /mosquitto version \S+ running/.test(this.log.slice(before));
    });
  }
  async stop(signal = 'SIGKILL') {
    this.child.kill(signal);
    await this.exited;
  }
  client(name, args) {
    const login = ['-h', 'localhost', '-p', `${this.port}`, '-u', user.name, '-P', user.password];
    const child = spawn(name, [...login, ...(this.tls ? ['--cafile', this.tls.ca, '--insecure'] : []), ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.clients.add(child);
    child.output = '';
    child.stdout.on('data', (data) => { child.output += data; });
    child.stderr.on('data', (data) => { child.errors = `${child.errors || ''}${data}`; });
    child.ended = new Promise((resolve) => child.on('exit', resolve));
    child.ended.then(() => this.clients.delete(child));
    return child;
  }
  // payload: text or Buffer. Done when the broker has it.
  async pub(topic, payload, ...args) {
    const child = this.client('mosquitto_pub', ['-q', '1', '-t', topic, ...(payload === '' ? ['-n'] : ['-s']), ...args]);
    child.stdin.end(typeof payload === 'object' && !Buffer.isBuffer(payload) ? JSON.stringify(payload) : payload);
    assert.strictEqual(await child.ended, 0, child.errors);
  }
  // Each line is a message.
  async pubLines(topic, lines, ...args) {
    const child = this.client('mosquitto_pub', ['-q', '1', '-t', topic, '-l', ...args]);
    child.stdin.end(`${lines.join('\n')}\n`);
    assert.strictEqual(await child.ended, 0, child.errors);
  }
  // Subscribed when it returns; `output` has what came.
  async sub(topic, ...args) {
    const before = this.log.length;
    const child = this.client('mosquitto_sub', ['-q', '1', '-t', topic, ...args]);
    await waitFor('a subscriber', () => this.log.slice(before).includes('Sending SUBACK'));
    return child;
  }
  // What its clients have subscribed and not given up again, by the log since `from`.
  subscriptions(client, from = 0) {
    const now = new Set();
    for (const line of this.log.slice(from).split('\n')) {
      const on = line.match(/: (\S+) (\d) (\S.*)$/);
      if (on && on[1] === client) now.add(on[3]);
      const off = line.match(/^\d+: \t(\S.*)$/);
      if (off && !/\(QoS \d\)$/.test(line)) now.delete(off[1]);
    }
    return [...now].sort();
  }
}

// tls: the subject alternative name of its certificate, such as "DNS:localhost". settings: more lines of its configuration.
async function startMosquitto(t, { tls, settings = [] } = {}) {
  assert.ok(program, 'Mosquitto is not installed: ./dev setup');
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-mosquitto-'));
  // As root it changes to a user of its own, which must be able to read this.
  fs.chmodSync(directory, 0o755);
  const files = tls && certificates(directory, tls);
  const passwords = path.join(directory, 'passwords');
  execFileSync('mosquitto_passwd', ['-b', '-c', passwords, user.name, user.password], { stdio: 'ignore' });
  const broker = new Broker(directory, await freePort(), files);
  fs.writeFileSync(path.join(directory, 'mosquitto.conf'), [
    `listener ${broker.port} 127.0.0.1`,
    ...(files ? [`certfile ${files.certificate}`, `keyfile ${files.key}`] : []),
    'allow_anonymous false', `password_file ${passwords}`, 'log_type all', 'log_dest stderr', 'persistence false', 'max_queued_messages 0',
    ...(process.getuid() === 0 ? ['user root'] : []), ...settings, ''].join('\n'));
  t.after(async () => {
    for (const client of broker.clients) client.kill('SIGKILL');
    if (broker.child) await broker.stop();
    fs.rmSync(directory, { recursive: true, force: true });
  });
  await broker.start();
  return broker;
}

module.exports = { startMosquitto, freePort, user };
