// SPDX-License-Identifier: Apache-2.0
// Several gateways on each kind of broker: which one it is stands in the configuration and nowhere else.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../support/gateway');
const { vhost } = require('../support/rabbitmq');
const { startMosquitto } = require('../support/mosquitto');
const { startNats } = require('../support/nats_server');
const { startRedis } = require('../support/redis_server');
const amqp = require('../support/amqp');
const nats = require('../support/nats');
const redis = require('../support/redis');
const mqtt = require('../support/mqtt');
const n = require('./nodes');

const brokers = {
  'amqp, a topic exchange': { start: vhost, bus: amqp },
  'amqp, a headers exchange': { start: vhost, bus: amqp, settings: { exchanges: { [amqp.channel]: { declare: true, type: 'headers' } } } },
  mqtt: { start: startMosquitto, bus: mqtt },
  nats: { start: startNats, bus: nats, settings: {} },
  redis: { start: startRedis, bus: redis, settings: {} },
  // What nodes say to each other is of the moment; a stream keeps what is not.
  'redis, a stream for events and a channel for the nodes': { start: startRedis, bus: redis, settings: { streams: ['events'] },
    more: (broker) => ({ nodes: { plugin: 'redis', settings: redis.busSettings(broker) } }) },
};

for (const [title, { start, bus, settings, more }] of Object.entries(brokers)) {
  test(`nodes: they deliver, list sessions and count users on ${title}`, async (t) => {
    const broker = await start(t);
    const [a, b] = await n.startAll(t, broker, ['a', 'b'], { bus, settings, more: more && more(broker), limits: { connections_per_user: 2 } });
    const clients = await Promise.all([a, b].map((gw) => n.open(t, gw)));
    for (const client of clients) {
      assert.strictEqual(await n.ask(client, 'auth ann'), 'auth 0 ann');
      assert.match(await n.ask(client, `sub ${bus.channel} # 1`), /^subscribed/);
    }
    for (const gw of [a, b]) {
      const list = await n.sessions(gw, 'probe');
      assert.deepStrictEqual([list.sessions.map((s) => `${s.user}@${s.node}`).sort(), list.complete], [['ann@a', 'ann@b'], undefined]);
    }
    for (const gw of [a, b]) {
      await waitFor('the quota', async () => {
        const third = await n.open(t, gw);
        const answer = await n.ask(third, 'auth ann');
        third.close();
        return answer === 'auth -1 Too many connections of this user';
      });
    }
    // A subscription reaches the broker a moment after the client is told; from the first of them on all come.
    await waitFor('the subscriptions', async () => {
      for (const gw of [a, b]) await gw.admin('/publish?bus=broker', { channel: bus.channel, key: 'x.y', body: 'early' });
      return clients.every((client) => client.messages.length >= 2);
    });
    for (const [i, gw] of [a, b].entries()) await gw.admin('/publish?bus=broker', { channel: bus.channel, key: 'x.y', body: `from ${i}` });
    for (const client of clients) {
      let event;
      do event = await client.next(); while (event === '1:early');
      assert.deepStrictEqual([event, await client.next()], ['1:from 0', '1:from 1']);
    }
    await b.stop();
    await n.seen([a], 0);
    await waitFor('the line in the log', () => /node left" node=b id=\w+ why="it stops"/.test(a.log));
    assert.deepStrictEqual((await n.sessions(a, 'probe')).sessions.map((s) => s.node), ['a']);
  });
}
