// SPDX-License-Identifier: Apache-2.0
// kazoo digest sections 9 (row 19) and 10: clients that send nonsense or too much, that do not read, and the end of the gateway.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const k = require('./kazoo');
const { waitFor } = require('../../support/gateway');
const { startUpstream } = require('../../support/upstream');

const token = 'demo-account-token';
const ping = { action: 'ping', auth_token: token };
const subscribe = (data) => ({ action: 'subscribe', auth_token: token, data });
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);

test('kazoo section 3: messages of wrong shape', async (t) => {
  const gw = await k.start(t, { settings: { max_bucket_tokens: 1e6 } });
  const tests = [
    t.test('request ids that are no texts', async (s) => {
      const socket = await k.open(s, gw);
      for (const request_id of [5, null, true, {}, ['a'], '']) {
        socket.client.send({ ...ping, request_id });
        const reply = await socket.reply();
        assert.match(reply.request_id, /^[0-9a-f]{32}$/);
        assert.strictEqual(reply.status, 'success');
      }
      for (const request_id of ['\u0000', '"\\', '\u2028é💬', 'x'.repeat(10000)]) {
        socket.client.send({ ...ping, request_id });
        await socket.reply(request_id);
      }
    }),
    t.test('members of other types', async (s) => {
      const socket = await k.open(s, gw);
      await socket.refused(subscribe('x'), 'missing required keys in data object');
      await socket.refused(subscribe([]), 'missing required keys in data object');
      for (const value of [5, null, {}, [], '']) {
        await socket.refused(subscribe({ account_id: value, binding: 'call.*.*' }), 'missing required keys : account_id');
        await socket.refused(subscribe({ account_id: k.A, binding: value }), 'missing required keys : binding');
        await socket.refused(subscribe({ account_id: k.A, bindings: value === '' ? [''] : value }),
          value === '' ? 'no available subscriptions to requested binding' : 'missing required keys : binding');
      }
      for (const value of [5, null, {}, []]) await socket.refused({ ...ping, action: value }, 'unknown action noop');
      await socket.succeed({ ...ping, data: 'x', name: null, metadata: { a: JSON.parse(nested(20)) } });
    }),
    t.test('text that is no message', async (s) => {
      const socket = await k.open(s, gw);
      for (const text of [nested(33), nested(30000), '{"a":'.repeat(10000), '{"action":"ping"', '{"action":"ping"}x', '"\\ud800"', '', ' ', 'null', '\ufeff{}']) {
        socket.client.send(text);
        assert.deepStrictEqual((await socket.reply()).data, { errors: ['invalid message'] }, text.slice(0, 40));
      }
      await socket.succeed(ping);
    }),
    t.test('thousands of bindings', async (s) => {
      const socket = await k.open(s, gw);
      const bindings = Array.from({ length: 3500 }, (_, i) => `fax.status.${i.toString(36)}`);
      assert.deepStrictEqual(await socket.succeed(subscribe({ account_id: k.A, bindings: [...bindings, ...bindings.slice(0, 10)] })), { subscribed: bindings });
      await socket.refused(subscribe({ account_id: k.A, bindings: [...bindings, 'call.NOPE.*'] }), 'event NOPE not supported');
      await k.publish(gw, 'faxes', `fax.status.${k.A}.2p7`, { 'Event-Name': 'status' });
      assert.strictEqual((await socket.event()).subscribed_key, 'fax.status.2p7');
      const [listed] = (await k.sockets(gw)).filter((x) => x.bindings.length > 1);
      assert.match(listed.bindings.at(-1), /^\.\.\. \d+ more$/);
      // The mount's own limit, and nothing of what passes it.
      for (const from of [3500, 7000]) {
        const more = Array.from({ length: 3500 }, (_, i) => `fax.status.${(from + i).toString(36)}`);
        if (from === 3500) await socket.succeed(subscribe({ account_id: k.A, bindings: more }));
        else await socket.refused(subscribe({ account_id: k.A, bindings: more }), 'max bindings reached');
      }
      assert.strictEqual((await socket.succeed({ action: 'unsubscribe' })).unsubscribed.length, 7000);
      await socket.noEvent();
    }),
    t.test('bindings that are too long, or would be keys of others', async (s) => {
      const socket = await k.open(s, gw);
      await socket.refused(subscribe({ account_id: k.A, binding: `fax.status.${'x'.repeat(300)}` }), 'invalid format for fax subscription : too long');
      for (const binding of ['conference.event.#.x', 'conference.event.*.x', 'conference.command.#', 'conference.event.lock.*.x'])
        await socket.refused(subscribe({ account_id: k.A, binding }), 'ConferenceId required');
      await socket.refused(subscribe({ account_id: k.A, binding: 'call.#.x' }), 'event # not supported');
      await socket.refused(subscribe({ account_id: k.A, binding: 'object.#.#' }), 'event #.# not supported');
    }),
  ];
  await Promise.all(tests);
});

