// SPDX-License-Identifier: Apache-2.0
// honeytrap digest statements 43-48: the envelope dialect.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { countryFile } = require('./country_file');
const { request } = require('../../support/gateway');
const h = require('./honeytrap');

const start = (t, { settings = {}, ...options } = {}) => h.start(t, { settings: { dialect: 'envelope', ...settings }, ...options });
function countries(t) {
  const file = path.join(h.directory(t), 'country.mmdb');
  fs.writeFileSync(file, countryFile([['10.1.0.0', 16, 'NL'], ['10.2.0.0', 16, 'DE'], ['2001:db8:0:0:0:0:0:0', 32, 'FR'], ['10.3.0.0', 16, 'x']]));
  return file;
}
const flat = (extra = {}) => ({ date: '2018-02-03T04:05:06Z', sensor: 'ssh', category: 'ssh', type: 'PING', ...extra });
// What comes upon connecting.
async function greeted(client) {
  const frames = [await h.next(client), await h.next(client), await h.next(client)];
  assert.deepStrictEqual(frames.map((f) => f.type), ['metadata', 'events', 'hot_countries']);
  return { metadata: frames[0].data, events: frames[1].data, hot: frames[2].data };
}
async function page(t, gw) {
  const client = await h.dashboard(t, gw);
  return { client, ...(await greeted(client)) };
}
// Nothing else comes before this.
async function nothingMore(gw, client) {
  const e = flat({ sentinel: Math.random() });
  await h.publish(gw, e);
  assert.deepStrictEqual((await h.next(client)).data, Object.fromEntries(Object.entries(e).sort()));
}

