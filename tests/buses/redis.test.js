// SPDX-License-Identifier: Apache-2.0
// The bus redis with the channels of a real server.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const v = require('../dialects/valtronics/valtronics');
const wazo = require('../dialects/wazo/wazo');
const { startGateway, waitFor } = require('../support/gateway');
const r = require('../support/redis');
const { startRedis } = require('../support/redis_server');

const has = (server, channels, patterns) => waitFor(`${channels} and ${patterns} patterns`, async () => {
  const now = await server.subscriptions();
  return now.channels.join() === channels.sort().join() && now.patterns === patterns;
});

test('redis: the topics of valtronics 7, and any dialect on the same bus', async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server);
  await has(server, [], 1);
  const client = await v.session(t, gw);
  for (const channel of ['telemetry', 'alerts', 'devices', 'system']) await v.subscribe(client, channel);
  await server.pub('valtronics.TEMP-001.telemetry', { timestamp: v.noon, metrics: [{ name: 'temperature', value: 23.5, unit: '°C' }] });
  assert.deepStrictEqual(await v.read(client), v.telemetry(1, { temperature: 23.5 }));
  await server.pub('valtronics.TEMP-001.alert', { type: 'threshold', severity: 'warning', message: 'm', timestamp: v.noon });
  assert.strictEqual((await v.read(client)).type, 'alert');
  const phone = await wazo.listening(t, gw);
  const body = wazo.event('call_created', null, { data: { n: 1 } });
  await server.pub('wazo.calls', body);
  assert.strictEqual(await phone.next(), body);
});

test('redis: published over HTTP', async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server, { settings: { prefix: 'iot:' }, dialects: ['probe'] });
  const sub = await server.sub('*');
  t.after(() => sub.close());
  await r.publish(gw, 'a.b*[x]/d %', '{"n":1}', { attributes: { source: 'test' } });
  await waitFor('the message', () => sub.pushed.length === 1);
  assert.deepStrictEqual(sub.pushed[0], ['pmessage', '*', 'iot:a.b*[x]/d %', '{"n":1}']);
  await r.publish(gw, '', 'x', {}, 422);
  await gw.publish({ channel: 'other', key: 'a', body: 'x' }, 422);
  const batch = Array.from({ length: 5000 }, (_, i) => ({ specversion: '1.0', id: `e${i}`, source: '/t', type: 'many', channel: r.channel, data: i }));
  const answer = await gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/cloudevents-batch+json' }, body: JSON.stringify(batch) });
  assert.strictEqual(answer.status, 200, answer.text);
  await waitFor('all messages', () => sub.pushed.length === 5001);
  assert.deepStrictEqual(sub.pushed.slice(1).map((m) => m[3]), batch.map((e) => `${e.data}`));
  await gw.counted(5001, 'dragoman_bus_published_total');
});

test("redis: clients' patterns become the server's, and no event comes twice", async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server, { dialects: ['probe'] });
  const a = await r.probe(t, gw);
  const b = await r.probe(t, gw);
  const pattern = await a.pattern('house.*.door', 1);
  await b.literal('house.north.door', 2);
  await b.pattern('car.#', 3);
  const overlapping = await b.pattern('house.north.*', 4);
  await b.literal('x.y', 5);
  await has(server, ['x.y'], 3);
  assert.strictEqual(await server.pub('house.north.door', 'one'), 2);
  assert.strictEqual(await a.next(), '1:one');
  assert.deepStrictEqual([await b.next(), await b.next()].sort(), ['2:one', '4:one']);
  await gw.counted(1, 'dragoman_bus_events_total');
  // Redis' wildcard stands for more than a token: the rest is left out here.
  await server.pub('house.north.back.door', 'no');
  await server.pub('cart', 'no');
  await server.pub('car', 'three');
  await server.pub('car.x..y', 'four');
  assert.strictEqual(await b.next(), '3:three');
  assert.strictEqual(await b.next(), '3:four');
  await b.unsubscribe(overlapping);
  await a.unsubscribe(pattern);
  await has(server, ['house.north.door', 'x.y'], 1);
  // What Redis takes for a wildcard is none in a key.
  await b.literal('a*[b]?\\', 6);
  await b.pattern('c[d]?\\.*', 7);
  await has(server, ['a*[b]?\\', 'house.north.door', 'x.y'], 2);
  await server.pub('cd.x', 'no');
  await server.pub('c[d]?\\.x', 'seven');
  await server.pub('a*[b]?\\', 'six');
  assert.strictEqual(await b.next(), '7:seven');
  assert.strictEqual(await b.next(), '6:six');
  b.client.close();
  a.client.close();
  await has(server, [], 0);
});

