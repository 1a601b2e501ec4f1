// SPDX-License-Identifier: Apache-2.0
// Sessions of several gateways, asked of one of them.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../support/gateway');
const { startMosquitto } = require('../support/mosquitto');
const k = require('../dialects/kazoo/kazoo');
const n = require('./nodes');

test('nodes: sessions are listed wherever they are', async (t) => {
  const broker = await startMosquitto(t);
  const gateways = await n.startAll(t, broker, ['a', 'b', 'c']);
  const [a, b, c] = gateways;
  for (const gw of [a, b, b, c, c, c]) assert.strictEqual(await n.ask(await n.open(t, gw), 'auth ann'), 'auth 0 ann');
  for (const gw of gateways) {
    const list = await n.sessions(gw, 'probe');
    assert.deepStrictEqual(list.sessions.map((s) => s.node).sort(), ['a', 'b', 'b', 'c', 'c', 'c']);
    assert.strictEqual(list.total, 6);
    assert.ok(list.sessions.every((s) => s.user === 'ann'));
    assert.strictEqual(list.complete, undefined);
  }
  await t.test('a node that does not answer is not waited for', async () => {
    c.child.kill('SIGSTOP');
    const list = await n.sessions(a, 'probe');
    assert.deepStrictEqual([list.total, list.complete], [3, false]);
    await n.seen([a, b], 1);
    assert.deepStrictEqual([(await n.sessions(a, 'probe')).complete], [undefined]);
    c.child.kill('SIGCONT');
    await n.seen(gateways);
    assert.strictEqual((await n.sessions(b, 'probe')).total, 6);
  });
  await t.test('one that is killed, and one that stops', async () => {
    await c.stop({ signal: 'SIGKILL', code: null });
    await n.seen([a, b], 1);
    assert.strictEqual((await n.sessions(b, 'probe')).total, 3);
    await b.stop();
    await n.seen([a], 0);
  await waitFor('the line in the log', () => /node left" node=b id=\w+ why="it stops"/.test(a.log));
  });
  await t.test('without the broker nobody knows', async () => {
    await broker.stop();
    await waitFor('the loss of the broker', async () => (await n.sessions(a, 'probe')).complete === false);
    assert.strictEqual((await n.sessions(a, 'probe')).total, 1);
  });
});

test('nodes: what dialects register is found wherever it is (dgm.registry/1)', async (t) => {
  const broker = await startMosquitto(t);
  const [a, b] = await n.startAll(t, broker, ['a', 'b']);
  const binding = { action: 'subscribe', auth_token: 'ann', data: { account_id: n.account, binding: 'call.CHANNEL_CREATE.*' } };
  for (const gw of [a, b]) {
    const socket = await k.open(t, gw);
    await socket.succeed(binding);
  }
  const path = `/accounts/${n.account}/websockets`;
  const api = (gw, target) => k.api(gw, target, { token: 'ann' });
  const here = (await api(a, path)).json.data;
  assert.strictEqual(here.length, 2);
  assert.deepStrictEqual((await api(b, path)).json.data.map((s) => s.websocket_session_id).sort(), here.map((s) => s.websocket_session_id).sort());
  for (const { websocket_session_id: id } of here)
    for (const gw of [a, b]) assert.strictEqual((await api(gw, `${path}/${id}`)).status, 200, id);
  assert.strictEqual((await api(a, `${path}/${'0'.repeat(32)}`)).status, 404);
});

test('nodes: their messages reach no client', async (t) => {
  const broker = await startMosquitto(t);
  const [a] = await n.startAll(t, broker, ['a', 'b']);
  const client = await n.open(t, a);
  assert.match(await n.ask(client, 'sub iot # 1'), /^subscribed/);
  await waitFor('some heartbeats', () => broker.log.split("Received PUBLISH from b").length > 5);
  await broker.pub('x/y', 'an event');
  assert.strictEqual(await client.next(), '1:an event');
  for (const bad of ['', '{', '[]', '{"from":1,"kind":"hello"}', '{"from":"x","kind":"hello"}', '{"from":"x","kind":"ask"}', `{"from":"${'x'.repeat(99)}","kind":"bye"}`])
    await broker.pub('dragoman/nodes/all', bad);
  await broker.pub('x/y', 'another');
  assert.strictEqual(await client.next(), '1:another');
  assert.strictEqual(await n.others(a), 1);
});
