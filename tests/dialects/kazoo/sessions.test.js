// SPDX-License-Identifier: Apache-2.0
// kazoo digest sections 2, 3, 5 and 10: handshakes, authentication, replies and limits.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const k = require('./kazoo');
const { raw, upgrade } = require('../../support/client');

const ping = { action: 'ping', auth_token: 'demo-account-token' };
const invalid = (text) => `invalid format for ${text}`;

test('kazoo: handshakes and authentication', async (t) => {
  const gw = await k.start(t);
  const tests = [
    t.test('kazoo 1, 11 row: nothing is sent before something is asked for', async (s) => {
      const socket = await k.open(s, gw);
      await k.call(gw, 'CHANNEL_CREATE', 'c1');
      await socket.noEvent();
    }),
    t.test('kazoo 2: a subprotocol is refused with 400', async (s) => {
      const r = raw(s, gw.port('l'));
      r.write(upgrade('/', 'Sec-WebSocket-Protocol: x\r\n'));
      assert.strictEqual(await r.status(), 400);
    }),
    t.test('kazoo section 2: any path, and 426 or 400 for plain HTTP', async (s) => {
      const client = await k.connect(s, k.url(gw, '/some/where?x=1'));
      await new k.Socket(client).succeed(ping);
      for (const [version, status] of [['1.1', 426], ['1.0', 400]]) {
        const r = raw(s, gw.port('l'));
        r.write(`GET /some HTTP/${version}\r\nHost: x\r\n\r\n`);
        assert.strictEqual(await r.status(), status);
      }
    }),
    t.test('kazoo 4: ping without a token', async (s) => {
      const socket = await k.open(s, gw);
      socket.client.send({ action: 'ping' });
      const { request_id, ...rest } = await socket.reply();
      assert.match(request_id, /^[0-9a-f]{32}$/);
      assert.deepStrictEqual(rest, { action: 'reply', status: 'error', data: { errors: ['authentication token required'] } });
    }),
    t.test('kazoo 5, 6, 7: the first good token counts, and no other after it', async (s) => {
      const socket = await k.open(s, gw);
      socket.client.send({ ...ping, request_id: 'p1' });
      assert.deepStrictEqual(await socket.reply(), { action: 'reply', request_id: 'p1', status: 'success', data: { response: 'pong' } });
      await socket.succeed({ action: 'ping' });
      await socket.succeed({ action: 'ping', auth_token: 'wrong' });
      await socket.succeed({ action: 'ping', auth_token: 7 });
      await socket.refused({ action: 'subscribe', auth_token: 'b-token', data: { account_id: k.B, binding: 'call.*.*' } }, 'unauthorized account id');
    }),
    t.test('kazoo 8: an unknown token, and what Monster UI looks for in the error', async (s) => {
      const socket = await k.open(s, gw);
      await socket.refused({ action: 'subscribe', auth_token: 'XX', data: { account_id: k.A, binding: 'call.*.*' } }, 'failed to authenticate token XX');
      await socket.refused({ action: 'ping', auth_token: 'nobody-token' }, 'failed to authenticate token nobody-token');
      await socket.refused({ action: 'ping', auth_token: 7 }, 'invalid authentication token format');
      await socket.subscribe('call.*.*', { token: 'claims-token' });
    }),
    t.test('kazoo 9: a message that fails leaves nothing behind', async (s) => {
      const socket = await k.open(s, gw);
      await socket.refused({ action: 'subscribe', auth_token: 'demo-account-token', name: 'n', data: { account_id: k.A, binding: 'call.NOPE.*' } }, 'event NOPE not supported');
      await socket.refused({ action: 'ping' }, 'authentication token required');
    }),
    t.test('kazoo 10 to 17, row 8: refused subscriptions', async (s) => {
      const socket = await k.open(s, gw);
      const refused = (data, error) => socket.refused({ action: 'subscribe', auth_token: 'demo-account-token', ...(data && { data }) }, error);
      await refused(undefined, 'missing required keys in data object');
      await refused({}, 'missing required keys : account_id, binding');
      await refused({ binding: 'call.*.*' }, 'missing required keys : account_id');
      await refused({ account_id: k.A }, 'missing required keys : binding');
      for (const [binding, error] of [
        ['call.NOPE.*', 'event NOPE not supported'],
        ['call.CHANNEL_CREATE', invalid('call subscription : CHANNEL_CREATE')],
        ['object.doc_created.nope', 'event doc_created.nope not supported'],
        ['object.doc_nope.*', 'event doc_nope.* not supported'],
        ['conference.command.*', 'ConferenceId required'],
        ['nothing.at.all', 'no available subscriptions to requested binding'],
        ['doc_created.*.user.*', 'no available subscriptions to requested binding'],
        ['presence.dialog.*', 'no available subscriptions to requested binding'],
      ]) await refused({ account_id: k.A, binding }, error);
    }),
    t.test('kazoo 18, 19, 20: accounts', async (s) => {
      const own = await k.open(s, gw);
      const ask = (token, account_id) => ({ action: 'subscribe', auth_token: token, data: { account_id, binding: 'call.*.*' } });
      await own.succeed(ask('demo-account-token', k.A));
      for (const account of [k.B, k.parent, k.system, 'a', `${k.A}.#`, '#', `${k.A}/`])
        await own.refused(ask('demo-account-token', account), 'unauthorized account id');
      await own.refused(ask('demo-account-token', '*'), 'unauthorized wildcard account id');
      const parent = await k.open(s, gw);
      await parent.succeed(ask('demo-parent-token', k.A));
      await parent.refused(ask('demo-parent-token', k.B), 'unauthorized account id');
      await parent.refused(ask('demo-parent-token', '*'), 'unauthorized wildcard account id');
      const admin = await k.open(s, gw);
      for (const account of [k.A, k.B, k.parent, '*', 'e'.repeat(32)]) await admin.succeed(ask('demo-admin-token', account));
    }),
    t.test('kazoo 43, 44: binary frames are passed over, bad text is answered', async (s) => {
      const socket = await k.open(s, gw);
      socket.client.send(Buffer.from(JSON.stringify(ping)));
      for (const text of ['{', '[]', '5', 'x']) {
        socket.client.send(text);
        const { request_id, ...rest } = await socket.reply();
        assert.match(request_id, /^[0-9a-f]{32}$/);
        assert.deepStrictEqual(rest, { action: 'reply', status: 'error', data: { errors: ['invalid message'] } });
      }
      await socket.succeed(ping);
    }),
    t.test('kazoo 45: unknown actions', async (s) => {
      const socket = await k.open(s, gw);
      await socket.refused({ action: 'zzz' }, 'authentication token required');
      await socket.refused({ action: 'zzz', auth_token: 'demo-account-token' }, 'unknown action zzz');
      await socket.refused({ action: 'api', auth_token: 'demo-account-token' }, 'unknown action api');
      await socket.refused({ auth_token: 'demo-account-token' }, 'unknown action noop');
    }),
    t.test('kazoo section 3: messages that come at once are answered in order', async (s) => {
      const socket = await k.open(s, gw);
      const ids = Array.from({ length: 20 }, (_, i) => `q${i}`);
      for (const id of ids) socket.client.send({ ...(id === 'q0' ? ping : { action: 'ping' }), request_id: id });
      for (const id of ids) assert.strictEqual((await socket.reply(id)).status, 'success');
    }),
    t.test('kazoo section 10: a message that is too long', async (s) => {
      const socket = await k.open(s, gw);
      socket.client.send({ ...ping, name: 'x'.repeat(64 << 10) });
      assert.strictEqual((await socket.client.closed()).code, 1009);
    }),
    t.test('kazoo section 5: a token that is revoked', async (s) => {
      await gw.addToken({ token: 'short', account: k.A }, 'local');
      const socket = await k.open(s, gw);
      await socket.succeed({ action: 'ping', auth_token: 'short' });
      await gw.revoke('short', 'local');
      assert.strictEqual((await socket.client.closed()).code, 1008);
    }),
    t.test('kazoo section 5: a token that is given to another account', async (s) => {
      await gw.addToken({ token: 'given', account: k.A }, 'local');
      const socket = await k.open(s, gw);
      await socket.subscribe('fax.status.given', { token: 'given' });
      await gw.addToken({ token: 'given', account: k.A, user: 'somebody' }, 'local');
      await socket.succeed({ action: 'ping' });
      await gw.addToken({ token: 'given', account: k.B }, 'local');
      await k.publish(gw, 'faxes', `fax.status.${k.A}.given`, { 'Event-Name': 'status' });
      assert.strictEqual((await socket.client.closed()).code, 1008);
      assert.deepStrictEqual([socket.events, socket.client.messages], [[], []]);
    }),
  ];
  await Promise.all(tests);
});

