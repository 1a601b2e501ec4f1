// SPDX-License-Identifier: Apache-2.0
// valtronics digest sections 4.1 and 7: alerts and device status; section 9: the published dashboard.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const v = require('./valtronics');

test('valtronics: alerts and status', async (t) => {
  const gw = await v.start(t);
  const tests = [
    t.test('valtronics 22: severities, in any case', async (s) => {
      const client = await v.listening(s, gw, 'alerts', { device_id: 22, severity: ['critical', 'warning'] });
      await v.alert(gw, 22, 'info');
      await v.alert(gw, 22, 'CRITICAL', { alert_id: 123, title: 'High', metadata: { actual_value: 32.5 } });
      assert.deepStrictEqual(await v.read(client), { type: 'alert', channel: 'alerts', alert_id: 123, device_id: 22, severity: 'CRITICAL',
        alert_type: 'threshold', title: 'High', message: 'm', timestamp: v.noon, metadata: { actual_value: 32.5 } });
    }),
    t.test('valtronics 23: alerts of a device', async (s) => {
      const client = await v.listening(s, gw, 'alerts', { filters: { device_id: 23 } });
      await v.alert(gw, 230, 'critical');
      await v.topic(gw, 'system/alerts/critical', { message: 'no device' });
      await v.alert(gw, 23, 'info');
      assert.strictEqual((await v.read(client)).device_id, 23);
    }),
    t.test('valtronics 24: types of alerts', async (s) => {
      const client = await v.listening(s, gw, 'alerts', { alert_type: 'threshold', filters: { device_id: 24 } });
      await v.alert(gw, 24, 'info', { type: 'anomaly' });
      await v.alert(gw, 24, 'info', { message: 'second' });
      assert.strictEqual((await v.read(client)).message, 'second');
    }),
    t.test('valtronics 25, 26: changes of status', async (s) => {
      const client = await v.listening(s, gw, 'devices', { device_id: 25, status_types: ['offline'] });
      const all = await v.listening(s, gw, 'devices', { device_id: 25 });
      for (const now of ['online', 'offline', 'offline', 'online', 'offline']) await v.status(gw, 25, now, { reason: 'r' });
      const change = (from, to, metadata = { last_seen: v.noon }) => ({ type: 'device_status_update', channel: 'devices', device_id: 25, old_status: from,
        new_status: to, timestamp: v.noon, reason: 'r', metadata });
      for (let i = 0; i < 2; i += 1) assert.deepStrictEqual(await v.read(client), change('online', 'offline'));
      assert.deepStrictEqual(await v.read(all), change('unknown', 'online', {}));
      assert.deepStrictEqual(await v.read(all), change('online', 'offline'));
      assert.deepStrictEqual(await v.read(all), change('offline', 'online'));
    }),
  ];
  await Promise.all(tests);
});

test('valtronics 7: numbers of devices from the API', async (t) => {
  const devices = [{ id: 7, device_id: 'PUMP-7' }, { id: 99, device_id: 'TEMP-001' }];
  const gw = await v.start(t, { settings: { devices_upstream: 'api' },
    top: [`upstreams: {api: {static: [{path: /api/v1/devices/, body: ${JSON.stringify(devices)}}]}}`] });
  const client = await v.listening(t, gw, 'telemetry');
  for (const code of ['PUMP-7', 'TEMP-001', 'PUMP-8', '12']) await v.report(gw, code, { a: 1 });
  for (const device of [7, 1, 'PUMP-8', 12]) assert.deepStrictEqual(await v.read(client), v.telemetry(device, { a: 1 }));
});

test('valtronics 7: an API that does not answer', async (t) => {
  const gw = await v.start(t, { settings: { devices_upstream: 'api' }, top: ['upstreams: {api: {static: []}}'] });
  const client = await v.listening(t, gw, 'telemetry');
  for (const code of ['PUMP-7', 'PUMP-8']) await v.report(gw, code, { a: 1 });
  for (const device of ['PUMP-7', 'PUMP-8']) assert.deepStrictEqual(await v.read(client), v.telemetry(device, { a: 1 }));
});

test('valtronics: the published dashboard', async (t) => {
  const gw = await v.start(t, { settings: { dashboard_compat: true } });
  const tests = [
    t.test('valtronics 59: device_update and alert for who sends nothing', async (s) => {
      const client = await v.connect(s, v.url(gw));
      await v.report(gw, 59, { a: 1 });
      await v.status(gw, 59, 'online');
      await v.alert(gw, 59, 'info', { alert_id: 9 });
      assert.deepStrictEqual(await v.read(client),
        { type: 'device_update', device_id: 59, updates: { status: 'online', last_seen: v.noon }, timestamp: v.noon });
      const { type, alert } = await v.read(client);
      assert.deepStrictEqual([type, alert.alert_id, alert.device_id], ['alert', 9, 59]);
    }),
    t.test('valtronics 9: telemetry of the device in the path and of the one chosen', async (s) => {
      const client = await v.connect(s, v.url(gw, '/ws/TEMP-001'));
      const wanted = async (device) => {
        for (;;) {
          const message = await v.read(client);
          if (message.type === 'device_update' || message.type === 'alert') continue;
          assert.deepStrictEqual(message, { type: 'telemetry_update', device_id: device,
            data: { metric_name: 'a', metric_value: device, unit: '°C', timestamp: v.noon }, timestamp: v.noon });
          return;
        }
      };
      await v.report(gw, 'TEMP-001', { a: 1 });
      await wanted(1);
      client.send({ type: 'subscribe_device', device_id: 90 });
      for (;;) {
        const message = await v.read(client);
        if (message.type !== 'subscription_confirmed') continue;
        assert.deepStrictEqual(message, { type: 'subscription_confirmed', device_id: 90 });
        break;
      }
      await v.report(gw, 91, { a: 91 });
      await v.report(gw, 90, { a: 90 });
      await wanted(90);
    }),
    t.test('valtronics 9: requests', async (s) => {
      const client = await v.connect(s, v.url(gw));
      const answer = async (request) => {
        client.send(request);
        for (;;) {
          const message = await v.read(client);
          if (message.type !== 'device_update' && message.type !== 'alert') return message;
        }
      };
      assert.deepStrictEqual(await answer({ type: 'get_device_status', device_id: 92 }), { error: 'Device not found' });
      assert.deepStrictEqual(await answer({ type: 'zzz' }), { error: 'Unknown message type: zzz' });
      assert.strictEqual((await answer({ type: 'ping' })).type, 'pong');
      assert.deepStrictEqual(await answer({ type: 'unsubscribe_device', device_id: 92 }), { type: 'unsubscription_confirmed', device_id: 92 });
      await v.status(gw, 92, 'online');
      for (;;) if ((await v.read(client)).device_id === 92) break;
      const { timestamp, ...rest } = await answer({ type: 'get_device_status', device_id: 92 });
      assert.deepStrictEqual(rest, { type: 'device_status', device_id: 92, status: 'online', last_seen: v.noon });
      assert.match(timestamp, /Z$/);
    }),
    t.test('valtronics 9: auth leads to the protocol of the document', async (s) => {
      const client = await v.connect(s, v.url(gw));
      v.auth(client);
      for (;;) if ((await v.read(client)).type === 'auth_response') break;
      client.send({ type: 'subscribe', channel: 'telemetry', device_id: 93 });
      await v.settled(client);
      await v.status(gw, 93, 'online');
      await v.report(gw, 93, { a: 1 });
      assert.deepStrictEqual(await v.read(client), v.telemetry(93, { a: 1 }));
    }),
  ];
  await Promise.all(tests);
});