test('43, 44, 46, 48: connections', async (t) => {
  const before = Date.now();
  const gw = await start(t, { limits: { ping_interval: '1s', pong_timeout: '60s' }, settings: { metadata: { version: '9.8', commitid: 'abc<"' } } });
  await t.test('43, 44: metadata, events, hot_countries, all text, keys sorted, a line each', async (s) => {
    const client = await h.dashboard(s, gw);
    const texts = [await client.next(), await client.next(), await client.next()];
    assert.match(texts[0], /^\{"data":\{"commitid":"abc.*","release_tag":"","shortcommitid":"","start":"[^"]*","version":"9\.8"\},"type":"metadata"\}\n$/);
    const { data } = JSON.parse(texts[0]);
    assert.strictEqual(data.commitid, 'abc<"');
    assert.match(data.start, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    assert.ok(Date.parse(data.start) >= before - 1000 && Date.parse(data.start) <= Date.now());
    assert.strictEqual(texts[1], '{"data":[],"type":"events"}\n');
    assert.strictEqual(texts[2], '{"data":[],"type":"hot_countries"}\n');
  });
  await t.test('43: the start is that of the server, for everyone', async (s) => {
    assert.strictEqual((await page(s, gw)).metadata.start, (await page(s, gw)).metadata.start);
  });
  await t.test('48: what clients say is ignored, but not above 512 bytes', async (s) => {
    const { client } = await page(s, gw);
    for (const message of ['x'.repeat(10), '{"type":1}', '', 'y'.repeat(512), Buffer.alloc(512)]) client.send(message);
    await nothingMore(gw, client);
    client.send('x'.repeat(513));
    assert.strictEqual((await client.closed()).code, 1009);
    const other = (await page(s, gw)).client;
    other.send(Buffer.alloc(513));
    assert.strictEqual((await other.closed()).code, 1009);
  });
  await t.test('46: heartbeats are not told, nor kept', async (s) => {
    const { client, events } = await page(s, gw);
    await h.publish(gw, flat({ category: 'heartbeat', sequence: 1 }));
    await h.deliver(gw, [flat({ category: 'heartbeat', sequence: 2 })]);
    await nothingMore(gw, client);
    assert.strictEqual((await page(s, gw)).events.length, events.length + 1);
  });
  await t.test('section 9: everything else is not the API of the other dialect', async () => {
    assert.strictEqual((await h.get(gw, '/events')).status, 404);
    assert.strictEqual((await h.get(gw, '/ws')).status, 400);
    assert.ok([200, 204].includes((await h.get(gw, '/')).status));
  });
  await t.test('section 9: a ping every second', async (s) => {
    const { client } = await page(s, gw);
    await new Promise((resolve) => client.socket.on('ping', () => client.pings >= 2 && resolve()));
  });
});

test('45: countries', async (t) => {
  const gw = await start(t, { settings: { geoip_database: countries(t) } });
  const { client } = await page(t, gw);
  const told = async (e, country) => {
    await h.publish(gw, e);
    const text = await client.next();
    const { type, data } = JSON.parse(text);
    assert.strictEqual(type, 'event');
    assert.deepStrictEqual(Object.keys(data), Object.keys(data).sort());
    assert.ok(text.startsWith('{"data":{') && text.endsWith('},"type":"event"}\n'));
    assert.strictEqual(data['source.country.isocode'], country);
    if (!country) return undefined;
    const hot = await h.next(client);
    assert.strictEqual(hot.type, 'hot_countries');
    return hot.data;
  };
  const counts = (hot) => hot.map((c) => [c.isocode, c.count]);
  await t.test('45: the count is raised by 1; first seen, first told', async () => {
    const first = await told(flat({ 'source-ip': '10.1.2.3', 'source-port': 5 }), 'NL');
    assert.deepStrictEqual(counts(first), [['NL', 1]]);
    assert.deepStrictEqual(Object.keys(first[0]).sort(), ['count', 'isocode', 'last']);
    assert.match(first[0].last, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    assert.deepStrictEqual(counts(await told(flat({ 'source-ip': '10.2.0.1' }), 'DE')), [['NL', 1], ['DE', 1]]);
    assert.deepStrictEqual(counts(await told(flat({ 'source-ip': '10.1.255.255' }), 'NL')), [['NL', 2], ['DE', 1]]);
    assert.deepStrictEqual(counts(await told(flat({ 'source-ip': '2001:db8::1' }), 'FR')), [['NL', 2], ['DE', 1], ['FR', 1]]);
  });
  await t.test('45: an address in the document\'s or the source\'s key', async () => {
    assert.deepStrictEqual(counts(await told({ type: 3, sensor: 's', hostAddr: '10.1.0.1:80' }, 'NL')), [['NL', 3], ['DE', 1], ['FR', 1]]);
    assert.deepStrictEqual(counts(await told({ event_type: 3, sensor: 's', host_addr: '[2001:db8::2]:80' }, 'FR')), [['NL', 3], ['DE', 1], ['FR', 2]]);
  });
  await t.test('45: without a country nothing follows', async () => {
    for (const ip of ['10.9.9.9', '::1', 'no address', '', 5, null, '10.1.2.3.4', '10.3.0.1']) await told(flat({ 'source-ip': ip }), undefined);
    await told(flat(), undefined);
  });
  await t.test('45: a batch is told one by one', async () => {
    await h.publish(gw, [flat({ n: 1, 'source-ip': '10.1.0.1' }), flat({ n: 2 }), flat({ n: 3, 'source-ip': '10.2.0.1' })]);
    const frames = [];
    for (let i = 0; i < 5; ++i) frames.push(await h.next(client));
    assert.deepStrictEqual(frames.filter((f) => f.type === 'event').map((f) => f.data.n), [1, 2, 3]);
    assert.deepStrictEqual(counts(frames.filter((f) => f.type === 'hot_countries').at(-1).data), [['NL', 4], ['DE', 2], ['FR', 2]]);
  });
  await t.test('43, 45: who connects later is told the same', async (s) => {
    const { events, hot } = await page(s, gw);
    assert.deepStrictEqual(counts(hot), [['NL', 4], ['DE', 2], ['FR', 2]]);
    assert.strictEqual(events[0]['source.country.isocode'], 'NL');
    assert.strictEqual(events.at(-1).n, 3);
    assert.deepStrictEqual(Object.keys(events[0]), Object.keys(events[0]).sort());
  });
});

test('45: the fields that the page shows', async (t) => {
  const gw = await start(t);
  const { client } = await page(t, gw);
  await h.publish(gw, { type: 3, sensor: 's', date: '2018-02-03T04:05:06Z', hostAddr: '10.1.0.1:80', localAddr: '10.2.0.2:22', data: '<b>', 'ssh.exec': ['a'] });
  const { data } = await h.next(client);
  assert.strictEqual(data['source-ip'], '10.1.0.1');
  assert.strictEqual(data['source-port'], 80);
  assert.strictEqual(data['destination-ip'], '10.2.0.2');
  assert.strictEqual(data['destination-port'], 22);
  assert.strictEqual(data.data, '<b>');
  assert.deepStrictEqual(data['ssh.exec'], ['a']);
  await h.publish(gw, { sensor: 's' });
  assert.ok(!Number.isNaN(Date.parse((await h.next(client)).data.date)), 'a date that can be read');
});

for (const [what, journal] of [['with a journal', {}], ['without a journal', null]])
  test(`47: the newest 1001 of 1500, ${what}`, async (t) => {
    const gw = await start(t, { journal, threads: 2 });
    const watchers = [(await page(t, gw)).client, (await page(t, gw)).client];
    for (let n = 0; n < 1500; n += 100) await h.publish(gw, h.range(100, (i) => flat({ n: n + i, payload: 'x'.repeat(300) })));
    for (const client of watchers) for (let n = 0; n < 1500; ++n) assert.strictEqual((await h.next(client)).data.n, n);
    for (let i = 0; i < 2; ++i) assert.deepStrictEqual((await page(t, gw)).events.map((e) => e.n), h.range(1001, (n) => 499 + n));
  });

test('43, 47: after a restart the newest stored events are told, and the countries of these', async (t) => {
  const settings = { geoip_database: countries(t) }, journal = { path: path.join(h.directory(t), 'journal.sqlite') };
  for (const end of [{}, { signal: 'SIGKILL', code: null }]) {
    const gw = await start(t, { settings, journal });
    if (end.signal) {
      const { events, hot } = await page(t, gw);
      assert.deepStrictEqual(events.map((e) => e.n), h.range(1001, (n) => 199 + n));
      assert.strictEqual(events[0]['source.country.isocode'], 'DE');
      assert.deepStrictEqual(hot.map((c) => [c.isocode, c.count]), [['DE', 501], ['NL', 500]]);
    } else {
      await h.publish(gw, h.range(1200, (n) => flat({ n, 'source-ip': n % 2 ? '10.2.0.1' : '10.1.0.1' })));
    }
    await gw.stop(end);
  }
});

test('43: the first three come first, however much happens meanwhile', async (t) => {
  const gw = await start(t);
  for (let n = 0; n < 1000; n += 100) await h.publish(gw, h.range(100, (i) => flat({ n: n + i, payload: 'x'.repeat(2000) })));
  let busy = true;
  const publishing = (async () => {
    for (let n = 1000; busy; ++n) await h.publish(gw, flat({ n }));
  })();
  for (let round = 0; round < 10; ++round) {
    const { client, events } = await page(t, gw);
    // Then each event once, from the next on.
    let last = events.at(-1).n;
    for (let i = 0; i < 3; ++i) assert.strictEqual((await h.next(client)).data.n, ++last);
    client.close();
  }
  busy = false;
  await publishing;
});

test('section 6: ingest serves the envelope dialect too', async (t) => {
  const gw = await start(t, { journal: null });
  const { client } = await page(t, gw);
  assert.strictEqual((await h.deliver(gw, [flat({ n: 1 })])).status, 200);
  assert.strictEqual((await h.next(client)).data.n, 1);
  const pusher = await h.raven(t, gw);
  pusher.send(Buffer.from(JSON.stringify(flat({ n: 2 }))));
  assert.strictEqual((await h.next(client)).data.n, 2);
  assert.strictEqual((await h.deliver(gw, flat(), { authorization: 'Token wrong' })).status, 401);
  assert.strictEqual((await request(gw.port('h'), 'POST', '/ws', { token: null })).status, 405);
});