test('redis: subscriptions that come and go lose and double nothing', async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server, { dialects: ['probe'] });
  const steady = await r.probe(t, gw), restless = await r.probe(t, gw);
  await steady.literal('a.b.c', 1);
  await has(server, ['a.b.c'], 0);
  let stop = false;
  const sending = (async () => {
    let n = 0;
    for (; !stop || n < 500; n += 1) await server.pub('a.b.c', `${n}`);
    await server.pub('a.b.c', 'end');
    return n;
  })();
  for (let i = 0; i < 60; i += 1) {
    const ids = [];
    // Nobody gets what they bring: variant 9 is skipped.
    for (const key of ['a.*.c', '#', 'a.b.*'].slice(i % 3)) ids.push(await restless.pattern(key, 9));
    for (const id of ids) await restless.unsubscribe(id);
  }
  stop = true;
  const n = await sending;
  for (let i = 0; i < n; i += 1) assert.strictEqual(await steady.next(), `1:${i}`);
  assert.strictEqual(await steady.next(), '1:end');
});

test('redis: the setting patterns bounds what is asked for', async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server, { settings: { patterns: ['valtronics.#', 'plant.*.status'], prefix: 'p[1]:' }, dialects: ['probe', 'valtronics'] });
  const client = await r.probe(t, gw);
  await client.pattern('#', 1);
  await client.literal('secret', 2);
  await client.pattern('plant.#', 3);
  await has(server, [], 2);
  await server.pub('p[1]:secret', 'no');
  await server.pub('p1:plant.1.status', 'no');
  await server.pub('p[1]:plant.1.status', 'yes');
  assert.deepStrictEqual([await client.next(), await client.next()].sort(), ['1:yes', '3:yes']);
});

test('redis: hostile channels and payloads', async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server, { dialects: ['probe', 'valtronics'] });
  const client = await r.probe(t, gw);
  await client.pattern('#');
  for (const channel of ['', '.', '..', 'valtronics', 'valtronics.', 'valtronics..telemetry', '*', 'a b.\u{1f600}', 'l'.repeat(4096), 'l'.repeat(4097),
    Buffer.from([0xff, 0x61]), 'new\nline', '\0'])
    await server.pub(channel, '{"metrics":[{}]}');
  await server.pub('valtronics.TEMP-001.telemetry', Buffer.from([0xff, 0x00, 0xfe]));
  await server.pub('valtronics.TEMP-001.telemetry', '');
  await server.pub('valtronics.TEMP-001.telemetry', '['.repeat(100000));
  await server.pub('end', 'end');
  let n = 0;
  while (await client.next() !== '1:end') n += 1;
  // Five channels are no keys, and one payload no text.
  assert.strictEqual(n, 10);
  await waitFor('the log', () => /level=warn msg="a message is no event: its channel/.test(gw.log));
  assert.deepStrictEqual(await r.reasons(gw), []);
  // A pattern that would keep the server busy.
  await client.pattern(`${'*a.'.repeat(100)}*`, 2);
  await client.pattern(`${'*.a.'.repeat(500)}*`, 2);
  await server.pub('a'.repeat(4000), 'x');
  assert.strictEqual(await client.next(), '1:x');
});

