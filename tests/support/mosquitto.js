// SPDX-License-Identifier: Apache-2.0
// A Mosquitto broker of a test's own, on free ports and in a directory of its own, and its command line clients; all end with the test.
'use strict';
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const assert = require('node:assert');
const { waitFor } = require('./gateway');
const { freePort, certificates } = require('./broker');

const program = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find((p) => fs.existsSync(p));
const user = { name: 'gateway', password: 'a secret of the broker' };

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
    // Its exit code says whether it needed what could not be written any more.
    child.stdin.on('error', () => {});
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

module.exports = { startMosquitto, user };
