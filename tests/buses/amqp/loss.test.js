// SPDX-License-Identifier: Apache-2.0
// The bus amqp when its broker goes away, hangs or takes nothing. These tests have a server of their own, one after another.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../../support/gateway');
const a = require('../../support/amqp');
const rabbit = require('../../support/rabbitmq');

async function broker(t) {
  return (await rabbit.ownRabbitMQ()).vhost(t);
}
const logged = (gw, pattern) => waitFor(`${pattern}`, () => pattern.test(gw.log));

test('amqp: a broker that is killed and comes back', async (t) => {
  const vhost = await broker(t);
  const gw = await a.start(t, vhost, { dialects: ['probe'], limits: { subscriptions: 2000 } });
  const probe = await a.probe(t, gw);
  const keys = Array.from({ length: 900 }, (_, i) => `door.${i}`);
  for (const key of keys) await probe.literal(key, 1);
  await waitFor('the bindings', async () => (await vhost.bindings()).length === keys.length);
  await vhost.server.stop();
  await a.degraded(gw);
  const ready = await gw.request('GET', '/readyz');
  assert.deepStrictEqual([ready.status, ready.json.reasons], [200, ['bus broker is not connected']]);
  await gw.counted(0, 'dragoman_bus_connected');
  await a.publish(gw, 'door.1', 'x', {}, 503);
  // What is asked for and given up meanwhile counts too.
  await probe.unsubscribe(await probe.literal('hall.1', 1));
  await probe.literal('window.1', 1);
  await vhost.server.start();
  await a.connected(gw);
  // All of them are there by then.
  assert.deepStrictEqual(await vhost.bindings(), [...keys, 'window.1'].map((key) => `events ${key}`).sort());
  assert.deepStrictEqual([await gw.metric('dragoman_bus_connected'), await gw.metric('dragoman_bus_connections_total')], [1, 2]);
  await a.publish(gw, 'window.1', 'open');
  assert.strictEqual(await probe.next(), '1:open');
});

test('amqp: a broker that stops in order', async (t) => {
  const vhost = await broker(t);
  const gw = await a.start(t, vhost, { dialects: ['probe'] });
  const probe = await a.probe(t, gw);
  await probe.pattern('#', 1);
  await vhost.server.stop('SIGTERM');
  await a.degraded(gw);
  await logged(gw, /bus lost.*it has ended the connection: CONNECTION_FORCED/);
  await vhost.server.start();
  await a.connected(gw);
  await a.publish(gw, 'a', 'x');
  assert.strictEqual(await probe.next(), '1:x');
});

test('amqp: a broker that hangs', async (t) => {
  const vhost = await broker(t);
  const gw = await a.start(t, vhost, { dialects: ['probe'], settings: { heartbeat: '1s', publish_timeout: '500ms', connect_timeout: '1s' } });
  const probe = await a.probe(t, gw);
  await probe.literal('a', 1);
  await vhost.server.signal('SIGSTOP');
  try {
    await a.publish(gw, 'a', 'x', {}, 503);
    await a.degraded(gw);
    await a.publish(gw, 'a', 'x', {}, 503);
  } finally {
    vhost.server.signal('SIGCONT');
  }
  await a.connected(gw);
  await a.publish(gw, 'a', 'y');
  // The first may have come: nobody said that it has not been published.
  await waitFor('the event', async () => await probe.next() === '1:y');
});

test('amqp: the gateway ends while the broker hangs', async (t) => {
  const vhost = await broker(t);
  for (const url of [vhost.url, vhost.tlsUrl]) {
    const gw = await a.start(t, vhost, { dialects: ['probe'], settings: { url, ca: vhost.ca, connect_timeout: '300s', publish_timeout: '300s' } });
    vhost.server.signal('SIGSTOP');
    try {
      const answer = gw.publish({ channel: 'events', key: 'a', body: 'x' }, 503).catch((error) => error);
      // It asks the broker for a binding too.
      await (await a.probe(t, gw)).literal('a', 1);
      const began = Date.now();
      await gw.stop();
      assert.ok(Date.now() - began < 10000);
      await answer;
    } finally {
      vhost.server.signal('SIGCONT');
    }
  }
});

test('amqp: a broker whose memory is full', async (t) => {
  const vhost = await broker(t);
  const gw = await a.start(t, vhost, { dialects: ['probe'], settings: { publish_timeout: '500ms', queue_bytes: '64MiB' } });
  const probe = await a.probe(t, gw);
  await probe.literal('a', 1);
  await vhost.server.ctl('set_vm_memory_high_watermark', '0.0000001');
  try {
    await a.publish(gw, 'a', 'lost perhaps', {}, 503);
    await logged(gw, /the broker takes nothing for now/);
    await a.publish(gw, 'a', 'refused', {}, 503);
    assert.deepStrictEqual(await a.reasons(gw), []);
  } finally {
    await vhost.server.ctl('set_vm_memory_high_watermark', 'absolute', '4GB');
  }
  await waitFor('the broker to take events', async () => {
    const answer = await gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/json' }, body: '{"channel":"events","key":"a","body":"end"}' });
    return answer.status === 200;
  });
  await waitFor('the event', async () => await probe.next() === '1:end');
  // More than sockets hold, before the broker has said that it is full.
  await vhost.server.ctl('set_vm_memory_high_watermark', '0.0000001');
  try {
    await Promise.all(Array.from({ length: 30 }, () => a.publish(gw, 'b', 'x'.repeat(900000), {}, 503)));
  } finally {
    await vhost.server.ctl('set_vm_memory_high_watermark', 'absolute', '4GB');
  }
  await a.connected(gw);
});

test('amqp: a queue that is deleted is made again', async (t) => {
  const vhost = await broker(t);
  const gw = await a.start(t, vhost, { dialects: ['probe'], settings: { queue: 'mine' } });
  const probe = await a.probe(t, gw);
  await probe.literal('a', 1);
  await vhost.has('events a');
  await vhost.server.ask('DELETE', `/api/queues/${vhost.name}/mine`);
  await logged(gw, /bus lost.*the queue is gone/);
  await a.connected(gw);
  await a.publish(gw, 'a', 'x');
  assert.strictEqual(await probe.next(), '1:x');
});
