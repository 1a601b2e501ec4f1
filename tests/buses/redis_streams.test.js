// SPDX-License-Identifier: Apache-2.0
// The bus redis with the streams of a real server.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const h = require('../dialects/honeytrap/honeytrap');
const v = require('../dialects/valtronics/valtronics');
const { startGateway, waitFor } = require('../support/gateway');
const r = require('../support/redis');
const { startRedis } = require('../support/redis_server');

const aof = ['appendonly yes', 'appendfsync always'];
const range = (n, from = 0) => Array.from({ length: n }, (_, i) => from + i);
// Adds entries whose bodies are numbers, many at a time.
const addAll = (server, stream, numbers) => Promise.all(numbers.map((n) => server.add(stream, { key: 'n', body: n })));

// A honeytrap whose journal says what has arrived, in a state directory that outlives the gateway.
function keeper(t, server, { settings = {}, journal = {}, journalOptions = {} } = {}) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-redis-'));
  const file = path.join(directory, 'journal.sqlite'), state = path.join(directory, 'state');
  const yaml = h.config({ journal: { path: file, ...journal }, journalOptions })
    .replace('plugin: embedded', `plugin: redis, settings: ${JSON.stringify(r.busSettings(server, { channel: 'honeytrap', streams: ['s'], ...settings }))}`);
  return {
    file,
    positions: () => JSON.parse(fs.readFileSync(path.join(state, 'redis-main.json'), 'utf8')),
    state,
    async start() {
      const gw = await startGateway(t, yaml, { state });
      // After the end of the gateway, which writes to it.
      t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
      await r.connected(gw);
      return gw;
    },
    async names(gw) {
      const client = await h.dashboard(t, gw);
      client.send({ type: 3 });
      // An event that comes now is no answer.
      let answer;
      do answer = await h.next(client); while (answer.type !== 4);
      client.close();
      return answer.payload.map((event) => event.name);
    },
  };
}
const attack = (name) => ({ key: 'e', body: JSON.stringify(h.event({ name })) });

test('redis: the fields of entries', async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server, { dialects: ['probe'], settings: { streams: ['out', 'other'], stream_length: 400 } });
  const probe = await r.probe(t, gw);
  await probe.pattern('a.#', 1);
  await probe.literal('other', 2);
  await r.publish(gw, 'a.b', '{"n":1}', { id: 'event-1', attributes: { source: 'test', key: 'mine' }, content_type: 'application/json' });
  assert.strictEqual(await probe.next(), '1:{"n":1}');
  const [[id, fields]] = await server.ask('XRANGE', 'out', '-', '+');
  assert.match(id, /^\d{13}-0$/);
  assert.deepStrictEqual(fields, ['key', 'a.b', 'id', 'event-1', 'content_type', 'application/json', 'body', '{"n":1}', 'source', 'test', 'key', 'mine']);
  await server.add('other', { anything: 'at all' });
  assert.strictEqual(await probe.next(), '2:');
  for (const from of [0, 300, 600]) {
    const batch = range(300, from).map((i) => ({ specversion: '1.0', id: `e${i}`, source: '/t', type: 'a.many', channel: r.channel, data: i }));
    const answer = await gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/cloudevents-batch+json' }, body: JSON.stringify(batch) });
    assert.strictEqual(answer.status, 200, answer.text);
    for (const { data } of batch) assert.strictEqual(await probe.next(), `1:${data}`);
  }
  assert.ok(await server.ask('XLEN', 'out') < 600);
  await r.publish(gw, '', 'x', {}, 422);
});

test('redis: valtronics from a stream', async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server, { dialects: ['valtronics'], settings: { streams: ['plant'] } });
  const session = await v.listening(t, gw, 'telemetry');
  await server.add('plant', { key: 'valtronics.TEMP-001.telemetry', body: JSON.stringify({ timestamp: v.noon, metrics: [{ name: 'a', value: 1, unit: '°C' }] }) });
  assert.deepStrictEqual(await v.read(session), v.telemetry(1, { a: 1 }));
});

test('redis: a stream goes on where it was read to, over restarts of the gateway', async (t) => {
  const server = await startRedis(t);
  await server.add('s', attack('before the first start'));
  const k = keeper(t, server);
  // Before the first event came too.
  await (await k.start()).stop();
  const expected = [];
  const add = async (name) => {
    expected.push(name);
    return server.add('s', attack(name));
  };
  await add('one');
  await add('two');
  const first = await k.start();
  await waitFor('two events', async () => (await k.names(first)).length === 2);
  await add('three');
  await waitFor('the position', async () => k.positions().s === (await server.ask('XREVRANGE', 's', '+', '-', 'COUNT', '1'))[0][0]);
  await first.stop({ signal: 'SIGKILL', code: null });
  for (let i = 0; i < 20; i += 1) await add(`away ${i}`);
  const second = await k.start();
  await waitFor('all', async () => (await k.names(second)).length === expected.length);
  assert.deepStrictEqual(await k.names(second), expected);
  await second.counted(20, 'dragoman_bus_events_total');
});

