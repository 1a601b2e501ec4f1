// SPDX-License-Identifier: Apache-2.0
// Reload of a bus, and hot upgrade of its plugin: the new one is connected beside the old before anything changes, no publisher is refused, and no event lost or doubled.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { startGateway, waitFor } = require('../support/gateway');
const { reload, change, pluginDirectory } = require('../support/reload');
const { vhost } = require('../support/rabbitmq');
const { startMosquitto } = require('../support/mosquitto');
const { startNats } = require('../support/nats_server');
const { startRedis } = require('../support/redis_server');
const amqp = require('../support/amqp');
const mqtt = require('../support/mqtt');
const nats = require('../support/nats');
const redis = require('../support/redis');
const h = require('../dialects/honeytrap/honeytrap');
const { throughProxy } = require('../nodes/link');

const brokers = {
  amqp: { start: vhost, bus: amqp, settings: {} },
  mqtt: { start: startMosquitto, bus: mqtt, settings: { client_id: '' } },
  nats: { start: startNats, bus: nats, settings: {} },
  redis: { start: startRedis, bus: redis, settings: {}, withoutIds: true },
};

// How many connections the gateway has to the broker.
function connections(gw, broker) {
  const port = Number(new URL(broker.url).port), proc = `/proc/${gw.child.pid}`;
  const own = new Set(fs.readdirSync(`${proc}/fd`).map((fd) => {
    try { return /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`${proc}/fd/${fd}`))?.[1]; } catch { return undefined; }
  }));
  return ['tcp', 'tcp6'].flatMap((table) => fs.readFileSync(`${proc}/net/${table}`, 'utf8').trim().split('\n').slice(1)).filter((line) => {
    const [, , remote, , , , , , , inode] = line.trim().split(/\s+/);
    return own.has(inode) && parseInt(remote.split(':')[1], 16) === port;
  }).length;
}

// With a mount that keeps events.
const configuration = (bus, broker, settings, more = []) => bus.config(broker, { dialects: ['probe'], settings, top: ['journals: {kept: {plugin: sqlite}}', ...more] })
  .replace('listeners: {', 'listeners: {h: {address: "127.0.0.1:0"}, ')
  .replace('mounts:\n', `mounts:\n  honeytrap: {plugin: honeytrap, listen: [{listener: h, path: /}], journal: kept, settings: {channel: ${bus.channel}}}\n`);

for (const [title, { start, bus, settings, withoutIds }] of Object.entries(brokers)) {
  test(`upgrade: a bus of ${title} under load`, async (t) => {
    const broker = await start(t), files = pluginDirectory(t, bus.plugin);
    const gw = await startGateway(t, configuration(bus, broker, settings), { plugins: files.plugins });
    await bus.connected(gw);
    const probes = [];
    const join = async () => {
      const probe = await bus.probe(t, gw);
      probe.got = [];
      await probe.pattern('#');
      // Of those that are under way now it may have some.
      probe.from = published;
      probe.client.socket.on('message', (data) => {
        const number = /"n":(\d+)/.exec(data.toString());
        if (number) probe.got.push(Number(number[1]));
      });
      probes.push(probe);
      return probe;
    };
    let published = 0, over = false;
    const publish = async () => {
      published += 1;
      await bus.publish(gw, 'e', JSON.stringify(h.event({ n: published })), { id: `id-${published}` });
    };
    for (let i = 0; i < 4; ++i) await join();
    await waitFor('the subscriptions', async () => {
      await publish();
      return probes.every((probe) => probe.got.length);
    });
    const before = connections(gw, broker);
    assert.ok(before > 0);
    const publishers = [1, 2].map(async () => { while (!over) await publish(); });
    const more = async () => {
      const at = published;
      await waitFor('more events', () => published > at + 50);
    };
    for (const n of [2, 3]) {
      await more();
      files.install(n);
      const report = await reload(gw);
      assert.deepStrictEqual([change(report, 'bus', 'broker'), change(report, 'mount', 'probe'), change(report, 'mount', 'honeytrap')], ['upgraded', 'upgraded', 'upgraded']);
      assert.deepStrictEqual([await bus.reasons(gw), await gw.metric('dragoman_bus_connected'), await gw.metric('dragoman_bus_connections_total')], [[], 1, n]);
      await join();
    }
    await more();
    over = true;
    await Promise.all(publishers);
    await waitFor('the last event everywhere', async () => {
      await publish();
      return probes.every((probe) => probe.got.includes(published - 1));
    });
    for (const probe of probes) {
      // Two publishers at once: in order for neither is said.
      const got = probe.got.filter((n) => n > probe.from && n < published).sort((a, b) => a - b);
      assert.deepStrictEqual(got, got.map((_, i) => got[0] + i), 'none lost, none twice');
    }
    assert.strictEqual(await gw.metric('dragoman_bus_published_total'), published);
    assert.strictEqual(await gw.metric('dragoman_bus_publish_errors_total'), 0);
    // The mount that keeps events had no clients that would have kept its old bus.
    const stored = async () => (await h.getEvents(gw, '/events')).total;
    if (withoutIds) await waitFor('the events in the journal', async () => await stored() >= published);
    else await waitFor(`${published} events in the journal`, async () => await stored() === published);
    // The old ones go with their last clients, and nothing of them is left.
    for (const { client } of probes.slice(0, -1)) client.close();
    await waitFor('the old connections to end', () => connections(gw, broker) === before);
    await publish();
    await waitFor('the event', () => probes.at(-1).got.includes(published));
  });
}

test('reload: what a publisher waits for keeps the old bus until it is answered', async (t) => {
  const server = await startRedis(t), link = await throughProxy(t, server.port);
  const slow = { url: `redis://127.0.0.1:${link.port}` };
  const gw = await redis.start(t, server, { dialects: ['probe'], settings: slow });
  link.cut();
  const waiting = redis.publish(gw, 'a', 'late');
  waiting.catch(() => {});
  assert.strictEqual(change(await reload(gw, redis.config(server, { dialects: ['probe'] })), 'bus', 'broker'), 'changed');
  await waitFor('the old mount to end', () => /msg=drained mount=probe/.test(gw.log));
  const probe = await redis.probe(t, gw);
  await probe.pattern('#');
  await redis.publish(gw, 'a', 'soon');
  assert.ok(connections(gw, slow) > 0);
  link.mend();
  await waiting;
  await waitFor('the old bus to end', () => connections(gw, slow) === 0);
  assert.strictEqual(await gw.metric('dragoman_bus_published_total'), 2);
});

test('reload: what a publisher waits for in vain ends with the time that the old bus has', async (t) => {
  const server = await startRedis(t), link = await throughProxy(t, server.port);
  const slow = { url: `redis://127.0.0.1:${link.port}`, keepalive: '1h' };
  const gw = await redis.start(t, server, { dialects: ['probe'], settings: slow });
  link.cut();
  const waiting = redis.publish(gw, 'a', 'never', {}, 503);
  waiting.catch(() => {});
  await reload(gw, redis.config(server, { dialects: ['probe'], top: ['reload: {drain_deadline: 1s}'] }));
  await waiting;
  await waitFor('the old bus to end', () => connections(gw, slow) === 0);
});