test('kazoo 42: more messages than the bucket has', async (t) => {
  const gw = await k.start(t);
  const socket = await k.open(t, gw);
  const id = `127.0.0.1:${socket.client.socket._socket.localPort}`;
  for (let i = 0; i < 101; i += 1) socket.client.send({ ...ping, request_id: `b${i}` });
  const replies = [];
  for (let i = 0; i < 101; i += 1) replies.push(await socket.reply(`b${i}`));
  const errors = replies.filter((r) => r.status === 'error');
  assert.ok(errors.length >= 1);
  assert.deepStrictEqual(errors[0].data, { errors: [`rate limiting threshold hit for ${id}!`] });
  assert.strictEqual(socket.client.socket.readyState, 1);
});

test('kazoo 42: bad and unauthenticated messages count', async (t) => {
  const gw = await k.start(t, { settings: { max_bucket_tokens: 2, tokens_fill_rate: 0 } });
  const socket = await k.open(t, gw);
  socket.client.send('{');
  socket.client.send({ action: 'ping' });
  socket.client.send(ping);
  await socket.reply();
  await socket.reply();
  assert.match((await socket.reply()).data.errors[0], /^rate limiting threshold hit for 127\.0\.0\.1:\d+!$/);
});

test('kazoo 3: connections of an address', async (t) => {
  const gw = await k.start(t, { limits: { connections_per_address: 1 } });
  const first = await k.open(t, gw);
  const r = raw(t, gw.port('l'));
  r.write(upgrade('/'));
  assert.strictEqual(await r.status(), 429);
  first.client.socket.close();
  await first.client.closed();
  await (await k.open(t, gw)).succeed(ping);
});
