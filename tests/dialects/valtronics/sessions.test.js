// SPDX-License-Identifier: Apache-2.0
// valtronics digest sections 2 to 6: endpoints, authentication, messages and limits. Static tokens stand for JWTs.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const v = require('./valtronics');
const { raw, upgrade } = require('../../support/client');
const { waitFor } = require('../../support/gateway');

test('valtronics: authentication', async (t) => {
  const gw = await v.start(t);
  const tests = [
    t.test('valtronics 1, 11: nothing is sent before something is asked for', async (s) => {
      const client = await v.connect(s, v.url(gw));
      await v.report(gw, 1, { a: 1 });
      await v.settled(client);
    }),
    t.test('valtronics 2: a good token', async (s) => { await v.session(s, gw); }),
    t.test('valtronics 3, 4, 6, 7: refused tokens, then a good one', async (s) => {
      const client = await v.connect(s, v.url(gw));
      for (const token of ['unknown', 'past', undefined, 'refresh']) {
        client.send({ type: 'auth', token });
        await v.expectRefusal(client);
      }
      v.auth(client);
      assert.deepStrictEqual(await v.read(client), v.welcome);
    }),
    t.test('valtronics 8: five refused tokens in a row', async (s) => {
      const client = await v.connect(s, v.url(gw));
      for (let i = 0; i < 5; i += 1) v.auth(client, 'unknown');
      for (let i = 0; i < 5; i += 1) await v.expectRefusal(client);
      assert.strictEqual((await client.closed()).code, 1008);
    }),
    t.test('valtronics 8: a good token ends the row', async (s) => {
      const client = await v.connect(s, v.url(gw));
      for (let round = 0; round < 2; round += 1) {
        for (let i = 0; i < 4; i += 1) {
          v.auth(client, 'unknown');
          await v.expectRefusal(client);
        }
        v.auth(client);
        assert.deepStrictEqual(await v.read(client), v.welcome);
      }
    }),
    t.test('valtronics 10: subscribing without a token', async (s) => {
      const client = await v.connect(s, v.url(gw));
      for (const message of [{ type: 'subscribe', channel: 'alerts' }, { type: 'unsubscribe', channel: 'zzz' }]) {
        client.send(message);
        await v.expectError(client, 'not_authenticated');
      }
    }),
    t.test('valtronics 55: permissions of a token', async (s) => {
      const client = await v.listening(s, gw, 'telemetry', { device_id: 55 }, { token: 'reader' });
      client.send({ type: 'subscribe', channel: 'alerts' });
      await v.expectError(client, 'forbidden', { channel: 'alerts' });
      await v.report(gw, 55, { a: 1 });
      assert.strictEqual((await v.read(client)).type, 'telemetry_update');
    }),
    t.test('valtronics 3: subscriptions stay with the user, as far as the new token permits', async (s) => {
      const client = await v.listening(s, gw, 'telemetry', { device_id: 300 });
      await v.subscribe(client, 'alerts', { device_id: 300 });
      const sees = async (type) => {
        await v.alert(gw, 300, 'info');
        await v.report(gw, 300, { a: 1 });
        assert.strictEqual((await v.read(client)).type, type);
      };
      v.auth(client, 'again');
      assert.deepStrictEqual(await v.read(client), v.welcome);
      await sees('alert');
      assert.strictEqual((await v.read(client)).type, 'telemetry_update');
      v.auth(client, 'reader');
      assert.deepStrictEqual(await v.read(client), v.welcome);
      await v.expectError(client, 'forbidden', { channel: 'alerts' });
      await sees('telemetry_update');
      v.auth(client, 'other');
      assert.deepStrictEqual(await v.read(client), v.welcome);
      await v.subscribe(client, 'devices', { device_id: 300 });
      await v.report(gw, 300, { a: 2 });
      await v.status(gw, 300, 'online');
      assert.strictEqual((await v.read(client)).type, 'device_status_update');
    }),
  ];
  await Promise.all(tests);
});