test('kazoo row 19: a client that does not read loses events, never replies', async (t) => {
  const gw = await k.start(t, { threads: 1, limits: { queue_messages: 50, write_stall: 0, ping_interval: 0 } });
  const socket = await k.open(t, gw);
  await socket.subscribe('fax.status.*');
  socket.client.socket.pause();
  const large = 'x'.repeat(50_000);
  await waitFor('drops', async () => {
    for (let i = 0; i < 50; i += 1) await k.publish(gw, 'faxes', `fax.status.${k.A}.f`, { large });
    return (await gw.metric('dragoman_drops_total', 'reason="oldest_dropped"')) > 0;
  });
  const ids = Array.from({ length: 20 }, (_, i) => `p${i}`);
  for (const id of ids) socket.client.send({ ...ping, request_id: id });
  for (let i = 0; i < 100; i += 1) await k.publish(gw, 'faxes', `fax.status.${k.A}.f`, { large });
  socket.client.socket.resume();
  for (const id of ids) assert.strictEqual((await socket.reply(id)).status, 'success');
  await socket.succeed(ping);
});

test('kazoo row 19: or is closed', async (t) => {
  const gw = await k.start(t, { threads: 1, limits: { queue_messages: 50, overflow: 'close', close_timeout: '100ms', write_stall: 0, ping_interval: 0 } });
  const socket = await k.open(t, gw);
  await socket.subscribe('fax.status.*');
  socket.client.socket.pause();
  await waitFor('the end', async () => {
    for (let i = 0; i < 50; i += 1) await k.publish(gw, 'faxes', `fax.status.${k.A}.f`, { large: 'x'.repeat(50_000) });
    return (await gw.metric('dragoman_sessions_ended_total', 'reason="slow_reader"')) === 1;
  });
});

test('kazoo section 2: events do not keep an idle client', async (t) => {
  const gw = await k.start(t, { settings: { idle_timeout: '600ms' } });
  const socket = await k.open(t, gw);
  await socket.subscribe('fax.status.*');
  let ended = false;
  const end = socket.client.closed().then((r) => { ended = true; return r; });
  while (!ended) await k.publish(gw, 'faxes', `fax.status.${k.A}.f`, { 'Event-Name': 'status' });
  assert.strictEqual((await end).code, 1000);
  assert.ok(socket.client.messages.length > 0);
});

test('kazoo: the gateway ends while a Crossbar is asked', async (t) => {
  const crossbar = await startUpstream(t, () => {});
  const gw = await k.start(t, { upstream: { url: crossbar.url }, settings: { token_check: 'crossbar', crossbar: 'crossbar', request_timeout: '60s' } });
  const socket = await k.open(t, gw);
  socket.client.send({ ...ping, auth_token: 'slow' });
  await waitFor('the question', () => crossbar.requests.length === 1);
  const end = socket.client.closed();
  await gw.stop();
  assert.strictEqual((await end).code, 1001);
});
