// SPDX-License-Identifier: Apache-2.0
// Reload of a bus with a broker: what has changed is connected beside the old, which goes with the last session that is on it; and when that is refused.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { startGateway, waitFor } = require('../support/gateway');
const { freePort } = require('../support/broker');
const { reload, change, pluginDirectory } = require('../support/reload');
const { vhost } = require('../support/rabbitmq');
const { startMosquitto } = require('../support/mosquitto');
const { startNats } = require('../support/nats_server');
const amqp = require('../support/amqp');
const mqtt = require('../support/mqtt');
const nats = require('../support/nats');
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

test('reload: a bus that would lose its broker is refused, and the one before stays', async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server, { dialects: ['probe'] });
  const probe = await r.probe(t, gw);
  await probe.pattern('#');
  const dead = await freePort();
  const elsewhere = r.config(server, { dialects: ['probe'], settings: { url: `redis://127.0.0.1:${dead}` } });
  const { errors } = await reload(gw, elsewhere, { expect: 422 });
  assert.strictEqual(errors.length, 1, errors.join('\n'));
  assert.match(errors[0], new RegExp(`^buses\\.broker: it was not connected within 5 seconds, and the one before is: redis://127.0.0.1:${dead}: .*refused`));
  assert.deepStrictEqual(await r.reasons(gw), []);
  await waitFor('an event', async () => {
    await r.publish(gw, 'a', 'still');
    return probe.client.messages.includes('1:still');
  });
  // One that has no broker now has nothing to lose.
  await server.stop();
  await r.degraded(gw);
  const report = await reload(gw, elsewhere);
  assert.deepStrictEqual([change(report, 'bus', 'broker'), change(report, 'mount', 'probe')], ['changed', 'changed']);
});

test('reload: what nobody uses any more is free for a reload that takes it back', async (t) => {
  const broker = await startMosquitto(t);
  const yaml = (id, journal) => {
    const text = mqtt.config(broker, { dialects: ['probe'], settings: { client_id: id }, top: journal ? ['journals: {kept: {plugin: sqlite}}'] : [] });
    return journal ? text.replace('  probe:\n', '  honeytrap: {plugin: honeytrap, listen: [{listener: probe, path: /h}], journal: kept}\n  probe:\n') : text;
  };
  const gw = await startGateway(t, yaml('one', true));
  await mqtt.connected(gw);
  for (const [id, journal] of [['two', false], ['one', true], ['two', false]]) {
    const report = await reload(gw, yaml(id, journal));
    assert.deepStrictEqual([change(report, 'bus', 'broker'), change(report, 'journal', 'kept')], ['changed', journal ? 'added' : 'removed']);
  }
  const probe = await mqtt.probe(t, gw);
  await probe.pattern('#');
  // One who is there is not waited for.
  await reload(gw, yaml('three', false));
  const { errors } = await reload(gw, yaml('two', false), { expect: 422 });
  assert.match(errors.join(), /^buses\.broker\.settings\.client_id: the bus as it was uses this one until its last client has gone/);
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
    const broker = await start(t), files = pluginDirectory(t, bus.plugin);
    const yaml = (own, more = {}) => bus.config(broker, { dialects: ['probe'], settings: { ...settings, [name]: own, ...more }, top: ['reload: {drain_rate: 1}'] });
    const gw = await startGateway(t, yaml('one'), { plugins: files.plugins });
    await bus.connected(gw);
    const old = [await bus.probe(t, gw), await bus.probe(t, gw)];
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
