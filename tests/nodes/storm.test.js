// SPDX-License-Identifier: Apache-2.0
// The clients of a gateway that dies, at another one.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../support/gateway');
const amqp = require('../support/amqp');
const { vhost } = require('../support/rabbitmq');
const n = require('./nodes');

const keys = Array.from({ length: 12 }, (_, i) => `door.${i}`);

test('nodes: who returns after a loss asks the broker for each key once', async (t) => {
  const broker = await vhost(t);
  const [a, b] = await n.startAll(t, broker, ['a', 'b'], { bus: amqp });
  const between = (binding) => binding.includes(' dragoman.nodes.');
  const asked = () => waitFor('one binding for each key', async () => {
    const now = (await broker.bindings()).filter((binding) => !between(binding));
    return now.join() === keys.map((key) => `${amqp.channel} ${key}`).sort().join();
  });
  const join = (gw) => Promise.all(Array.from({ length: 240 }, async (_, i) => {
    const client = await n.open(t, gw);
    assert.match(await n.ask(client, `lit ${amqp.channel} ${keys[i % keys.length]} 1`), /^subscribed/);
    return client;
  }));
  const first = await join(b);
  await asked();
  await b.stop({ signal: 'SIGKILL', code: null });
  await Promise.all(first.map((client) => client.closed()));
  await n.seen([a], 0);
  const again = await join(a);
  await asked();
  await broker.pub(amqp.channel, 'door.7', 'open');
  const got = await Promise.all(again.filter((_, i) => i % keys.length === 7).map((client) => client.next()));
  assert.deepStrictEqual(got, got.map(() => '1:open'));
});
