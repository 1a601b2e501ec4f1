// SPDX-License-Identifier: Apache-2.0
// Clients in the manner of the two that the Valtronics document prints (digest section 11), against the demo configuration.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');
const v = require('../dialects/valtronics/valtronics');
const { startDemo } = require('./demo');
const { ValtronicsClient, Batcher } = require('./fixtures/valtronics-client');
const Inbox = require('./inbox');

const start = (t, port = 0) => startDemo(t, { 8000: port });
const url = (gw, target = '/ws') => `ws://127.0.0.1:${gw.port('http')}${target}`;

function node(t, gw, { token = v.jwt(), target, ...options } = {}) {
  const client = new ValtronicsClient(url(gw, target), token, options);
  const inbox = new Inbox();
  client.onOpen = () => inbox.put('open');
  client.onClose = (code) => inbox.put(code);
  for (const on of ['onAuthResponse', 'onTelemetryUpdate', 'onAlert', 'onDeviceStatusUpdate', 'onSystemStatusUpdate', 'onPong'])
    client[on] = (message) => inbox.put([on, message]);
  t.after(() => client.disconnect());
  client.connect();
  return {
    client,
    next: (what) => inbox.next(what),
    async authenticated() {
      assert.strictEqual(await inbox.next('the open socket'), 'open');
      assert.deepStrictEqual(await inbox.next('the answer to auth'), ['onAuthResponse', v.welcome]);
    },
    async settled() {
      client.ping();
      const [on, { timestamp, client_timestamp: mine }] = await inbox.next('the pong');
      assert.deepStrictEqual([on, /Z$/.test(timestamp), /Z$/.test(mine)], ['onPong', true, true]);
    },
  };
}
const publish = (gw, key, body) => gw.publish({ channel: 'valtronics', key, body: JSON.stringify(body) });
const reading = (gw, device, metric, value) => publish(gw, `valtronics/devices/${device}/telemetry/${metric}`, { value, unit: '°C', timestamp: v.noon });

test('valtronics 11: the client for browsers, all channels with filters beside them', async (t) => {
  const gw = await start(t);
  const c = node(t, gw);
  await c.authenticated();
  c.client.subscribe('telemetry', { device_id: 1, metrics: ['temperature'] });
  c.client.subscribe('alerts', { severity: ['critical', 'warning'] });
  c.client.subscribe('devices', { device_id: [1, 2], status_types: 'offline' });
  c.client.subscribe('system', { metrics: ['cpu_usage'] });
  await c.settled();
  await reading(gw, 2, 'temperature', 1);
  await reading(gw, 1, 'humidity', 2);
  await v.alert(gw, 1, 'info');
  await v.status(gw, 2, 'online');
  await v.status(gw, 3, 'offline');
  await publish(gw, 'valtronics.monitoring.metrics.memory_usage', { value: 3 });

  await reading(gw, 1, 'temperature', 23.5);
  assert.deepStrictEqual(await c.next(), ['onTelemetryUpdate', v.telemetry(1, { temperature: 23.5 })]);
  await publish(gw, 'valtronics.1.alert', { type: 'threshold', severity: 'critical', title: 'Hot', message: 'm', timestamp: v.noon, metadata: { limit: 30 } });
  assert.deepStrictEqual(await c.next(), ['onAlert', { type: 'alert', channel: 'alerts', alert_id: 2, device_id: 1, severity: 'critical', title: 'Hot',
    message: 'm', timestamp: v.noon, metadata: { limit: 30 }, alert_type: 'threshold' }]);
  await v.status(gw, 2, 'offline', { reason: 'Connection lost' });
  const [on, { old_status: old, new_status: now, reason }] = await c.next();
  assert.deepStrictEqual([on, old, now, reason], ['onDeviceStatusUpdate', 'online', 'offline', 'Connection lost']);
  await publish(gw, 'valtronics/system/status', { metrics: { cpu_usage: 45.2, disk_usage: 1 }, timestamp: v.noon });
  assert.deepStrictEqual((await c.next())[1].metrics, { cpu_usage: 45.2 });

  c.client.unsubscribe('telemetry');
  await c.settled();
  await reading(gw, 1, 'temperature', 24);
  await c.settled();
  assert.deepStrictEqual(c.client.unknown, []);
});

test('valtronics 11: the client for browsers, a token refreshed on the open socket', async (t) => {
  const gw = await start(t);
  const c = node(t, gw, { token: v.jwt({ exp: 1 }) });
  assert.strictEqual(await c.next(), 'open');
  const [, { success, error }] = await c.next();
  assert.deepStrictEqual({ success, error }, { success: false, error: 'invalid_token' });
  c.client.token = v.jwt();
  c.client.authenticate();
  assert.deepStrictEqual(await c.next(), ['onAuthResponse', v.welcome]);
});

test('valtronics 11: the client for browsers comes back by itself, and subscribes again when told so', async (t) => {
  const first = await start(t);
  const c = node(t, first, { delay: 20, attempts: 1000 });
  await c.authenticated();
  await first.stop();
  assert.strictEqual(await c.next('the close'), 1001);
  const second = await start(t, Number(new URL(c.client.url).port));
  let item;
  do { item = await c.next('the socket to open again'); } while (item !== 'open');
  assert.deepStrictEqual(await c.next(), ['onAuthResponse', v.welcome]);
  await v.report(second, 1, { a: 1 });
  await c.settled();
  c.client.subscribe('telemetry');
  await c.settled();
  await v.report(second, 1, { a: 2 });
  assert.deepStrictEqual(await c.next(), ['onTelemetryUpdate', v.telemetry(1, { a: 2 })]);
});

