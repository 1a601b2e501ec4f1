// SPDX-License-Identifier: Apache-2.0
// The bus amqp: how it connects, and how much it takes.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const net = require('node:net');
const path = require('node:path');
const h = require('../../dialects/honeytrap/honeytrap');
const { startGateway, waitFor } = require('../../support/gateway');
const { freePort } = require('../../support/broker');
const a = require('../../support/amqp');
const rabbit = require('../../support/rabbitmq');

const logged = (gw, pattern) => waitFor(`${pattern}`, () => pattern.test(gw.log));

test('amqp: TLS', async (t) => {
  const broker = await rabbit.vhost(t);
  const refused = async (s, settings, why) => {
    const gw = await a.start(s, broker, { settings: { url: broker.tlsUrl, ...settings }, wait: false });
    await logged(gw, why);
    await a.degraded(gw);
  };
  await Promise.all([
    t.test('with its own authority', async (s) => {
      const gw = await a.start(s, broker, { dialects: ['probe'], settings: { url: broker.tlsUrl, ca: broker.ca } });
      const client = await a.probe(s, gw);
      await client.literal('a');
      await broker.has('events a');
      await a.publish(gw, 'a', 'x'.repeat(500000));
      assert.strictEqual(await client.next(), `1:${'x'.repeat(500000)}`);
    }),
    t.test('of another name', (s) => refused(s, { url: broker.tlsUrl.replace('localhost', '127.0.0.1'), ca: broker.ca },
      /certificate is not accepted: IP address mismatch/)),
    t.test('by no authority of the system', (s) => refused(s, {}, /certificate is not accepted: /)),
    t.test('where none is spoken', (s) => refused(s, { url: broker.url.replace('amqp:', 'amqps:'), ca: broker.ca }, /SSL handshake failed/)),
    t.test('not verified', async (s) => {
      const gw = await a.start(s, broker, { settings: { url: broker.tlsUrl.replace('localhost', '127.0.0.1'), verify: false } });
      assert.match(gw.log, /the broker's certificate is not verified/);
    }),
  ]);
});

test('amqp: a wrong password, a virtual host that is not there', async (t) => {
  const broker = await rabbit.vhost(t);
  const gw = await a.start(t, broker, { settings: { password: 'not the secret' }, wait: false });
  await logged(gw, /bus cannot be reached.*amqp:\/\/localhost:\d+: it refuses this client: ACCESS_REFUSED/);
  await a.degraded(gw);
  await a.publish(gw, 'a', 'x', {}, 503);
  assert.doesNotMatch(gw.log, /not the secret/);
  const other = await a.start(t, broker, { settings: { url: `${broker.url}-not` }, wait: false });
  await logged(other, /bus cannot be reached.*: NOT_ALLOWED - vhost/);
});

test('amqp: failover to another broker', async (t) => {
  const [first, second] = [await rabbit.vhost(t), await rabbit.vhost(t)];
  const gw = await a.start(t, first, { dialects: ['probe'],
    settings: { url: [`amqp://127.0.0.1:${await freePort()}`, 'amqp://no-such-host.invalid', first.url, second.url] } });
  assert.match(gw.log, /bus cannot be reached.*Connection refused/);
  const probe = await a.probe(t, gw);
  await probe.literal('a', 1);
  await first.has('events a');
  await a.publish(gw, 'a', 'x');
  assert.strictEqual(await probe.next(), '1:x');
  await first.server.ask('DELETE', `/api/vhosts/${first.name}`);
  await second.has('events a');
  await a.connected(gw);
  // What is published goes there too.
  const { messages } = await second.sub('events');
  await a.publish(gw, 'a', 'y');
  assert.strictEqual(await probe.next(), '1:y');
  await waitFor('the message', () => messages.length === 1);
});

// A honeytrap whose journal is on this bus.
async function honeytrap(t, broker, settings, { unlocked = false } = {}) {
  const file = path.join(h.directory(t), 'journal.sqlite');
  const bus = a.busSettings(broker, { exchanges: { honeytrap: { declare: true } }, ...settings });
  const gw = await startGateway(t, h.config({ journal: { path: file, busy_timeout_ms: 50 }, journalOptions: { append_timeout: '300ms' } })
    .replace('plugin: embedded', `plugin: amqp, settings: ${JSON.stringify(bus)}`));
  await a.connected(gw);
  await broker.has('honeytrap #');
  return { gw, unlock: unlocked ? null : await h.lock(t, file) };
}
// What is pushed meanwhile is none of it.
async function names(t, gw) {
  const client = await h.dashboard(t, gw);
  client.send({ type: 3 });
  for (;;) {
    const { type, payload } = await h.next(client);
    if (type === 4) return payload.map((event) => event.name);
  }
}
const send = async (broker, n, from = 0) => {
  const channel = await broker.channel();
  for (let i = from; i < from + n; i += 1) channel.publish('honeytrap', 'k', Buffer.from(JSON.stringify(h.event({ name: `${i}` }))), { messageId: `id-${i}` });
  await channel.waitForConfirms();
};

test('amqp: a message is confirmed when the journal has it, and no more come before', async (t) => {
  const broker = await rabbit.vhost(t);
  const { gw, unlock } = await honeytrap(t, broker, { prefetch: 20, heartbeat: '1s' });
  await send(broker, 100);
  // For longer than the broker waits for a sign of life.
  await waitFor('the journal to fail', async () => await gw.metric('dragoman_bus_events_total') > 8);
  await waitFor('the rest', async () => (await broker.counts()).unconfirmed === 20);
  assert.deepStrictEqual(await broker.counts(), { ready: 80, unconfirmed: 20 });
  await unlock();
  await waitFor('the confirmations', async () => (({ ready, unconfirmed }) => ready + unconfirmed === 0)(await broker.counts()));
  assert.deepStrictEqual(await names(t, gw), Array.from({ length: 100 }, (_, i) => `${i}`));
  await gw.counted(1, 'dragoman_bus_connections_total');
});

test('amqp: what was not confirmed comes again to the gateway after it', async (t) => {
  const broker = await rabbit.vhost(t);
  const first = await honeytrap(t, broker, { queue: 'node' });
  await send(broker, 10);
  await waitFor('the journal to fail', async () => await first.gw.metric('dragoman_bus_events_total') > 1);
  await first.gw.stop({ signal: 'SIGKILL', code: null });
  await first.unlock();
  const second = await honeytrap(t, broker, { queue: 'node' }, { unlocked: true });
  await waitFor('the confirmations', async () => (({ ready, unconfirmed }) => ready + unconfirmed === 0)(await broker.counts()));
  assert.deepStrictEqual(await names(t, second.gw), Array.from({ length: 10 }, (_, i) => `${i}`));
});

test('amqp: a gateway that drops what it has no room for', async (t) => {
  const broker = await rabbit.vhost(t);
  const { gw, unlock } = await honeytrap(t, broker, { prefetch: 20, overflow: 'drop' });
  await send(broker, 5);
  await waitFor('the journal to fail', async () => await gw.metric('dragoman_bus_events_total') > 1);
  await send(broker, 1000, 5);
  await waitFor('the broker to be rid of them', async () => (({ ready, unconfirmed }) => ready + unconfirmed === 0)(await broker.counts()));
  await logged(gw, /the gateway is full; messages dropped so far: 1/);
  await unlock();
  // What it was about, and as many as may wait.
  const kept = async () => (await names(t, gw)).length;
  await waitFor('the journal', async () => await kept() >= 21);
  assert.ok(await kept() <= 25);
});

test('amqp: 20,000 messages through mailboxes of 64 KiB', async (t) => {
  const broker = await rabbit.vhost(t);
  const gw = await a.start(t, broker, { top: ['mailbox_bytes: 64KiB'], dialects: ['probe'], limits: { queue_bytes: '64MiB', queue_messages: 100000 } });
  const probe = await a.probe(t, gw);
  await probe.pattern('burst.*', 1);
  await broker.has('events burst.*');
  const channel = await broker.channel();
  const filler = 'x'.repeat(100);
  for (let i = 0; i < 20000; i += 1) channel.publish('events', 'burst.1', Buffer.from(`${i} ${filler}`));
  for (let i = 0; i < 20000; i += 1) assert.strictEqual(await probe.next(), `1:${i} ${filler}`);
  await gw.counted(20000, 'dragoman_bus_events_total');
  // One that no mailbox can hold is left out, and nothing else.
  await broker.pub('events', 'burst.1', 'y'.repeat(70000));
  await broker.pub('events', 'burst.1', 'end');
  assert.strictEqual(await probe.next(), '1:end');
  await logged(gw, /the gateway refuses an event; messages dropped so far: 1/);
});

test('amqp: the gateway ends at once while it connects', async (t) => {
  // It accepts and says nothing.
  const sockets = [];
  const server = net.createServer((socket) => sockets.push(socket));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const silent = `127.0.0.1:${server.address().port}`;
  for (const url of [`amqp://${silent}`, `amqps://${silent}`, 'amqp://192.0.2.1']) {
    const gw = await a.start(t, { url }, { wait: false, settings: { connect_timeout: '300s' }, dialects: ['probe'] });
    if (url.includes(silent)) await waitFor('the attempt', () => sockets.length > 0);
    sockets.length = 0;
    const began = Date.now();
    await gw.stop();
    assert.ok(Date.now() - began < 10000);
  }
});

test('amqp: settings that cannot work are told at the start', async (t) => {
  const fails = async (settings, why) => {
    const end = await startGateway(null, a.config({ url: 'amqp://localhost' }, { settings }), { expectExit: true });
    assert.match(end.log, why);
    assert.doesNotMatch(end.log, /geheim/);
  };
  await Promise.all([
    fails({ url: 'amqp://ann:geheim@localhost' }, /must not hold credentials/),
    fails({ url: 'http://localhost' }, /must begin with amqp/),
    fails({ url: 'amqp://localhost/a/b' }, /settings.url/),
    fails({ url: 'amqps://localhost', ca: '/nowhere.pem' }, /settings.ca cannot be read/),
    fails({ queue_durable: true }, /settings.queue is needed/),
    fails({ exchanges: { x: { match: [{ a: 1 }] } } }, /settings.exchanges/),
  ]);
});