test('redis: other ways to the server', async (t) => {
  const server = await startRedis(t, { tls: 'DNS:localhost' });
  const other = await startRedis(t, { tls: 'DNS:elsewhere.example' });
  const plain = await startRedis(t);
  const works = async (s, from, settings, more) => {
    const gw = await r.start(s, from, { dialects: ['probe'], settings });
    const client = await r.probe(s, gw);
    await client.literal('a');
    const body = 'x'.repeat(700000);
    await waitFor('the subscription', async () => (await from.subscriptions()).channels.length > 0);
    await r.publish(gw, 'a', body);
    assert.strictEqual(await client.next(), `1:${body}`);
    if (more) assert.match(gw.log, more);
  };
  const refused = async (s, settings, why, from = server) => {
    const gw = await r.start(s, from, { settings, wait: false });
    await waitFor(`${why}`, () => why.test(gw.log));
    await r.degraded(gw);
  };
  await Promise.all([
    t.test('TLS with its own authority', (s) => works(s, server, {})),
    t.test('TLS of another name', (s) => refused(s, {}, /certificate is not accepted: hostname mismatch/, other)),
    t.test('TLS by another authority', (s) => refused(s, { ca: other.tls.ca }, /certificate is not accepted: /)),
    t.test('a Unix socket', async (s) => works(s, plain, { url: plain.socketUrl })),
    t.test('TLS not verified', (s) => works(s, other, { verify: false, ca: '' }, /the server's certificate is not verified/)),
  ]);
});

test('redis: log-in', async (t) => {
  const server = await startRedis(t);
  const refused = async (s, settings, why) => {
    const gw = await r.start(s, server, { settings, wait: false, dialects: ['probe'] });
    await waitFor(`${why}`, () => why.test(gw.log));
    await r.degraded(gw);
    await r.publish(gw, 'a', 'x', {}, 503);
    assert.doesNotMatch(gw.log, /not the secret|a secret of/);
  };
  await Promise.all([
    t.test('a wrong password', (s) => refused(s, { password: 'not the secret' }, /redis:\/\/localhost:\d+: it refuses this client: .*WRONGPASS/)),
    t.test('the default user', (s) => refused(s, { username: '' }, /it refuses this client/)),
    t.test('no password', (s) => refused(s, { username: '', password: '' }, /it wants a password, and settings.password is none/)),
    t.test('only some channels', async (s) => {
      const narrow = await startRedis(s, { acl: 'resetchannels &house.* +@all' });
      const gw = await r.start(s, narrow, { dialects: ['probe'] });
      const client = await r.probe(s, gw);
      await client.literal('car', 1);
      await client.literal('house.1', 2);
      await has(narrow, ['house.1'], 0);
      await waitFor('the refusal', () => /the server refuses \d subscriptions, the first one: to .*car.* lacks a permission/.test(gw.log));
      await r.publish(gw, 'car', 'x', {}, 503);
      await r.publish(gw, 'house.1', 'in');
      assert.strictEqual(await client.next(), '2:in');
      await waitFor('the log', () => /the server refuses a published event: this client lacks a permission/.test(gw.log));
    }),
    t.test('no more rights than documented, for channels', async (s) => {
      const narrow = await startRedis(s, { acl: 'resetchannels &p:house* -@all +hello +ping +select +subscribe +unsubscribe +psubscribe +punsubscribe +publish' });
      const gw = await r.start(s, narrow, { dialects: ['probe'], settings: { prefix: 'p:', patterns: ['house.#'], database: 1, keepalive: '1s' } });
      const client = await r.probe(s, gw);
      const all = await client.pattern('#', 1);
      await has(narrow, [], 1);
      await r.publish(gw, 'house.1', 'in');
      assert.strictEqual(await client.next(), '1:in');
      await client.literal('house.1', 2);
      await client.unsubscribe(all);
      await has(narrow, ['p:house.1'], 0);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      assert.doesNotMatch(gw.log, /refuses|permission|lost/);
    }),
    t.test('no more rights than documented, for streams', async (s) => {
      const narrow = await startRedis(s, { acl: '~a ~b resetchannels -@all +hello +ping +select +xread +xrange +xinfo|stream +xadd' });
      const gw = await r.start(s, narrow, { dialects: ['probe'], settings: { streams: ['a', 'b'], keepalive: '1s' } });
      const client = await r.probe(s, gw);
      await client.pattern('#', 1);
      await r.publish(gw, 'house.1', 'in');
      assert.strictEqual(await client.next(), '1:in');
      await narrow.stop();
      await r.degraded(gw);
      await narrow.start();
      await r.connected(gw);
      await r.publish(gw, 'house.1', 'again');
      assert.strictEqual(await client.next(), '1:again');
      assert.doesNotMatch(gw.log, /refuses|permission/);
    }),
  ]);
});

test('redis: settings that cannot work are told at the start', async (t) => {
  const fails = async (settings, why) => {
    const end = await startGateway(null, r.config({ url: 'redis://localhost' }, { settings }), { expectExit: true });
    assert.match(end.log, why);
    assert.doesNotMatch(end.log, /geheim/);
  };
  await Promise.all([
    fails({ url: 'redis://ann:geheim@localhost' }, /must not hold credentials/),
    fails({ url: 'http://localhost' }, /must begin with redis:\/\/, rediss:\/\/ or unix:\/\/\//),
    fails({ url: 'redis://localhost/1' }, /must end after the host and port/),
    fails({ url: `unix:///${'x'.repeat(200)}` }, /no path of a Unix socket/),
    fails({ url: 'rediss://localhost', ca: '/nowhere.pem' }, /settings.ca cannot be read/),
    fails({ username: 'geheim', password: '' }, /settings.username needs settings.password/),
    fails({ streams: ['a'], patterns: ['a'] }, /settings.streams goes without/),
  ]);
});
