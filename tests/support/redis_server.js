// SPDX-License-Identifier: Apache-2.0
// A Redis server of a test's own, on a free port and in a directory of its own; it ends with the test.
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const assert = require('node:assert');
const { waitFor } = require('./gateway');
const { freePort, certificates } = require('./broker');
const { RedisClient } = require('./redis_client');

const user = { name: 'gateway', password: 'a secret of the server' };
const admin = ['admin', 'an admin'];

class Server {
  constructor(directory, port, tls) {
    this.directory = directory;
    this.port = port;
    this.tls = tls;
    this.log = '';
  }
  get url() { return this.tls ? `rediss://localhost:${this.tlsPort}` : `redis://localhost:${this.port}`; }
  get socketUrl() { return `unix://${path.join(this.directory, 'socket')}`; }
  // Lets clients in when it returns, unless it is still to be started by hand.
  async start() {
    this.child = spawn('redis-server', [path.join(this.directory, 'redis.conf')], { stdio: ['ignore', 'pipe', 'pipe'] });
    const { child } = this;
    this.exited = new Promise((resolve) => child.on('exit', resolve));
    child.on('error', (error) => { this.log += error; });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { this.log += data; });
    const before = this.log.length;
    await waitFor('the server', () => {
      assert.strictEqual(child.exitCode, null, this.log);
      return this.log.slice(before).includes('Ready to accept connections');
    });
    this.client = new RedisClient(this.port, admin);
  }
  async stop(signal = 'SIGKILL') {
    this.client.close();
    this.child.kill(signal);
    await this.exited;
  }
  ask(...words) { return this.client.ask(...words); }
  // body: text, Buffer, or an object as JSON.
  pub(channel, body) { return this.ask('PUBLISH', channel, typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : body); }
  // fields: an object.
  add(stream, fields, id = '*') { return this.ask('XADD', stream, id, ...Object.entries(fields).flat()); }
  async sub(...patterns) {
    const client = new RedisClient(this.port, admin);
    for (const pattern of patterns) await client.ask('PSUBSCRIBE', pattern);
    return client;
  }
  // What gateways have subscribed.
  async subscriptions() {
    const channels = (await this.ask('PUBSUB', 'CHANNELS')).sort();
    return { channels, patterns: await this.ask('PUBSUB', 'NUMPAT') };
  }
}

// settings: more lines of its configuration. acl: rights of the gateway's user. tls: the name in its certificate.
async function startRedis(t, { settings = [], acl = '~* &* +@all', tls } = {}) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-redis-'));
  const server = new Server(directory, await freePort(), tls && certificates(directory, tls));
  if (tls) server.tlsPort = await freePort();
  fs.writeFileSync(path.join(directory, 'redis.conf'), [
    'bind 127.0.0.1', `port ${server.port}`, `dir ${directory}`, `unixsocket ${path.join(directory, 'socket')}`, 'save ""', 'repl-diskless-sync-delay 0',
    `user ${admin[0]} on ">${admin[1]}" ~* &* +@all`, 'user default off', `user ${user.name} on ">${user.password}" ${acl}`,
    ...(tls ? [`tls-port ${server.tlsPort}`, `tls-cert-file ${server.tls.certificate}`, `tls-key-file ${server.tls.key}`, `tls-ca-cert-file ${server.tls.ca}`,
      'tls-auth-clients no'] : []),
    ...settings, ''].join('\n'));
  t.after(async () => {
    if (server.child) {
      server.child.kill('SIGCONT');
      await server.stop();
    }
    fs.rmSync(directory, { recursive: true, force: true });
  });
  await server.start();
  return server;
}

module.exports = { startRedis, user, admin };