test('redis: a stream from its beginning, and from a file that cannot be read', async (t) => {
  const server = await startRedis(t);
  for (let i = 0; i < 10; i += 1) await server.add('s', attack(`${i}`));
  const k = keeper(t, server, { settings: { start: 'beginning' } });
  const first = await k.start();
  await waitFor('all', async () => (await k.names(first)).length === 10);
  await first.stop();
  fs.writeFileSync(path.join(k.state, 'redis-main.json'), '{"s": "x');
  const second = await k.start();
  await waitFor('the log', () => /level=error msg="the positions of streams in .* cannot be read/.test(second.log));
  await waitFor('the events', async () => await second.metric('dragoman_bus_events_total') === 10);
  // They have their old ids, so the journal has them once.
  assert.strictEqual((await k.names(second)).length, 10);
});

test('redis: nothing of a stream is lost or comes twice when the server is killed', async (t) => {
  const server = await startRedis(t, { settings: aof });
  const gw = await r.start(t, server, { dialects: ['probe'], settings: { streams: ['s', 'empty'] }, limits: { queue_bytes: '64MiB', queue_messages: 100000 } });
  const probe = await r.probe(t, gw);
  await probe.literal('n', 1);
  for (const round of range(4)) {
    const from = round * 2000;
    const adding = addAll(server, 's', range(2000, from)).catch(() => {});
    await waitFor('some of it', async () => await gw.metric('dragoman_bus_events_total') > 100 * round);
    await server.stop();
    await adding;
    await r.degraded(gw);
    await server.start();
    await r.connected(gw);
  }
  await server.add('s', { key: 'n', body: 'end' });
  const all = (await server.ask('XRANGE', 's', '-', '+')).map(([, fields]) => fields[3]);
  assert.ok(all.length > 1000);
  for (const body of all) assert.strictEqual(await probe.next(), `1:${body}`);
  await gw.counted(all.length, 'dragoman_bus_events_total');
});

test('redis: what was cut off before it was read is told', async (t) => {
  const server = await startRedis(t);
  const k = keeper(t, server);
  const first = await k.start();
  await server.add('s', attack('one'));
  await waitFor('the position', async () => k.positions().s === (await server.ask('XREVRANGE', 's', '+', '-', 'COUNT', '1'))[0][0]);
  await first.stop();
  const told = /level=warn msg="the stream .*s.* was cut behind what was read from it/;
  // Nothing is missed when it is cut up to there.
  await server.ask('XTRIM', 's', 'MAXLEN', '0');
  const second = await k.start();
  await server.add('s', attack('two'));
  await waitFor('the event', async () => (await k.names(second)).length === 2);
  await second.stop();
  assert.doesNotMatch(second.log, told);
  for (const name of ['three', 'four', 'five']) await server.add('s', attack(name));
  await server.ask('XTRIM', 's', 'MAXLEN', '1');
  const third = await k.start();
  await waitFor('the log', () => told.test(third.log));
  await waitFor('the rest', async () => (await k.names(third)).length === 3);
  assert.strictEqual((await k.names(third))[2], 'five');
  await third.stop();
  // And so is a stream that was made anew.
  await server.ask('DEL', 's');
  const fourth = await k.start();
  await waitFor('the log', () => /the stream .*s.* ends before what was read from it/.test(fourth.log));
  await server.add('s', attack('six'), '1-1');
  await waitFor('the event', async () => (await k.names(fourth)).length === 4);
});

test('redis: the position stays while the journal fails', async (t) => {
  const server = await startRedis(t);
  const k = keeper(t, server, { journal: { busy_timeout_ms: 50 }, journalOptions: { append_timeout: '300ms' } });
  const first = await k.start();
  const before = k.positions().s;
  const unlock = await h.lock(t, k.file);
  for (const name of ['one', 'two', 'three']) await server.add('s', attack(name));
  // It offers them to the journal again and again.
  await waitFor('the journal to fail', async () => await first.metric('dragoman_bus_events_total') > 3);
  assert.strictEqual(k.positions().s, before);
  await first.stop({ signal: 'SIGKILL', code: null });
  await unlock();
  const second = await k.start();
  await waitFor('all', async () => (await k.names(second)).length === 3);
  assert.deepStrictEqual(await k.names(second), ['one', 'two', 'three']);
});

test('redis: 20,000 entries through mailboxes of 64 KiB', async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server, { top: ['mailbox_bytes: 64KiB'], dialects: ['probe'], settings: { streams: ['s'] },
    limits: { queue_bytes: '64MiB', queue_messages: 100000 } });
  const probe = await r.probe(t, gw);
  await probe.literal('n', 1);
  await addAll(server, 's', range(20000));
  for (const i of range(20000)) assert.strictEqual(await probe.next(), `1:${i}`);
  await gw.counted(20000, 'dragoman_bus_events_total');
  // What can be no event is left out, and nothing else.
  await server.add('s', { key: 'n', body: 'y'.repeat(70000) });
  await server.add('s', { key: 'x'.repeat(5000), body: 'y' });
  await server.add('s', { key: Buffer.from([0xff]).toString('latin1').repeat(3000), body: 'y' });
  await server.add('s', { key: 'n', body: 'end' });
  assert.strictEqual(await probe.next(), '1:end');
  await waitFor('the log', () => /messages dropped so far/.test(gw.log));
});

