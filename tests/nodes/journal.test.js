// SPDX-License-Identifier: Apache-2.0
// Gateways that share a journal in PostgreSQL and hear the same events from one broker.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const h = require('../dialects/honeytrap/honeytrap');
const { startGateway, waitFor, adminToken } = require('../support/gateway');
const { startPostgres } = require('../support/postgres');
const { startRedis } = require('../support/redis_server');
const { vhost } = require('../support/rabbitmq');
const amqp = require('../support/amqp');
const redis = require('../support/redis');

const events = 300;
const one = (i) => h.event({ sensor: 'ping', message: `event ${i}` });

function start(t, database, bus, settings) {
  const channel = bus.plugin === 'redis' ? redis.channel : 'honeytrap';
  return startGateway(t, [
    'threads: 2',
    'listeners: {h: {address: "127.0.0.1:0"}}',
    `buses: {broker: {plugin: ${bus.plugin}, settings: ${JSON.stringify(settings)}}}`,
    `journals: {main: ${JSON.stringify({ plugin: 'postgres', settings: { connection: database.connection, timeout_ms: 5000 } })}}`,
    'mounts:',
    `  honeytrap: {plugin: honeytrap, listen: [{listener: h, path: /}], bus: broker, journal: main, settings: {channel: ${channel}}}`,
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
    ''].join('\n'));
}

// publish: the event number i, with an id that all nodes see.
async function check(t, gateways, publish) {
  const dashboards = await Promise.all(gateways.map((gw) => h.dashboard(t, gw)));
  // Round trips: subscribed.
  for (const client of dashboards) assert.deepStrictEqual(await h.fetched(client), []);
  for (let i = 0; i < events; i += 1) await publish(i);
  // Every dashboard has been pushed every event, so every node has offered it to the journal.
  for (const client of dashboards) {
    const names = new Set();
    while (names.size < events) {
      const { payload } = await h.next(client);
      for (const event of [payload].flat()) {
        assert.ok(!names.has(event.message), `${event.message} twice`);
        names.add(event.message);
      }
    }
  }
  const stored = (await h.fetched(await h.dashboard(t, gateways[0]))).map((event) => event.message);
  assert.strictEqual(stored.length, events);
  assert.strictEqual(new Set(stored).size, events);
}

test('nodes: a journal in PostgreSQL stores an event of RabbitMQ once, by its message id', async (t) => {
  const [database, host] = await Promise.all([startPostgres(t), vhost(t)]);
  const settings = amqp.busSettings(host, { exchanges: { honeytrap: { declare: true } } });
  const gateways = await Promise.all([1, 2].map(() => start(t, database, amqp, settings)));
  await waitFor('both nodes', async () => (await host.bindings()).filter((x) => x === 'honeytrap #').length === 2);
  await check(t, gateways, (i) => host.pub('honeytrap', 'e', one(i), { messageId: `event-${i}` }));
});

test('nodes: a journal in PostgreSQL stores an entry of a Redis stream once', async (t) => {
  const [database, broker] = await Promise.all([startPostgres(t), startRedis(t)]);
  const settings = redis.busSettings(broker, { streams: ['events'] });
  const gateways = await Promise.all([1, 2].map(() => start(t, database, redis, settings)));
  await check(t, gateways, (i) => broker.add('events', { key: 'e', body: JSON.stringify(one(i)) }));
});
