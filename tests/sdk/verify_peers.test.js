// SPDX-License-Identifier: Apache-2.0
// `dragoman verify-plugin` with the plugins that need a server: with one, and with nothing or something silent at its address.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { execFile } = require('node:child_process');
const net = require('node:net');
const path = require('node:path');
const { program, build } = require('../support/gateway');
const { freePort } = require('../support/broker');
const mosquitto = require('../support/mosquitto');
const nats = require('../support/nats_server');
const redis = require('../support/redis_server');
const { startPostgres } = require('../support/postgres');
const { vhost } = require('../support/rabbitmq');

function verify(plugin, settings, ...args) {
  const file = path.join(build, 'lib/dragoman/plugins', `${plugin}.so`);
  return new Promise((resolve) => {
    execFile(program, ['verify-plugin', '--json', file, JSON.stringify(settings), ...args], (error, stdout, stderr) => {
      assert.ok(stdout, stderr);
      const { findings } = JSON.parse(stdout);
      const of = (outcome) => findings.filter((f) => f.outcome === outcome).map((f) => f.scenario);
      resolve({ code: error ? error.code : 0, text: stdout + stderr, failed: of('FAIL'), skipped: of('SKIP'), passed: of('PASS'), what: (name) => findings.find((f) => f.scenario === name).what });
    });
  });
}
const whole = ({ code, text, failed, skipped }) => {
  assert.strictEqual(code, 0, text);
  assert.deepStrictEqual([failed, skipped], [[], []], text);
};

test('buses with their broker: their events come back', { concurrency: true }, async (t) => {
  const login = (user) => ({ username: user.name, password: user.password });
  await Promise.all([
    t.test('amqp', async (u) => whole(await verify('amqp', { url: (await vhost(u)).url }, '--channel', 'amq.topic'))),
    t.test('mqtt', async (u) => whole(await verify('mqtt', { url: (await mosquitto.startMosquitto(u)).url, channel: 'verify', ...login(mosquitto.user) }))),
    t.test('nats', async (u) => whole(await verify('nats', { url: (await nats.startNats(u)).url, channel: 'verify', ...login(nats.user) }))),
    t.test('redis', async (u) => whole(await verify('redis', { url: (await redis.startRedis(u)).url, channel: 'verify', ...login(redis.user) }))),
    t.test('redis with streams', async (u) =>
      whole(await verify('redis', { url: (await redis.startRedis(u)).url, channel: 'verify', streams: ['verify'], ...login(redis.user) }))),
  ]);
});

test('a bus whose channel the broker does not have is told of it', async (t) => {
  const { code, skipped, text } = await verify('amqp', { url: (await vhost(t)).url }, '--channel', 'nowhere');
  assert.strictEqual(code, 0, text);
  assert.deepStrictEqual(skipped, ['events come back'], text);
});

test('a store that is used stays as it was', async (t) => {
  const server = await startPostgres(t);
  for (let i = 0; i < 2; ++i) whole(await verify('postgres', { connection: server.connection }));
});

test('who is not there is no fault of the plugin', { concurrency: true }, async (t) => {
  // Takes connections and says nothing.
  const sockets = new Set();
  const mute = net.createServer((socket) => sockets.add(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  t.after(() => {
    mute.close();
    for (const socket of sockets) socket.destroy();
  });
  const [closed, silent] = [await freePort(), mute.address().port];
  const quick = { connect_timeout: '1s' };
  await Promise.all([['closed', closed], ['silent', silent]].flatMap(([name, port]) => [
    ...['amqp', 'mqtt', 'nats', 'redis'].map((bus) => t.test(`${bus}, ${name}`, async () => {
      const { code, failed, skipped, text, passed, what } = await verify(bus, { url: `${bus}://127.0.0.1:${port}`, ...quick });
      assert.strictEqual(code, 0, text);
      assert.deepStrictEqual([failed, skipped], [[], ['connection']], text);
      assert.match(what('connection'), new RegExp(`${port}|does not answer`));
      assert.ok(passed.includes('restart and shutdown at once'));
    })),
    t.test(`postgres, ${name}`, async () => {
      const { code, failed, skipped, text, what } = await verify('postgres', { connection: `host=127.0.0.1 port=${port} connect_timeout=2` });
      assert.strictEqual(code, 0, text);
      assert.deepStrictEqual([failed, skipped], [[], ['append and read']], text);
      assert.match(what('append and read'), new RegExp(`${port}|timeout`));
    }),
  ]));
});
