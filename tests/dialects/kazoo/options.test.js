// SPDX-License-Identifier: Apache-2.0
// kazoo digest section 9: what a mount can be told to do otherwise, and section 5 with a Crossbar behind.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const k = require('./kazoo');
const { startGateway, waitFor } = require('../../support/gateway');
const { startUpstream } = require('../../support/upstream');

const token = 'demo-account-token';
const ping = { action: 'ping', auth_token: token };
const settings = async (t, values, more = {}) => {
  const gw = await k.start(t, { settings: values, ...more });
  return { gw, socket: await k.open(t, gw) };
};

test('kazoo: options', async (t) => {
  const tests = [
    t.test('kazoo row 1, 2: presence, with short keys', async (s) => {
      const { gw, socket } = await settings(s, { modules: ['presence', 'call'], presence_short_keys: true });
      assert.deepStrictEqual((await k.api(gw, '/websockets')).json.data.presence, ['dialog.{CALL_ID}', 'update.{CALL_ID}', 'mwi_updates.{USER}']);
      assert.deepStrictEqual(await socket.subscribe('presence.update.*'), { subscribed: ['update.*'] });
      await socket.refused({ action: 'subscribe', data: { account_id: k.A, binding: 'object.*.*' } }, 'no available subscriptions to requested binding');
      await k.publish(gw, 'presence', 'update.a%2Eexample.x', { 'Event-Name': 'update' });
      assert.strictEqual((await socket.event()).subscribed_key, 'update.*');
      assert.deepStrictEqual(await socket.unsubscribe('presence.update.*'), { unsubscribed: ['update.*'], subscribed: [] });
    }),
    t.test('kazoo row 3, 4, 5, 16: as the source does', async (s) => {
      const { socket } = await settings(s, { accept_bindings_array: false, unsubscribe_all: false, repeat_expanded_bindings: true });
      await socket.refused({ action: 'subscribe', auth_token: token, data: { account_id: k.A, bindings: ['call.*.*'] } }, 'missing required keys : binding');
      assert.deepStrictEqual(await socket.subscribe('call.*.*'), { subscribed: Array(9).fill('call.*.*') });
      await socket.refused({ action: 'unsubscribe' }, 'missing required keys in data object');
    }),
    t.test('kazoo row 4: the account of the token', async (s) => {
      const { gw, socket } = await settings(s, { default_account_from_token: true });
      await socket.succeed({ action: 'subscribe', auth_token: token, data: { binding: 'call.CHANNEL_HOLD.*' } });
      await k.call(gw, 'CHANNEL_HOLD', 'c');
      assert.strictEqual((await socket.event()).subscription_key, `call.${k.A}.CHANNEL_HOLD.*`);
    }),
    t.test('kazoo row 9: unknown actions succeed or are passed over', async (s) => {
      const { socket } = await settings(s, { unknown_action: 'success' });
      assert.deepStrictEqual(await socket.succeed({ action: 'zzz', auth_token: token }), {});
      await socket.succeed({ action: 'ping' });
      assert.deepStrictEqual(await socket.succeed({ action: 'zzz' }), { response: 'pong' });
      const { socket: other } = await settings(s, { unknown_action: 'silent' });
      other.client.send({ action: 'zzz', auth_token: token, request_id: 'z' });
      await other.succeed(ping);
    }),
    t.test('kazoo row 10: bad JSON ends the session', async (s) => {
      const { socket } = await settings(s, { close_on_bad_json: true });
      socket.client.send('{');
      assert.deepStrictEqual((await socket.reply()).data, { errors: ['invalid message'] });
      assert.strictEqual((await socket.client.closed()).code, 1007);
    }),
    t.test('kazoo row 11: ping without a token', async (s) => {
      const { socket } = await settings(s, { ping_requires_auth: false });
      assert.deepStrictEqual(await socket.succeed({ action: 'ping' }), { response: 'pong' });
      await socket.refused({ action: 'unsubscribe' }, 'authentication token required');
      await socket.refused({ action: 'ping', auth_token: 'XX' }, 'failed to authenticate token XX');
    }),
    t.test('kazoo row 12: three parts only', async (s) => {
      const { socket } = await settings(s, { strict_conference: true });
      await socket.refused({ action: 'subscribe', auth_token: token, data: { account_id: k.A, binding: 'conference.event.*.C1.*' } },
        'invalid format for conference subscription : event, *, C1, *');
    }),
    t.test('kazoo row 20: subprotocols', async (s) => {
      const gw = await k.start(s, { settings: { allow_subprotocol: true } });
      const client = await k.connect(s, k.url(gw), { headers: { 'Sec-WebSocket-Protocol': 'x' } }).catch((e) => e);
      // RFC 6455 4.1: without the header in the answer the client goes on.
      assert.ok(!(client instanceof Error), client.message);
      await new k.Socket(client).succeed(ping);
    }),
    t.test('kazoo row 21: expired tokens', async (s) => {
      const more = [{ token: 'soon', account: k.A, expires: new Date(Date.now() + 2500).toISOString() }];
      const enforced = await settings(s, { enforce_token_expiry: true }, { more });
      const relaxed = await settings(s, {}, { more });
      for (const { socket } of [enforced, relaxed]) await socket.succeed({ action: 'ping', auth_token: 'soon' });
      assert.strictEqual((await enforced.socket.client.closed()).code, 1008);
      await waitFor('its end', () => Date.now() > Date.parse(more[0].expires) + 200);
      await relaxed.socket.succeed({ action: 'ping' });
      const late = await k.open(s, relaxed.gw);
      await late.refused({ action: 'ping', auth_token: 'soon' }, 'failed to authenticate token soon');
    }),
    t.test('kazoo section 10: bindings of a socket', async (s) => {
      const { gw, socket } = await settings(s, { max_bindings_per_socket: 2 });
      await socket.subscribe('call.*.*');
      await socket.refused({ action: 'subscribe', data: { account_id: k.A, bindings: ['call.CHANNEL_HOLD.a', 'call.CHANNEL_HOLD.b'] } }, 'max bindings reached');
      await socket.succeed({ action: 'unsubscribe' });
      await socket.subscribe('call.CHANNEL_HOLD.c');
      await k.call(gw, 'CHANNEL_HOLD', 'b');
      await k.call(gw, 'CHANNEL_HOLD', 'a');
      await socket.noEvent();
      const { socket: host } = await settings(s, {}, { limits: { subscriptions: 5 } });
      await host.refused({ action: 'subscribe', auth_token: token, data: { account_id: k.A, binding: 'call.*.*' } }, 'max bindings reached');
      await host.refused({ action: 'ping' }, 'authentication token required');
    }),
    t.test('kazoo section 10: idle clients', async (s) => {
      const { socket } = await settings(s, { idle_timeout: '300ms' });
      assert.strictEqual((await socket.client.closed()).code, 1000);
    }),
    t.test('kazoo section 10: the rate limit of the mount', async (s) => {
      const { socket } = await settings(s, {}, { limits: { messages_per_second: 1 } });
      for (let i = 0; i < 3; i += 1) socket.client.send({ ...ping, request_id: `m${i}` });
      const replies = [await socket.reply(), await socket.reply(), await socket.reply()];
      assert.ok(replies.some((r) => /^rate limiting threshold hit/.test(r.data.errors?.[0])));
    }),
    t.test('kazoo: settings that contradict each other', async (s) => {
      const upstream = { url: 'http://127.0.0.1:9' };
      for (const [values, sentence] of [
        [{ token_check: 'crossbar' }, /settings\.token_check is crossbar; name its upstream/],
        [{ crossbar: 'zzz' }, /settings\.crossbar names "zzz", but there is no such upstream/],
        [{ token_check: 'crossbar', crossbar: 'crossbar', enforce_token_expiry: true }, /enforce_token_expiry needs/],
        [{ accounts: { [k.A]: { parent: k.B }, [k.B]: { parent: k.A } } }, /lead in a circle/],
      ]) assert.match((await startGateway(s, k.config({ settings: values, upstream }), { expectExit: true })).log, sentence);
    }),
  ];
  await Promise.all(tests);
});

