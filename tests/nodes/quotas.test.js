// SPDX-License-Identifier: Apache-2.0
// Quotas of users over several gateways.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../support/gateway');
const { startMosquitto } = require('../support/mosquitto');
const n = require('./nodes');

const refusal = 'auth -1 Too many connections of this user';

// Asks until it is as expected: the others know a moment later.
async function becomes(t, gw, expected, user = 'ann') {
  return waitFor(`"${expected}" from ${user}`, async () => {
    const client = await n.open(t, gw);
    if (await n.ask(client, `auth ${user}`) === expected) return client;
    client.close();
    return null;
  });
}

test('nodes: a user counts on all of them', async (t) => {
  const broker = await startMosquitto(t);
  const gateways = await n.startAll(t, broker, ['a', 'b', 'c'], { limits: { connections_per_user: 2 } });
  const [a, b, c] = gateways;
  const first = await becomes(t, a, 'auth 0 ann');
  await becomes(t, b, 'auth 0 ann');
  for (const gw of gateways) await becomes(t, gw, refusal);
  await becomes(t, c, 'auth 0 bob', 'bob');
  await t.test('who leaves one node finds room on another', async () => {
    first.close();
    await becomes(t, c, 'auth 0 ann');
    await becomes(t, a, refusal);
  });
  await t.test('a node that comes later knows', async (s) => {
    const d = await n.start(s, broker, 'd', { limits: { connections_per_user: 2 } });
    await n.seen([...gateways, d]);
    await becomes(s, d, refusal);
  });
  await t.test('what is missed without the broker is made up for', async () => {
    await broker.stop();
    for (const gw of gateways) await waitFor('the loss of the broker', async () => (await gw.metric('dragoman_bus_connected')) === 0);
    await n.seen(gateways, 0);
    // Alone each counts its own only.
    const more = await becomes(t, a, 'auth 0 ann');
    await broker.start();
    await n.seen(gateways);
    for (const gw of gateways) await becomes(t, gw, refusal);
    more.close();
    await becomes(t, a, refusal);
  });
  await t.test('the sessions of a killed node count no more', async () => {
    await c.stop({ signal: 'SIGKILL', code: null });
    await n.seen([a, b], 1);
    await becomes(t, a, 'auth 0 ann');
    await becomes(t, b, refusal);
  });
});