test('valtronics 11: the batcher mixes types, and five sockets of a pool need no token', async (t) => {
  const gw = await start(t);
  const c = node(t, gw);
  await c.authenticated();
  const batcher = new Batcher(c.client);
  for (let i = 0; i < 9; i += 1) batcher.send(i % 3 ? { type: 'ping' } : { type: 'subscribe', channel: 'telemetry', device_id: i });
  batcher.send({ type: 'unsubscribe', channel: 'telemetry', device_id: 0 });
  batcher.send({ type: 'ping', timestamp: v.noon });
  for (let i = 0; i < 6; i += 1) assert.strictEqual((await c.next())[0], 'onPong');
  assert.strictEqual((await c.next())[1].client_timestamp, v.noon, 'the one that came after the tenth');
  for (const device of [0, 3]) await v.report(gw, device, { a: 1 });
  assert.deepStrictEqual(await c.next(), ['onTelemetryUpdate', v.telemetry(3, { a: 1 })]);
  await Promise.all(Array.from({ length: 5 }, async () => {
    const pooled = await v.connect(t, url(gw));
    await v.settled(pooled);
    pooled.send({ type: 'subscribe', channel: 'alerts' });
    await v.expectError(pooled, 'not_authenticated');
  }));
});

// python3-websockets is Debian's, so is the interpreter that finds it.
function python(t, gw, token = v.jwt(), target = undefined) {
  const child = spawn('/usr/bin/python3', [path.join(__dirname, 'fixtures/valtronics_client.py'), url(gw, target), token]);
  t.after(() => child.kill('SIGKILL'));
  const inbox = new Inbox();
  let errors = '';
  child.stderr.on('data', (data) => { errors += data; });
  child.on('close', (code) => inbox.put({ what: 'end', code, errors }));
  readline.createInterface({ input: child.stdout }).on('line', (line) => inbox.put(JSON.parse(line)));
  const next = (what) => inbox.next(what);
  const tell = (...words) => child.stdin.write(`${words.join(' ')}\n`);
  return {
    next,
    tell,
    async settled() {
      tell('ping');
      assert.deepStrictEqual(await next('the pong'), { what: 'pong' });
    },
    end: async () => assert.deepStrictEqual(await next('the end'), { what: 'end', code: 0, errors: '' }),
  };
}

test('valtronics 11: the client for scripts, all channels with their filters inside', async (t) => {
  const gw = await start(t);
  const c = python(t, gw);
  assert.deepStrictEqual(await c.next('the answer to auth'), { what: 'authenticated' });
  c.tell('subscribe telemetry', JSON.stringify({ device_id: 1, metrics: ['temperature'] }));
  c.tell('subscribe alerts', JSON.stringify({ severity: ['critical'], device_id: [1] }));
  c.tell('subscribe devices');
  c.tell('subscribe system', JSON.stringify({ metrics: 'cpu_usage' }));
  await c.settled();
  await reading(gw, 2, 'temperature', 1);
  await v.alert(gw, 1, 'warning');
  await v.alert(gw, 2, 'critical');
  await reading(gw, 1, 'temperature', 23.5);
  assert.deepStrictEqual(await c.next(), { what: 'telemetry_update', device_id: 1, telemetry: { temperature: { value: 23.5, unit: '°C', timestamp: v.noon } } });
  await v.alert(gw, 1, 'critical', { alert_id: 123, title: 'Hot' });
  assert.deepStrictEqual(await c.next(), { what: 'alert', alert_id: 123, severity: 'critical', title: 'Hot' });
  await v.status(gw, 7, 'online');
  assert.deepStrictEqual(await c.next(), { what: 'device_status_update', device_id: 7, old_status: 'unknown', new_status: 'online' });
  await publish(gw, 'valtronics/monitoring/metrics/cpu_usage', { value: 1.5 });
  assert.deepStrictEqual(await c.next(), { what: 'system_status_update', metrics: { cpu_usage: 1.5 } });
  c.tell('unsubscribe telemetry');
  await c.settled();
  await reading(gw, 1, 'temperature', 24);
  await c.settled();
  c.tell('disconnect');
  assert.deepStrictEqual(await c.next(), { what: 'closed', code: 1000 });
  await c.end();
});

test('valtronics 11: the client for scripts, refused, sent away, and a ping before anything', async (t) => {
  const gw = await start(t);
  const refused = python(t, gw, v.jwt({}, { key: 'another secret, as long as it should be' }));
  assert.deepStrictEqual(await refused.next(), { what: 'refused', message: 'Signature verification failed' });
  await refused.end();
  const early = python(t, gw, 'ping-first');
  assert.strictEqual((await early.next()).message.type, 'pong');
  await early.end();
  const c = python(t, gw, v.jwt(), '/ws/telemetry');
  assert.deepStrictEqual(await c.next(), { what: 'authenticated' });
  await c.settled();
  await reading(gw, 5, 'a', 1);
  assert.strictEqual((await c.next()).device_id, 5);
  await gw.stop();
  assert.deepStrictEqual(await c.next(), { what: 'closed', code: 1001 });
  await c.end();
});