// A Crossbar that knows tokens, and who may see which account.
async function startCrossbar(t) {
  const known = { 'up-a': k.A, 'up-parent': k.parent, 'up-admin': k.system };
  const below = { [k.A]: [k.A], [k.parent]: [k.parent, k.A], [k.system]: [k.system, k.parent, k.A, k.B] };
  const crossbar = await startUpstream(t, (r, response) => {
    const send = (status, data) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ data, status: status === 200 ? 'success' : 'error' }));
    const account = known[r.headers['x-auth-token']];
    if (crossbar.broken) return send(500, {});
    if (!account) return send(401, { message: 'invalid credentials' });
    if (r.url === '/v2/token_auth') return send(200, { account_id: account });
    const asked = /^\/v2\/accounts\/([0-9a-f]{32})$/.exec(r.url)?.[1];
    if (asked) return below[account].includes(asked) ? send(200, { id: asked, realm: 'up.example' }) : send(403, { message: 'forbidden' });
    return send(200, { method: r.method, url: r.url, body: r.body });
  });
  return crossbar;
}

test('kazoo section 5: a Crossbar knows tokens and accounts', async (t) => {
  const crossbar = await startCrossbar(t);
  const gw = await k.start(t, { upstream: { url: crossbar.url }, settings: {
    token_check: 'crossbar', account_check: 'crossbar', crossbar: 'crossbar', accounts: {}, crossbar_tunnel: true, modules: ['call', 'presence'], request_timeout: '5s' } });
  const subscribe = (name, account_id, binding = 'call.CHANNEL_HOLD.*') => ({ action: 'subscribe', auth_token: name, data: { account_id, binding } });
  const socket = await k.open(t, gw);
  await socket.refused(subscribe('XX', k.A), 'failed to authenticate token XX');
  await socket.refused(subscribe('X\nX', k.A), 'failed to authenticate token X\nX');
  await socket.refused(subscribe('up-parent', k.B), 'unauthorized account id');
  await socket.refused(subscribe('up-parent', '*'), 'unauthorized wildcard account id');
  await socket.refused(subscribe('up-parent', `${k.A}/../${k.A}`), 'unauthorized account id');
  // Messages wait for the one before.
  socket.client.send({ ...subscribe('up-parent', k.A), request_id: 'one' });
  socket.client.send({ action: 'subscribe', request_id: 'two', data: { account_id: k.A, binding: 'presence.dialog.*' } });
  assert.deepStrictEqual((await socket.reply('one')).data, { subscribed: ['call.CHANNEL_HOLD.*'] });
  assert.deepStrictEqual((await socket.reply('two')).data, { subscribed: ['call.CHANNEL_HOLD.*', 'presence.dialog.*'] });
  await k.call(gw, 'CHANNEL_HOLD', 'c', k.parent);
  await k.call(gw, 'CHANNEL_HOLD', 'c');
  await k.publish(gw, 'presence', 'dialog.up%2Eexample.c', { 'Event-Name': 'update' });
  assert.strictEqual((await socket.event()).routing_key, `call.${k.A}.CHANNEL_HOLD.c`);
  assert.strictEqual((await socket.event()).subscribed_key, 'presence.dialog.*');

  await t.test('kazoo row 24: requests through the socket', async () => {
    assert.deepStrictEqual(await socket.succeed({ action: 'api', data: { endpoint: 'about_me', verb: 'post', body: { a: 1.50 } } }),
      { data: { method: 'POST', url: '/v2/about_me', body: '{"a":1.5}' }, status: 'success' });
    assert.strictEqual((await socket.succeed({ action: 'api', data: { endpoint: `/accounts/${k.A}` } })).data.realm, 'up.example');
    await socket.refused({ action: 'api', data: {} }, 'missing required keys : endpoint');
    await socket.refused({ action: 'api', data: { endpoint: '../secret' } }, 'the api request is not allowed');
  });
  await t.test('kazoo section 8: the HTTP API asks it too', async () => {
    const list = (account, name) => k.api(gw, `/accounts/${account}/websockets`, { token: name });
    const answer = await list(k.A, 'up-parent');
    assert.deepStrictEqual([answer.status, answer.json.data.length], [200, 1]);
    assert.strictEqual((await list(k.B, 'up-parent')).status, 403);
    assert.strictEqual((await list(k.A, 'XX')).status, 401);
  });
  await t.test('kazoo section 5: a Crossbar that does not answer', async (s) => {
    crossbar.broken = true;
    const other = await k.open(s, gw);
    await other.refused(subscribe('up-a', k.A), 'tokens cannot be authenticated now');
    await socket.refused(subscribe(undefined, k.A, 'call.*.*'), 'accounts cannot be authorized now');
    assert.strictEqual((await k.api(gw, `/accounts/${k.A}/websockets`, { token: 'up-a' })).status, 503);
    crossbar.broken = false;
    await other.succeed(subscribe('up-a', k.A));
  });
  await t.test('kazoo section 5: a client that leaves while it is asked about', async (s) => {
    crossbar.answer = () => {};
    const asked = crossbar.requests.length;
    const other = await k.open(s, gw);
    other.client.send(subscribe('up-a', k.A));
    await waitFor('the question', () => crossbar.requests.length > asked);
    other.client.close();
    await waitFor('its end', async () => (await gw.metric('dragoman_sessions_open')) <= 2);
  });
});