test('valtronics: short times', async (t) => {
  const gw = await v.start(t, { settings: { auth_timeout: '200ms', expiry_grace: '300ms', default_channels: ['devices'], default_channels_after: '50ms',
    role_permissions: true, subscription_acks: true, legacy_errors: true, heartbeat: '700ms',
    max_subscriptions: 3 } });
  const until = async (client, type) => {
    for (;;) {
      const message = await v.read(client);
      if (message.type === type) return message;
    }
  };
  const tests = [
    t.test('valtronics 9: no token in time', async (s) => {
      const client = await v.connect(s, v.url(gw));
      assert.strictEqual((await client.closed()).code, 1008);
    }),
    t.test('valtronics 56: a token that expires', async (s) => {
      await gw.addToken({ token: 'short', user: 'ann', expires: new Date(Date.now() + 1500).toISOString() });
      const client = await v.connect(s, v.url(gw, '/ws/telemetry')), renewed = await v.connect(s, v.url(gw, '/ws/telemetry'));
      v.auth(client, 'short');
      v.auth(renewed, 'short');
      for (const c of [client, renewed]) {
        assert.deepStrictEqual(await v.read(c), v.welcome);
        const { success, error } = await until(c, 'auth_response');
        assert.deepStrictEqual({ success, error }, { success: false, error: 'invalid_token' });
      }
      v.auth(renewed);
      assert.deepStrictEqual(await v.read(renewed), v.welcome);
      await v.report(gw, 56, { a: 1 });
      await until(renewed, 'telemetry_update');
      assert.strictEqual((await client.closed()).code, 1008);
      assert.deepStrictEqual(client.messages, []);
    }),
    t.test('valtronics 56: a token that is revoked', async (s) => {
      await gw.addToken({ token: 'gone', user: 'ann' });
      const client = await v.session(s, gw, { token: 'gone', path: '/ws/telemetry' });
      await gw.revoke('gone');
      const { success, error } = await until(client, 'auth_response');
      assert.deepStrictEqual({ success, error }, { success: false, error: 'invalid_token' });
      client.send({ type: 'unsubscribe' });
      assert.deepStrictEqual(await v.read(client), { error: 'Authenticate first' });
      assert.strictEqual((await client.closed()).code, 1008);
    }),
    t.test('valtronics 8 row 17: channels of a client that has not subscribed', async (s) => {
      const client = await v.session(s, gw);
      let n = 0;
      const feeding = waitFor('a status', async () => {
        await v.status(gw, 17, `s${n += 1}`);
        return client.messages.length || client.done;
      });
      assert.strictEqual((await until(client, 'device_status_update')).channel, 'devices');
      client.done = true;
      await feeding;
    }),
    t.test('valtronics 58: acknowledgements', async (s) => {
      const client = await v.session(s, gw);
      client.send({ type: 'subscribe', channel: 'telemetry', device_id: 1 });
      assert.deepStrictEqual(await until(client, 'subscription_confirmed'), { type: 'subscription_confirmed', channel: 'telemetry', device_id: 1 });
      client.send({ type: 'unsubscribe', channel: 'telemetry' });
      assert.deepStrictEqual(await until(client, 'unsubscription_confirmed'), { type: 'unsubscription_confirmed', channel: 'telemetry' });
    }),
    t.test('valtronics 4.3: too many subscriptions', async (s) => {
      const client = await v.session(s, gw);
      const subscribe = (...devices) => client.send({ type: 'batch', messages: devices.map((device) => ({ type: 'subscribe', channel: 'telemetry', device_id: device })) });
      subscribe(1, 2, 3, 3, 4);
      for (let i = 0; i < 4; i += 1) await until(client, 'subscription_confirmed');
      assert.deepStrictEqual(await v.read(client), { error: 'Too many subscriptions' });
    }),
    t.test('valtronics 8 rows 8, 10: heartbeats, errors without type', async (s) => {
      const client = await v.session(s, gw, { token: 'operator' });
      client.send({ type: 'subscribe', channel: 'system' });
      assert.deepStrictEqual(await v.read(client), { error: 'The token does not permit the channel system' });
      client.send({ type: 'subscribe', channel: 'telemetry' });
      await until(client, 'subscription_confirmed');
      assert.strictEqual((await until(client, 'heartbeat')).status, 'alive');
    }),
  ];
  await Promise.all(tests);
});