test('redis: large entries', async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server, { dialects: ['probe'], settings: { streams: ['s'] }, top: ['mailbox_bytes: 256MiB'],
    limits: { queue_bytes: '512MiB', queue_messages: 100000 } });
  const probe = await r.probe(t, gw);
  await probe.literal('n', 1);
  // Together more than is taken at once: one after the other.
  gw.child.kill('SIGSTOP');
  for (const letter of 'abc') await server.add('s', { key: 'n', body: letter.repeat(25 << 20) });
  // Alone more than is taken: left out, wherever it stands.
  await server.add('s', { key: 'n', body: 'z'.repeat(70 << 20) });
  await server.add('s', { key: 'n', body: 'end' });
  gw.child.kill('SIGCONT');
  for (const letter of 'abc') {
    const body = await probe.next();
    assert.deepStrictEqual([body.length, body[2]], [(25 << 20) + 2, letter]);
  }
  assert.strictEqual(await probe.next(), '1:end');
  await waitFor('the log', () => /an entry of the stream .* is too large; messages dropped so far: 1/.test(gw.log));
});

test('redis: streams that cannot be read are told', async (t) => {
  const server = await startRedis(t);
  await server.ask('SET', 's', 'text');
  const gw = await r.start(t, server, { dialects: ['probe'], settings: { streams: ['s'] }, wait: false });
  await waitFor('the reason', () => /WRONGTYPE .*of the stream .*s/.test(gw.log));
  await r.degraded(gw);
  await server.ask('DEL', 's');
  await r.connected(gw);
  const narrow = await startRedis(t, { acl: '~a &* +@all' });
  const other = await r.start(t, narrow, { dialects: ['probe'], settings: { streams: ['s'] }, wait: false });
  await waitFor('the reason', () => /this client lacks a permission there: .*NOPERM.*of the stream .*s/.test(other.log));
});

test('redis: streams of another database', async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server, { dialects: ['probe'], settings: { streams: ['s'], database: 3 } });
  await r.publish(gw, 'n', 'x');
  assert.strictEqual(await server.ask('EXISTS', 's'), 0);
  await server.ask('SELECT', '3');
  assert.strictEqual(await server.ask('EXISTS', 's'), 1);
  const bad = await r.start(t, server, { dialects: ['probe'], settings: { streams: ['s'], database: 3000 }, wait: false });
  await waitFor('the reason', () => /DB index is out of range/.test(bad.log));
});

test('redis: a stream on a server that becomes a replica', async (t) => {
  const server = await startRedis(t), next = await startRedis(t);
  await next.ask('REPLICAOF', '127.0.0.1', server.port);
  await next.ask('CONFIG', 'SET', 'masteruser', 'admin');
  await next.ask('CONFIG', 'SET', 'masterauth', 'an admin');
  await waitFor('the replica', async () => /master_link_status:up/.test(await next.ask('INFO', 'replication')));
  const gw = await r.start(t, server, { dialects: ['probe'], settings: { streams: ['s'], url: [server.url, next.url] } });
  const probe = await r.probe(t, gw);
  await probe.literal('n', 1);
  await r.publish(gw, 'n', 'one');
  assert.strictEqual(await probe.next(), '1:one');
  assert.strictEqual(await server.ask('WAIT', '1', '5000'), 1);
  await next.ask('REPLICAOF', 'NO', 'ONE');
  await server.ask('CONFIG', 'SET', 'masteruser', 'admin');
  await server.ask('CONFIG', 'SET', 'masterauth', 'an admin');
  await server.ask('REPLICAOF', '127.0.0.1', next.port);
  await next.add('s', { key: 'n', body: 'two' });
  assert.strictEqual(await probe.next(), '1:two');
  await r.connected(gw);
  await r.publish(gw, 'n', 'three');
  assert.strictEqual(await probe.next(), '1:three');
  await gw.counted(3, 'dragoman_bus_events_total');
});
