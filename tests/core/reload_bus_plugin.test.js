// SPDX-License-Identifier: Apache-2.0
// Hot upgrade of the plugin of a bus: the new one is connected beside the old before anything changes, no publisher is refused, and no event lost or doubled.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { startGateway, waitFor, pluginDirs } = require('../support/gateway');
const { reload, change } = require('../support/reload');
const { freePort } = require('../support/broker');
const { vhost } = require('../support/rabbitmq');
const { startMosquitto } = require('../support/mosquitto');
const { startNats } = require('../support/nats_server');
const { startRedis } = require('../support/redis_server');
const amqp = require('../support/amqp');
const mqtt = require('../support/mqtt');
const nats = require('../support/nats');
const redis = require('../support/redis');
const h = require('../dialects/honeytrap/honeytrap');

const brokers = {
  amqp: { start: vhost, bus: amqp, settings: {} },
  mqtt: { start: startMosquitto, bus: mqtt, settings: { client_id: '' } },
  nats: { start: startNats, bus: nats, settings: {} },
  redis: { start: startRedis, bus: redis, settings: {}, withoutIds: true },
};

// A directory before the others with a copy of a bus plugin; install(n) puts one of the same code but another content in its place.
function directory(t, name) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-test-'));
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
  const from = pluginDirs.map((d) => path.join(d, `${name}.so`)).find((file) => fs.existsSync(file));
  const install = (n) => {
    const file = path.join(dir, `${name}.so`);
    fs.writeFileSync(`${file}.new`, Buffer.concat([fs.readFileSync(from), Buffer.from(`${n}`)]));
    fs.renameSync(`${file}.new`, file);
  };
  install(1);
  return { install, plugins: [dir, ...pluginDirs] };
}
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
    const broker = await start(t), files = directory(t, bus.plugin);
    const gw = await startGateway(t, configuration(bus, broker, settings), { plugins: files.plugins });
    await bus.connected(gw);
    const probes = [];
    const join = async () => {
      const probe = await bus.probe(t, gw);
      probe.got = [];
      await probe.pattern('#');
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
      const got = probe.got.filter((n) => n < published).sort((a, b) => a - b);
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

test('reload: a bus that would lose its broker is refused, and the one before stays', async (t) => {
  const server = await startRedis(t);
  const gw = await redis.start(t, server, { dialects: ['probe'] });
  const probe = await redis.probe(t, gw);
  await probe.pattern('#');
  const dead = await freePort();
  const elsewhere = redis.config(server, { dialects: ['probe'], settings: { url: `redis://127.0.0.1:${dead}` } });
  const { errors } = await reload(gw, elsewhere, { expect: 422 });
  assert.strictEqual(errors.length, 1, errors.join('\n'));
  assert.match(errors[0], new RegExp(`^buses\\.broker: it was not connected within 5 seconds, and the one before is: redis://127.0.0.1:${dead}: .*refused`));
  assert.deepStrictEqual(await redis.reasons(gw), []);
  await waitFor('an event', async () => {
    await redis.publish(gw, 'a', 'still');
    return probe.client.messages.includes('1:still');
  });
  // One that has no broker now has nothing to lose.
  await server.stop();
  await redis.degraded(gw);
  const report = await reload(gw, elsewhere);
  assert.deepStrictEqual([change(report, 'bus', 'broker'), change(report, 'mount', 'probe')], ['changed', 'changed']);
});

async function jetstream(t) {
  const server = await startNats(t, { settings: ['jetstream {store_dir: "DIRECTORY"}'] });
  await (await server.client()).request('$JS.API.STREAM.CREATE.PLANT', { name: 'PLANT', subjects: ['plant.>'], storage: 'file', num_replicas: 1 });
  return server;
}

// Settings by which the broker knows one client, or gives each event to one of several.
for (const { start, bus, name, settings = {}, other } of [
  { start: vhost, bus: amqp, name: 'queue', settings: { queue_channel: amqp.channel }, other: { prefetch: 7 } },
  { start: startMosquitto, bus: mqtt, name: 'client_id', other: { keepalive: '50s' } },
  { start: jetstream, bus: nats, name: 'durable', settings: { stream: 'PLANT' }, other: { max_ack_pending: 7 } },
]) {
  test(`reload: ${name} of ${bus.plugin} belongs to one bus at a time`, async (t) => {
    const broker = await start(t), files = directory(t, bus.plugin);
    const yaml = (own, more = {}) => bus.config(broker, { dialects: ['probe'], settings: { ...settings, [name]: own, ...more }, top: ['reload: {drain_rate: 1}'] });
    const gw = await startGateway(t, yaml('one'), { plugins: files.plugins });
    await bus.connected(gw);
    const old = [await bus.probe(t, gw), await bus.probe(t, gw), await bus.probe(t, gw)];
    for (const probe of old) await probe.pattern('#');
    const hears = async (probe) => {
      const text = `${Math.random()}`;
      await waitFor('an event', async () => {
        await bus.publish(gw, 'plant.a', text);
        return probe.client.messages.includes(`1:${text}`);
      });
    };
    await hears(old[0]);
    // A new file of the plugin is for the next start.
    files.install(2);
    const report = await reload(gw);
    assert.deepStrictEqual([change(report, 'bus', 'broker'), change(report, 'mount', 'probe')], ['kept', 'kept']);
    assert.match(report.changes.find((c) => c.kind === 'bus').note, /used after a restart/);
    // Other settings could not be used beside those of before.
    const words = new RegExp(`^buses\\.broker\\.settings\\.${name}: the bus as it was uses this one until its last client has gone`);
    const refused = async (own) => {
      const { errors } = await reload(gw, yaml(own, other), { expect: 422 });
      assert.strictEqual(errors.length, 1, errors.join('\n'));
      assert.match(errors[0], words);
    };
    await refused('one');
    await hears(old[0]);
    assert.strictEqual(await gw.metric('dragoman_bus_connections_total'), 1);
    assert.strictEqual(change(await reload(gw, yaml('two', other)), 'bus', 'broker'), 'changed');
    const fresh = await bus.probe(t, gw);
    await fresh.pattern('#');
    await hears(fresh);
    await refused('one');
    for (const probe of old) assert.strictEqual((await probe.client.closed()).code, 1001);
    await waitFor('the first to be free', async () => (await gw.request('POST', '/reload')).status === 200);
    await fresh.client.closed();
    const last = await bus.probe(t, gw);
    await last.pattern('#');
    await hears(last);
  });
}
