// SPDX-License-Identifier: Apache-2.0
// What becomes of sessions when the bus is lost: on_bus_loss, with Mosquitto as the bus. wazo digest statements 51-53.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../support/gateway');
const { connect } = require('../support/client');
const m = require('../support/mqtt');
const w = require('../dialects/wazo/wazo');
const { startMosquitto } = require('../support/mosquitto');

const ended = (gw, mount) => gw.metric('dragoman_sessions_ended_total', `mount="${mount}",reason="bus_lost"`);

test('bus loss: hold keeps sessions and takes new ones', async (t) => {
  const broker = await startMosquitto(t);
  const gw = await m.start(t, broker, { dialects: ['probe', 'wazo'] });
  const { client, literal } = await m.probe(t, gw);
  await literal('door.1', 1);
  const wazo = await w.listening(t, gw);
  await broker.stop();
  await m.degraded(gw);
  const late = await w.listening(t, gw);
  await broker.start();
  await m.connected(gw);
  await broker.pub('door/1', 'open');
  assert.strictEqual(await client.next(), '1:open');
  const event = w.event('back', null);
  await broker.pub('events/back', event);
  for (const session of [wazo, late]) assert.strictEqual(await session.next(), event);
  assert.strictEqual(await ended(gw, 'wazo'), 0);
});

test('wazo 51, 52, 53: close, in the words of wazo', async (t) => {
  const broker = await startMosquitto(t);
  const gw = await m.start(t, broker, { dialects: ['wazo'], mount: ['on_bus_loss: close'] });
  const clients = [await w.session(t, gw), await w.listening(t, gw), await w.listening(t, gw, ['*'], 'token=some-token-id&version=2')];
  await broker.stop();
  for (const client of clients) assert.deepStrictEqual(await client.closed(), { code: 1011, reason: 'bus connection lost' });
  assert.strictEqual(await ended(gw, 'wazo'), 3);
  for (const [query, end] of [['token=some-token-id', { code: 1011, reason: 'bus connection error' }], ['token=bad', { code: 4002, reason: 'authentication failed' }],
    ['', { code: 4001, reason: 'no token' }]]) {
    const client = await connect(t, w.url(gw, query));
    assert.deepStrictEqual(await client.closed(), end);
    assert.deepStrictEqual(client.messages, [], 'no init');
  }
  await broker.start();
  await m.connected(gw);
  const client = await w.listening(t, gw);
  await broker.pub('events/back', w.event('back', null));
  assert.strictEqual(await client.next(), w.event('back', null));
});

test('bus loss: close without words of the dialect is 1013, also for new sessions and before the bus was ever there', async (t) => {
  const broker = await startMosquitto(t);
  const closed = { code: 1013, reason: 'bus connection lost' };
  const gw = await m.start(t, broker, { dialects: ['probe'], mount: ['on_bus_loss: close'] });
  const url = `ws://127.0.0.1:${gw.port('probe')}/`;
  const { client } = await m.probe(t, gw);
  await broker.stop();
  assert.deepStrictEqual(await client.closed(), closed);
  assert.deepStrictEqual(await (await connect(t, url)).closed(), closed);
  const early = await m.start(t, broker, { dialects: ['probe'], mount: ['on_bus_loss: close'], wait: false });
  assert.deepStrictEqual(await (await connect(t, `ws://127.0.0.1:${early.port('probe')}/`)).closed(), closed);
  await broker.start();
  await m.connected(gw);
  // Each shard hears of it in its own time.
  assert.strictEqual(await waitFor('an event', async () => {
    try {
      const probe = await m.probe(t, gw);
      await probe.literal('door.1', 1);
      await broker.pub('door/1', 'open');
      return await probe.next();
    } catch {
      return null;
    }
  }), '1:open');
});

test('bus loss: every session that was there is closed, though the broker is back before all have been', async (t) => {
  const broker = await startMosquitto(t);
  const gw = await m.start(t, broker, { dialects: ['probe'], mount: ['on_bus_loss: close'] });
  const url = `ws://127.0.0.1:${gw.port('probe')}/`;
  const clients = await Promise.all(Array.from({ length: 400 }, () => connect(t, url)));
  await broker.stop();
  await Promise.race(clients.map((c) => c.closed()));
  await broker.start();
  await Promise.all(clients.map(async (c) => assert.strictEqual((await c.closed()).code, 1013)));
  await m.connected(gw);
  const after = await m.probe(t, gw);
  await after.literal('door.1', 1);
  await waitFor('the metric', async () => await ended(gw, 'probe') === 400);
});
