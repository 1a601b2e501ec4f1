// SPDX-License-Identifier: Apache-2.0
// Reload while events come: sessions of unchanged mounts get each event once, and so do those of mounts that change, up to their close.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { startGateway, waitFor, adminToken } = require('../support/gateway');
const { reload, change } = require('../support/reload');
const { connect } = require('../support/client');
const h = require('../dialects/honeytrap/honeytrap');

test('reload: many times under load, unchanged mounts lose nothing', async (t) => {
  const mount = (name, limit) => `  ${name}: {plugin: wazo, listen: [{listener: l, path: "/${name}"}], bus: main, authenticator: demo, limits: {subscriptions: ${limit}}, settings: {tls: "off"}}`;
  const configuration = (limit) => [
    'threads: 2',
    'listeners: {l: {address: "127.0.0.1:0"}}',
    'buses: {main: {plugin: embedded}}',
    'authenticators: {demo: {type: static, tokens: [{token: t, grants: [websocketd, "#"]}]}}',
    'mounts:', mount('kept', 100), mount('other', limit),
    'reload: {drain_rate: 100000}',
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
    '',
  ].join('\n');
  const gw = await startGateway(t, configuration(10));
  const clients = [];
  for (let i = 0; i < 10; ++i) {
    const client = await connect(t, `ws://127.0.0.1:${gw.port('l')}/${i % 2 ? 'kept' : 'other'}?token=t`);
    await client.next();
    for (const message of [{ op: 'subscribe', data: { event_name: '*' } }, { op: 'start' }]) {
      client.send(message);
      await client.next();
    }
    client.numbers = [];
    client.socket.removeAllListeners('message');
    client.socket.on('message', (data) => client.numbers.push(JSON.parse(data.toString()).n));
    clients.push(client);
  }
  let n = 0, over = false;
  const publisher = (async () => {
    while (!over) await gw.publish({ channel: 'xivo', key: 'k', body: JSON.stringify({ name: 'x', required_acl: null, n: ++n }) });
  })();
  for (let round = 1; round <= 8; ++round) {
    const report = await reload(gw, configuration(10 + round));
    assert.deepStrictEqual([change(report, 'mount', 'kept'), change(report, 'mount', 'other')], ['kept', 'changed']);
  }
  over = true;
  await publisher;
  const kept = clients.filter((_, i) => i % 2), drained = clients.filter((_, i) => !(i % 2));
  await waitFor('the last event', () => kept.every((c) => c.numbers.at(-1) === n));
  for (const client of drained) assert.strictEqual((await client.closed()).code, 1001);
  for (const client of clients) assert.deepStrictEqual(client.numbers, client.numbers.map((_, i) => i + 1));
  for (const client of kept) assert.strictEqual(client.numbers.length, n);
  await waitFor('what is gone to end', () => gw.log.match(/msg=drained/g)?.length === 8);
});

test('reload: a mount with a journal pushes each event once to old and new sessions', async (t) => {
  const options = (limit, rate) => `${h.config({ limits: { subscriptions: limit } })}reload: {drain_rate: ${rate}}\n`;
  const gw = await startGateway(t, options(100, 1));
  const old = [await h.dashboard(t, gw), await h.dashboard(t, gw), await h.dashboard(t, gw), await h.dashboard(t, gw)];
  const seen = (client) => { client.pushed = []; client.socket.on('message', (data) => client.pushed.push(data.toString())); };
  old.forEach(seen);
  const report = await reload(gw, options(101, 1));
  assert.strictEqual(change(report, 'mount', 'honeytrap'), 'changed');
  const fresh = await h.dashboard(t, gw);
  seen(fresh);
  for (let n = 0; n < 5; ++n) await h.publish(gw, h.event({ n }), { id: `id.${n}` });
  await waitFor('the events', () => fresh.pushed.length >= 5);
  const numbers = (client) => client.pushed.map((m) => JSON.parse(m).payload[0].n);
  assert.deepStrictEqual(numbers(fresh), [0, 1, 2, 3, 4]);
  const stayed = old.filter((client) => client.socket.readyState === 1);
  assert.ok(stayed.length > 0);
  await waitFor('the events at those who wait to be closed', () => stayed.every((c) => c.pushed.length >= 5 || c.socket.readyState !== 1));
  for (const client of stayed) assert.deepStrictEqual(numbers(client), [0, 1, 2, 3, 4].slice(0, client.pushed.length));
  assert.strictEqual((await h.getEvents(gw, '/events')).total, 5, 'and stored once');
});
