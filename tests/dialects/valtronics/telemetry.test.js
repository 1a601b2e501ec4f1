// SPDX-License-Identifier: Apache-2.0
// valtronics digest sections 4.1 to 4.3 and 7: telemetry and system.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const v = require('./valtronics');

test('valtronics: telemetry', async (t) => {
  const gw = await v.start(t);
  const next = async (client, device, values) => assert.deepStrictEqual(await v.read(client), v.telemetry(device, values));
  let last = 100;
  const fresh = () => (last += 1);  // a device of its own for each test
  const tests = [
    t.test('valtronics 12: auth and subscribe back to back', async (s) => {
      const client = await v.connect(s, v.url(gw));
      const device = fresh();
      v.auth(client);
      client.send({ type: 'subscribe', channel: 'telemetry', device_id: device });
      client.send({ type: 'ping' });
      assert.deepStrictEqual(await v.read(client), v.welcome);
      assert.strictEqual((await v.read(client)).type, 'pong');
      await v.report(gw, device, { temperature: 1 });
      await next(client, device, { temperature: 1 });
    }),
    t.test('valtronics 13, 14: only the device asked for, under its number', async (s) => {
      const client = await v.listening(s, gw, 'telemetry', { device_id: 1 });
      await v.report(gw, 'TEMP-002', { temperature: 2 });
      await v.report(gw, 'TEMP-001', { temperature: 23.5 });
      assert.strictEqual(await client.next(), '{"type":"telemetry_update","channel":"telemetry","device_id":1,'
        + '"telemetry":{"temperature":{"value":23.5,"unit":"°C","timestamp":"2024-01-01T12:00:00Z"}}}');
    }),
    t.test('valtronics 15: all devices, one without a number too', async (s) => {
      const client = await v.listening(s, gw, 'telemetry', { metrics: 'm15' });
      const device = fresh();
      await v.report(gw, device, { m15: 1 });
      await v.report(gw, 'PUMP-9', { m15: 2 });
      await next(client, device, { m15: 1 });
      await next(client, 'PUMP-9', { m15: 2 });
    }),
    t.test('valtronics 16, 17: only the metrics asked for', async (s) => {
      const device = fresh();
      const client = await v.listening(s, gw, 'telemetry', { device_id: device, filters: { metrics: ['temperature'] } });
      await v.report(gw, device, { temperature: 1, humidity: 2 });
      await v.report(gw, device, { humidity: 3 });
      await v.report(gw, device, { temperature: 4 });
      await next(client, device, { temperature: 1 });
      await next(client, device, { temperature: 4 });
    }),
    t.test('valtronics 18, 19, 20, 21: each place and shape of a filter', async (s) => {
      const [a, b, c] = [fresh(), fresh(), fresh()];
      const clients = await Promise.all([
        { device_id: [a, b], metrics: 'temperature' },
        { device_id: [`${a}`, b], metrics: ['temperature'] },
        { filters: { device_id: [a, b], metrics: 'temperature' } },
        { device_id: c, metrics: ['humidity'], filters: { device_id: [b, a], metrics: ['temperature'] } },
      ].map((filters) => v.listening(s, gw, 'telemetry', filters)));
      for (const device of [c, b, a]) await v.report(gw, device, { humidity: 2, temperature: device });
      for (const client of clients) {
        await next(client, b, { temperature: b });
        await next(client, a, { temperature: a });
      }
      const text = await v.listening(s, gw, 'telemetry', { device_id: `${a}` });
      await v.report(gw, a, { x: 1 });
      await next(text, a, { x: 1 });
    }),
    t.test('valtronics 28, 30: intervals and real-time', async (s) => {
      const device = fresh();
      const slow = await v.listening(s, gw, 'telemetry', { device_id: device, frequency: '1s' });
      const fast = await v.listening(s, gw, 'telemetry', { device_id: device, frequency: 'real-time' });
      const began = Date.now();
      for (let i = 1; i <= 5; i += 1) await v.report(gw, device, i === 3 ? { a: i, b: 7 } : { a: i });
      await next(slow, device, { a: 1 });
      const first = Date.now();
      await next(slow, device, { a: 5, b: 7 });
      assert.ok(Date.now() - began >= 1000);
      assert.ok(first - began < Date.now() - first);
      for (let i = 1; i <= 5; i += 1) await next(fast, device, i === 3 ? { a: i, b: 7 } : { a: i });
    }),
    t.test('valtronics 33, 35: unsubscribe of the channel', async (s) => {
      const device = fresh();
      const client = await v.listening(s, gw, 'telemetry', { device_id: device });
      await v.subscribe(client, 'alerts', { device_id: device });
      client.send({ type: 'unsubscribe', channel: 'telemetry' });
      client.send({ type: 'unsubscribe', channel: 'telemetry' });
      await v.expectError(client, 'not_subscribed', { channel: 'telemetry' });
      await v.report(gw, device, { a: 1 });
      await v.alert(gw, device, 'info');
      assert.strictEqual((await v.read(client)).type, 'alert');
    }),
    t.test('valtronics 34: unsubscribe of one device', async (s) => {
      const [a, b] = [fresh(), fresh()];
      const client = await v.listening(s, gw, 'telemetry', { device_id: a });
      await v.subscribe(client, 'telemetry', { device_id: b });
      client.send({ type: 'unsubscribe', channel: 'telemetry', device_id: a });
      await v.settled(client);
      await v.report(gw, a, { x: 1 });
      await v.report(gw, b, { x: 2 });
      await next(client, b, { x: 2 });
    }),
    t.test('valtronics 36, 38: the same again, and with other filters', async (s) => {
      const device = fresh();
      const client = await v.listening(s, gw, 'telemetry', { device_id: device, metrics: 'a' });
      await v.subscribe(client, 'telemetry', { device_id: device, metrics: 'a' });
      await v.report(gw, device, { a: 1, b: 2 });
      await next(client, device, { a: 1 });
      await v.subscribe(client, 'telemetry', { device_id: device, metrics: 'b' });
      await v.report(gw, device, { a: 3, b: 4 });
      await next(client, device, { b: 4 });
    }),
    t.test('valtronics 37: one message for overlapping subscriptions', async (s) => {
      const device = fresh();
      const client = await v.listening(s, gw, 'telemetry', { metrics: 'm37' });
      await v.subscribe(client, 'telemetry', { device_id: device, metrics: 'b' });
      await v.report(gw, device, { m37: 1, b: 2, c: 3 });
      await v.report(gw, device, { m37: 4, c: 5 });
      await next(client, device, { m37: 1, b: 2 });
      await next(client, device, { m37: 4 });
    }),
    t.test('valtronics 4.3: more devices than are watched one by one', async (s) => {
      const devices = Array.from({ length: 40 }, fresh);
      const client = await v.listening(s, gw, 'telemetry', { device_id: devices });
      await v.report(gw, fresh(), { x: 0 });
      await v.report(gw, devices[39], { x: 1 });
      await next(client, devices[39], { x: 1 });
    }),
    t.test('valtronics 27: system metrics', async (s) => {
      const client = await v.listening(s, gw, 'system', { metrics: ['cpu_usage'] });
      const all = await v.listening(s, gw, 'system', { metrics: ['cpu_usage', 'active_connections'] });
      await v.topic(gw, 'monitoring/metrics/disk_usage', { value: 1 });
      await v.topic(gw, 'system/status', { metrics: { cpu_usage: 45.2, memory_usage: 67.8 }, timestamp: v.noon });
      assert.deepStrictEqual(await v.read(client),
        { type: 'system_status_update', channel: 'system', metrics: { cpu_usage: 45.2 }, timestamp: v.noon });
      assert.ok((await v.read(all)).metrics.active_connections >= 2);
    }),
    t.test('valtronics 7: a message of the document passes as it is', async (s) => {
      const device = fresh();
      const client = await v.listening(s, gw, 'telemetry', { device_id: device });
      const text = `{"type": "telemetry_update", "channel": "telemetry", "device_id": ${device}, "telemetry": {"t":{"value": 1.50}}, "more": 1}`;
      await v.topic(gw, 'ws/telemetry', text);
      assert.strictEqual(await client.next(), text);
    }),
  ];
  await Promise.all(tests);
});
