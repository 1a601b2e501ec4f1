// SPDX-License-Identifier: Apache-2.0
// Reload of a bus with a broker: what has changed is connected beside the old, which goes with the last session that is on it.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../support/gateway');
const { reload, change } = require('../support/reload');
const r = require('../support/redis');
const { startRedis } = require('../support/redis_server');

test('reload: a bus that has changed, and one that has not', async (t) => {
  const [first, second] = [await startRedis(t), await startRedis(t)];
  const options = (rate, more = {}) => ({ dialects: ['probe', 'valtronics'], top: [`reload: {drain_rate: ${rate}}`], ...more });
  const gw = await r.start(t, first, options(1));
  const old = [];
  for (let i = 0; i < 3; ++i) old.push(await r.probe(t, gw));
  for (const probe of old) await probe.pattern('door.#');
  const hears = async (probe, server) => {
    const text = `${Math.random()}`;
    await server.pub('door.1', text);
    assert.strictEqual(await probe.next(), `1:${text}`);
  };
  await waitFor('the subscription', async () => (await first.subscriptions()).patterns > 0);
  await hears(old[2], first);
  const again = await reload(gw, r.config(first, options(1)));
  assert.deepStrictEqual([change(again, 'bus', 'broker'), change(again, 'mount', 'probe')], ['kept', 'kept']);
  assert.strictEqual(await gw.metric('dragoman_bus_connections_total'), 1);

  const report = await reload(gw, r.config(second, options(1)));
  assert.deepStrictEqual([change(report, 'bus', 'broker'), change(report, 'mount', 'probe'), change(report, 'mount', 'valtronics')], ['changed', 'changed', 'changed']);
  const fresh = await r.probe(t, gw);
  await fresh.pattern('door.#');
  await r.connected(gw);
  await waitFor('the subscription at the other broker', async () => (await second.subscriptions()).patterns > 0);
  await hears(fresh, second);
  // Who is left is still on the old one.
  const text = 'to those who are left';
  await first.pub('door.1', text);
  const ends = await Promise.all(old.map(async ({ client }) => {
    const got = [];
    client.socket.on('message', (data) => got.push(data.toString()));
    got.push(...client.messages);
    const { code } = await client.closed();
    return { code, heard: got.includes(`1:${text}`) };
  }));
  assert.deepStrictEqual(ends.map((e) => e.code), [1001, 1001, 1001]);
  assert.ok(ends.some((e) => e.heard), JSON.stringify(ends));
  await waitFor('the old bus to leave its broker', async () => {
    const { channels, patterns } = await first.subscriptions();
    return channels.length === 0 && patterns === 0;
  });
  await hears(fresh, second);
  assert.strictEqual(await gw.metric('dragoman_bus_connections_total'), 2);
});
