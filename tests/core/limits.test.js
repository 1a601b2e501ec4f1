// SPDX-License-Identifier: Apache-2.0
// The quotas of a mount: how many sessions in all, of an address and of a user, how fast they come, how fast they talk.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../support/gateway');
const { raw, upgrade } = require('../support/client');
const { startProbe, open, ask } = require('./probe');

const refusals = (gw, limit) => gw.metric('dragoman_limit_refusals_total', `limit="${limit}"`);
async function refused(t, gw) {
  const r = raw(t, gw.port('main'));
  r.write(upgrade('/'));
  const head = await r.end();
  return { status: Number(head.slice(9, 12)), retry: Number(/Retry-After: (\d+)\r/.exec(head)?.[1]) };
}

test('limits: connections in all, over all shards', async (t) => {
  const gw = await startProbe(t, { threads: 2, limits: { connections: 5 } });
  const clients = [];
  for (let i = 0; i < 5; ++i) clients.push(await open(t, gw));
  assert.strictEqual((await refused(t, gw)).status, 503);
  clients[0].socket.terminate();
  await waitFor('a free place', async () => (await gw.metric('dragoman_sessions_open')) === 4);
  await open(t, gw);
  assert.strictEqual(await refusals(gw, 'connections'), 1);
});

test('limits: connections of an address', async (t) => {
  const gw = await startProbe(t, { threads: 2, limits: { connections_per_address: 3 } });
  const clients = [];
  for (let i = 0; i < 3; ++i) clients.push(await open(t, gw));
  const no = await refused(t, gw);
  assert.strictEqual(no.status, 429);
  assert.ok(no.retry >= 1);
  for (const c of clients) c.socket.close();
  await waitFor('free places', async () => (await gw.metric('dragoman_sessions_open')) === 0);
  for (let i = 0; i < 3; ++i) await open(t, gw);
  assert.strictEqual(await refusals(gw, 'connections_per_address'), 1);
});

test('limits: attempts of an address within a minute', async (t) => {
  const gw = await startProbe(t, { threads: 2, limits: { connections_per_minute: 4, connections: 3 } });
  for (let i = 0; i < 3; ++i) await open(t, gw);
  assert.strictEqual((await refused(t, gw)).status, 503, 'a refused attempt counts too');
  const no = await refused(t, gw);
  assert.strictEqual(no.status, 429);
  assert.ok(no.retry > 30 && no.retry <= 60, String(no.retry));
  assert.strictEqual(await refusals(gw, 'connections_per_minute'), 1);
});

test('limits: connections of a user', async (t) => {
  const gw = await startProbe(t, { threads: 2, limits: { connections_per_user: 2 }, tokens: [{ token: 'again', user: 'alice' }, { token: 'bob', user: 'bob' }] });
  const clients = [];
  for (let i = 0; i < 4; ++i) clients.push(await open(t, gw));
  assert.strictEqual(await ask(clients[0], 'auth alice'), 'auth 0 alice');
  assert.strictEqual(await ask(clients[0], 'auth again'), 'auth 0 alice', 'the same user counts once in a session');
  assert.strictEqual(await ask(clients[1], 'auth again'), 'auth 0 alice');
  assert.strictEqual(await ask(clients[2], 'auth alice'), 'auth -1 Too many connections of this user');
  assert.strictEqual(await ask(clients[2], 'auth bob'), 'auth 0 bob');
  assert.strictEqual(await ask(clients[1], 'auth bob'), 'auth 0 bob', 'who becomes another user frees a place');
  assert.strictEqual(await ask(clients[3], 'auth alice'), 'auth 0 alice');
  clients[3].socket.terminate();
  await waitFor('a free place', async () => (await gw.metric('dragoman_sessions_open')) === 3);
  const late = await open(t, gw);
  assert.strictEqual(await ask(late, 'auth alice'), 'auth 0 alice');
  assert.strictEqual(await refusals(gw, 'connections_per_user'), 1);
});

test('limits: messages within a second', async (t) => {
  const gw = await startProbe(t, { limits: { messages_per_second: 20 } });
  const c = await open(t, gw);
  for (let i = 0; i < 20; ++i) c.send('hello');
  for (let i = 0; i < 20; ++i) assert.strictEqual(await c.next(), 'echo hello');
  for (let i = 0; i < 21; ++i) c.send('hello');
  assert.deepStrictEqual(await c.closed(), { code: 1008, reason: 'too many messages' });
  assert.ok(await refusals(gw, 'messages_per_second') >= 1);
});