test('valtronics: messages', async (t) => {
  const gw = await v.start(t);
  const sized = (bytes, message) => JSON.stringify({ ...message, x: 'x'.repeat(bytes - JSON.stringify({ ...message, x: '' }).length) });
  const tests = [
    t.test('valtronics 29, 31, 32, 49, 50: errors, and the socket stays', async (s) => {
      const client = await v.session(s, gw);
      for (const [message, code, extra] of [
        [{ type: 'subscribe', channel: 'telemetry', frequency: 'abc' }, 'invalid_frequency', { channel: 'telemetry' }],
        [{ type: 'subscribe', channel: 'telemetry', metrics: 5 }, 'invalid_filters', { channel: 'telemetry' }],
        [{ type: 'unsubscribe', channel: 'telemetry' }, 'not_subscribed', { channel: 'telemetry' }],
        [{ type: 'subscribe', channel: 'foo' }, 'unknown_channel', { channel: 'foo' }],
        [{ type: 'subscribe' }, 'invalid_message'], ['no JSON', 'invalid_json'], ['[]', 'invalid_message'], ['{}', 'invalid_message'],
        [{ type: 'zzz' }, 'unknown_message_type'], [Buffer.from('{"type":"ping"}'), 'unsupported_data']]) {
        client.send(message);
        await v.expectError(client, code, extra);
      }
      await v.settled(client);
    }),
    t.test('valtronics 39: pong', async (s) => {
      const client = await v.connect(s, v.url(gw));
      client.send({ type: 'ping', timestamp: '2024-01-01T12:00:00' });
      const { type, timestamp, client_timestamp } = await v.read(client);
      assert.deepStrictEqual([type, client_timestamp], ['pong', '2024-01-01T12:00:00']);
      assert.match(timestamp, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60000);
    }),
    t.test('valtronics 40: batches of 50 and 51', async (s) => {
      const client = await v.connect(s, v.url(gw));
      const batch = (n) => client.send({ type: 'batch', messages: Array(n).fill({ type: 'ping' }) });
      batch(51);
      await v.expectError(client, 'batch_too_large', { limit: 50 });
      batch(50);
      for (let i = 0; i < 50; i += 1) assert.strictEqual((await v.read(client)).type, 'pong');
      await v.settled(client);
    }),
    t.test('valtronics 41: a bad item does not stop the rest, and auth keeps the order', async (s) => {
      const client = await v.connect(s, v.url(gw));
      client.send({ type: 'batch', messages: [{ type: 'auth', token: 'good' }, { type: 'subscribe', channel: 'foo' },
        { type: 'subscribe', channel: 'telemetry', device_id: 41 }, { type: 'ping' }] });
      assert.deepStrictEqual(await v.read(client), v.welcome);
      await v.expectError(client, 'unknown_channel', { channel: 'foo' });
      assert.strictEqual((await v.read(client)).type, 'pong');
      await v.report(gw, 41, { a: 1 });
      assert.strictEqual((await v.read(client)).type, 'telemetry_update');
    }),
    t.test('valtronics 42: a batch in a batch', async (s) => {
      const client = await v.connect(s, v.url(gw));
      client.send({ type: 'batch', messages: [{ type: 'ping' }, { type: 'batch', messages: [{ type: 'ping' }] }] });
      await v.expectError(client, 'invalid_message');
      await v.settled(client);
    }),
    t.test('valtronics 43: 1024 and 1025 bytes', async (s) => {
      const client = await v.session(s, gw);
      client.send(sized(1025, { type: 'subscribe', channel: 'telemetry', device_id: 43 }));
      await v.expectError(client, 'message_too_large', { limit: 1024 });
      client.send({ type: 'unsubscribe', channel: 'telemetry' });
      await v.expectError(client, 'not_subscribed', { channel: 'telemetry' });
      client.send(sized(1024, { type: 'subscribe', channel: 'telemetry', device_id: 43 }));
      await v.settled(client);
      await v.report(gw, 43, { a: 2 });
      assert.deepStrictEqual(await v.read(client), v.telemetry(43, { a: 2 }));
    }),
    t.test('valtronics 44: 100 KiB', async (s) => {
      const client = await v.connect(s, v.url(gw));
      client.send('x'.repeat(100 * 1024));
      assert.strictEqual((await client.closed()).code, 1009);
    }),
    t.test('valtronics 45: 150 messages at once', async (s) => {
      const client = await v.connect(s, v.url(gw));
      for (let i = 0; i < 3; i += 1) client.send({ type: 'batch', messages: Array(50).fill({ type: 'ping' }) });
      for (let i = 0; i < 100; i += 1) assert.strictEqual((await v.read(client)).type, 'pong');
      await v.expectError(client, 'rate_limit_exceeded', { limit: 100 });
      await waitFor('a ping to work', async () => {
        client.send({ type: 'ping' });
        await new Promise((resolve) => setTimeout(resolve, 100));
        return client.messages.some((m) => JSON.parse(m).type === 'pong');
      });
    }),
  ];
  await Promise.all(tests);
});

