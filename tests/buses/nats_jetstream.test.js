// SPDX-License-Identifier: Apache-2.0
// The bus nats with a stream of JetStream: at least once, in both directions.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const h = require('../dialects/honeytrap/honeytrap');
const { startGateway, waitFor } = require('../support/gateway');
const n = require('../support/nats');
const { startNats } = require('../support/nats_server');

async function start(t, subjects = ['plant.>']) {
  const server = await startNats(t, { settings: ['jetstream {store_dir: "DIRECTORY"}'] });
  await (await server.client()).request('$JS.API.STREAM.CREATE.PLANT', { name: 'PLANT', subjects, storage: 'file', num_replicas: 1 });
  return server;
}
const info = async (server, what, body = '') => (await server.client()).request(`$JS.API.${what}`, body);
const gateway = (t, server, settings = {}, options = {}) =>
  n.start(t, server, { dialects: ['probe'], ...options, settings: { stream: 'PLANT', ...settings } });

test('nats: published to a stream', async (t) => {
  const server = await start(t);
  const gw = await gateway(t, server, { max_inflight: 20 });
  const probe = await n.probe(t, gw);
  await probe.pattern('plant.#', 1);
  const batch = Array.from({ length: 200 }, (_, i) => ({ specversion: '1.0', id: `e${i}`, source: '/t', type: 'plant.1', channel: n.channel, data: i }));
  const answer = await gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/cloudevents-batch+json' }, body: JSON.stringify(batch) });
  assert.strictEqual(answer.status, 200, answer.text);
  assert.strictEqual((await info(server, 'STREAM.INFO.PLANT')).state.messages, 200);
  for (let i = 0; i < 200; i += 1) assert.strictEqual(await probe.next(), `1:${i}`);
  // What no stream keeps is not confirmed, and what the stream has already is.
  await n.publish(gw, 'elsewhere', 'x', {}, 503);
  await waitFor('the log', () => /the stream refuses a published event: no stream takes its subject/.test(gw.log));
  await n.publish(gw, 'plant.1', '0', { id: 'e0' });
  assert.strictEqual((await info(server, 'STREAM.INFO.PLANT')).state.messages, 200);
});

for (const durable of ['', 'gw']) {
  test(`nats: a stream goes on where it was when the server comes back, durable "${durable}"`, async (t) => {
    const server = await start(t);
    const gw = await gateway(t, server, { durable, max_ack_pending: 10 });
    const probe = await n.probe(t, gw);
    await probe.pattern('plant.#', 1);
    for (let i = 0; i < 50; i += 1) await server.pub('plant.1', `${i}`);
    for (let i = 0; i < 50; i += 1) assert.strictEqual(await probe.next(), `1:${i}`);
    await waitFor('the acknowledgements', async () => (await info(server, 'CONSUMER.LIST.PLANT')).consumers[0].num_ack_pending === 0);
    // One that is killed may have forgotten which were acknowledged.
    await server.stop('SIGTERM');
    await n.degraded(gw);
    // It is back for others sooner than for the gateway.
    gw.child.kill('SIGSTOP');
    await server.start();
    for (let i = 50; i < 100; i += 1) await server.pub('plant.1', `${i}`);
    gw.child.kill('SIGCONT');
    await n.connected(gw);
    for (let i = 50; i < 100; i += 1) assert.strictEqual(await probe.next(), `1:${i}`);
  });
}

test('nats: a durable consumer keeps events for a gateway that is away, and of its subject only', async (t) => {
  const server = await start(t);
  const settings = { durable: 'gw', subjects: ['plant.a.*'] };
  const first = await gateway(t, server, settings);
  await first.stop();
  await server.pub('plant.b.1', 'other');
  await server.pub('plant.a.1', 'kept');
  const second = await gateway(t, server, settings);
  await waitFor('the event', async () => await second.metric('dragoman_bus_events_total') === 1);
  await waitFor('the acknowledgement', async () => (await info(server, 'CONSUMER.INFO.PLANT.gw')).num_ack_pending === 0);
  await second.stop();
  const third = await gateway(t, server, settings);
  await server.pub('plant.a.1', 'new');
  await waitFor('the event', async () => await third.metric('dragoman_bus_events_total') === 1);
});

test('nats: a slow gateway slows the stream and loses nothing', async (t) => {
  const server = await start(t);
  const gw = await gateway(t, server, { max_ack_pending: 50, pending_messages: 10 },
    { top: ['mailbox_bytes: 64KiB'], limits: { queue_bytes: '64MiB', queue_messages: 200000 } });
  const probe = await n.probe(t, gw);
  await probe.pattern('plant.*', 1);
  const publisher = await server.client();
  for (let i = 0; i < 5000; i += 1) publisher.write('plant.1', `${i} ${'x'.repeat(300)}`);
  await publisher.flush();
  for (let i = 0; i < 5000; i += 1) assert.match(await probe.next(), new RegExp(`^1:${i} `));
  await gw.counted(0, 'dragoman_bus_refused_total');
});

test('nats: a message is acknowledged when the journal has it', async (t) => {
  const server = await start(t, ['honeypot.>']);
  const file = path.join(h.directory(t), 'journal.sqlite');
  const yaml = h.config({ journal: { path: file, busy_timeout_ms: 50 }, journalOptions: { append_timeout: '300ms' } })
    .replace('plugin: embedded', `plugin: nats, settings: ${JSON.stringify(n.busSettings(server, { channel: 'honeytrap', stream: 'PLANT', durable: 'gw' }))}`);
  const run = async () => {
    const gw = await startGateway(t, yaml);
    await n.connected(gw);
    return gw;
  };
  const first = await run();
  const unlock = await h.lock(t, file);
  const names = ['one', 'two', 'three'];
  for (const name of names) await server.pub('honeypot.events', h.event({ name }));
  // It offers them to the journal again and again.
  await waitFor('the journal to fail', async () => await first.metric('dragoman_bus_events_total') > 3);
  assert.strictEqual((await info(server, 'CONSUMER.INFO.PLANT.gw')).num_ack_pending, 3);
  await first.stop({ signal: 'SIGKILL', code: null });
  await unlock();
  const second = await run();
  await waitFor('the acknowledgements', async () => (await info(server, 'CONSUMER.INFO.PLANT.gw')).num_ack_pending === 0);
  const client = await h.dashboard(t, second);
  assert.deepStrictEqual((await h.fetched(client)).map((event) => event.name), names);
});

test('nats: a stream that there is not', async (t) => {
  const server = await startNats(t);
  const gw = await n.start(t, server, { wait: false, dialects: ['probe'], settings: { stream: 'PLANT', answer_timeout: '500ms' } });
  await waitFor('the loss', () => gw.log.includes('bus cannot be reached'));
  await n.publish(gw, 'plant.1', 'x', {}, 503);
  const other = await startNats(t, { settings: ['jetstream {store_dir: "DIRECTORY"}'] });
  const second = await n.start(t, other, { wait: false, dialects: ['probe'], settings: { stream: 'PLANT' } });
  await waitFor('the loss', () => /bus cannot be reached.*stream not found/i.test(second.log));
});