test('valtronics: endpoints', async (t) => {
  const [gw, picky] = await Promise.all([v.start(t), v.start(t, { mount: ['allowed_origins: ["https://good.example"]'] })]);
  const tests = [
    t.test('valtronics 51: a dedicated endpoint subscribes by itself', async (s) => {
      for (const path of ['/ws/alerts', '/ws/alerts/', '/ws/notifications']) {
        const client = await v.session(s, gw, { path });
        await v.settled(client);
        await v.report(gw, 51, { a: 1 });
        await v.alert(gw, 51, 'info');
        const message = await v.read(client);
        assert.deepStrictEqual([message.type, message.device_id], ['alert', 51]);
        client.close();
      }
    }),
    t.test('valtronics 52, 53: its channel is fixed, a subscription replaces its own', async (s) => {
      const client = await v.session(s, gw, { path: '/ws/telemetry' });
      client.send({ type: 'subscribe', channel: 'alerts' });
      await v.expectError(client, 'channel_not_available', { channel: 'alerts' });
      client.send({ type: 'subscribe', device_id: 53 });
      await v.settled(client);
      await v.report(gw, 54, { a: 1 });
      await v.report(gw, 53, { a: 2 });
      assert.deepStrictEqual(await v.read(client), v.telemetry(53, { a: 2 }));
    }),
    t.test('valtronics 54: other paths', async (s) => {
      for (const [path, status] of [['/ws/other', 404], ['/', 404], ['/ws/telemetry/x', 404], ['/ws/', 101], ['/ws/system', 101], ['/ws/devices', 101]]) {
        const socket = raw(s, gw.port('v'));
        socket.write(upgrade(path));
        assert.strictEqual(await socket.status(), status, path);
      }
    }),
    t.test('valtronics 57: origins', async (s) => {
      for (const [origin, status] of [['https://bad.example', 403], ['https://good.example', 101]]) {
        const socket = raw(s, picky.port('v'));
        socket.write(upgrade('/ws', `Origin: ${origin}\r\n`));
        assert.strictEqual(await socket.status(), status, origin);
      }
    }),
  ];
  await Promise.all(tests);
});

test('valtronics 8 rows 1, 15: tokens of the handshake, or none', async (t) => {
  const gw = await v.start(t, { settings: { handshake_token: true } });
  const open = await v.start(t, { settings: { auth_required: false } });
  const sees = async (gateway, client) => {
    await v.subscribe(client, 'telemetry', { device_id: 8 });
    await v.report(gateway, 8, { a: 1 });
    assert.strictEqual((await v.read(client)).type, 'telemetry_update');
  };
  await sees(gw, await v.connect(t, v.url(gw, '/ws?token=good')));
  const client = await v.connect(t, v.url(gw), { headers: { Authorization: 'Bearer good' } });
  v.auth(client, 'again');
  assert.deepStrictEqual(await v.read(client), v.welcome);
  await sees(gw, client);
  for (const [path, headers] of [['/ws?token=unknown'], ['/ws/alerts?token=past'], ['/ws?token=refresh'], ['/ws', { Authorization: 'bearer unknown' }]])
    await assert.rejects(v.connect(t, v.url(gw, path), { headers }), /Unexpected server response: 401/);
  const later = await v.connect(t, v.url(gw), { headers: { Authorization: 'Basic Z29vZA==' } });
  later.send({ type: 'subscribe', channel: 'alerts' });
  await v.expectError(later, 'not_authenticated');
  const alerts = await v.connect(t, v.url(gw, '/ws/alerts?token=good'));
  await v.alert(gw, 8, 'info');
  assert.strictEqual((await v.read(alerts)).type, 'alert');
  const limited = await v.connect(t, v.url(gw, '/ws?token=reader'));
  limited.send({ type: 'subscribe', channel: 'alerts' });
  await v.expectError(limited, 'forbidden', { channel: 'alerts' });
  await sees(open, await v.connect(t, v.url(open)));
});
