// SPDX-License-Identifier: Apache-2.0
// Input that nobody should send. honeytrap digest statements 15, 28 and section 2.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { raw, upgrade, frame } = require('../../support/client');
const h = require('./honeytrap');

const MiB = 1 << 20;

test('15: requests', async (t) => {
  const gw = await h.start(t);
  await t.test('section 2: a request of 64 KiB is read, one above is closed with 1009', async (s) => {
    for (const wrap of [(x) => x, Buffer.from]) {
      const client = await h.dashboard(s, gw);
      client.send(wrap(`{"type":1${' '.repeat(65536 - 10)}}`));
      assert.deepStrictEqual(await h.next(client), { type: 2, payload: [] });
      client.send(wrap(`{"type":1${' '.repeat(65536 - 9)}}`));
      assert.strictEqual((await client.closed()).code, 1009);
      const huge = await h.dashboard(s, gw);
      huge.send(wrap('x'.repeat(2 * MiB)));
      assert.strictEqual((await huge.closed()).code, 1009);
    }
  });
  await t.test('15: text that is not UTF-8 ends the session with 1007, as the protocol has it', async (s) => {
    const r = raw(s, gw.port('h'));
    r.write(Buffer.concat([Buffer.from(upgrade('/ws')), frame(1, Buffer.from([0x22, 0xff, 0x22]))]));
    assert.match(await r.until('a close', (x) => x.includes('\x88')), /\x88.\x03\xef/);
  });
  await t.test('15: requests in many pieces', async (s) => {
    const r = raw(s, gw.port('h'));
    r.write(upgrade('/ws'));
    const pieces = [...'{"type":1}'].map((c, i) => frame(i ? 0 : 1, c, { fin: i === 9 }));
    for (const piece of pieces) r.write(piece);
    await r.until('a reply', (x) => x.endsWith('{"type":2,"payload":[]}'));
  });
  await t.test('15: random bytes are answered one by one', async (s) => {
    const client = await h.dashboard(s, gw);
    let seed = 1;
    const random = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
    const pieces = ['{', '}', '[', ']', '"type"', ':', ',', '1', '3', '-', '.', 'e9', 'null', '"', '\\', '\\ud800', '\0', '\u00ff', ' '];
    for (let i = 0; i < 1000; ++i) {
      client.send(i % 2 ? Buffer.from(h.range(random(30), () => random(256))) : h.range(random(12), () => pieces[random(pieces.length)]).join(''));
      const reply = await h.next(client);
      assert.ok([2, 4, 7].includes(reply.type));
    }
    await h.nothingMore(client);
  });
  await t.test('15: members twice, foreign names', async (s) => {
    const client = await h.dashboard(s, gw);
    assert.ok([2, 4].includes((await h.ask(client, '{"type":1,"type":3}')).type));
    assert.strictEqual((await h.ask(client, '{"__proto__":{"type":1},"constructor":1,"type":3}')).type, 4);
    assert.strictEqual((await h.ask(client, `{"type":1,"${'k'.repeat(60000)}":1}`)).type, 2);
    await h.nothingMore(client);
  });
  await t.test('section 7: questions', async () => {
    assert.strictEqual((await h.get(gw, '/events', 'x'.repeat(2 * MiB)).catch(() => ({ status: 413 }))).status, 413);
    assert.strictEqual((await h.get(gw, '/events', `{"x":"${'x'.repeat(70000)}"}`)).status, 400);
    assert.strictEqual((await h.get(gw, '/events', { types: h.range(300, (i) => i) })).status, 400);
    assert.strictEqual((await h.get(gw, '/events', { sensors: h.range(5000, () => 'a') })).status, 400);
    const began = Date.now();
    for (const expression of ['(a+)+$', '(.*)*(.*)*(.*)*x', '((a{1,100}){1,100}){1,100}', 'a'.repeat(5000), '\\', '[', '(?=x)', '\0'])
      assert.strictEqual((await h.get(gw, '/events', { sensors: [expression] })).status, 200, expression);
    assert.ok(Date.now() - began < 10000);
  });
});

test('28: events', async (t) => {
  // The push of an event must fit into the queue of a client.
  const gw = await h.start(t, { limits: { queue_bytes: '8MiB' } });
  const client = await h.dashboard(t, gw);
  const back = async (e) => {
    assert.deepStrictEqual((await h.next(client)).payload, [e]);
    assert.deepStrictEqual((await h.fetched(client)).at(-1), e);
    assert.deepStrictEqual((await h.getEvents(gw, '/events')).events.at(-1), e);
  };
  await t.test('28: bytes that are not UTF-8 become U+FFFD', async (s) => {
    const e = h.event({ data: '@' });
    const text = JSON.stringify(e);
    const body = Buffer.concat([Buffer.from(text.slice(0, text.indexOf('@'))), Buffer.from([0x61, 0xff, 0xc3, 0x62]), Buffer.from(text.slice(text.indexOf('@') + 1))]);
    const pusher = await h.raven(s, gw);
    pusher.send(body);
    await back({ ...e, data: 'a\ufffd\ufffdb' });
    assert.strictEqual((await h.deliver(gw, body)).status, 200);
    await back({ ...e, data: 'a\ufffd\ufffdb' });
    await h.publish(gw, JSON.stringify({ ...e, data: 'end' }));
    await back({ ...e, data: 'end' });
  });
  await t.test('28: control characters, escaped', async () => {
    const e = h.event({ sensor: 'a\0b', data: h.range(0x20, (c) => String.fromCharCode(c)).join('') + '\x7f\u0080\u2028\ufeff\uffff\u{10ffff}', '\n"\\': '\t' });
    assert.strictEqual((await h.deliver(gw, e)).status, 200);
    await back(e);
    // No journal keeps a NUL in what is searched for.
    for (const odd of [{ ...e, type: 'a\0b' }, { ...e, sensor: '\0' }]) {
      assert.strictEqual((await h.deliver(gw, odd)).status, 200);
      await back(odd);
    }
    assert.deepStrictEqual((await h.getEvents(gw, '/events', { types: ['a\0b'] })).events, []);
    assert.deepStrictEqual((await h.getEvents(gw, '/events', { types: ['a\0b', 'x'.repeat(2000), ''] })).events, []);
  });
  await t.test('28: control characters as they are, are no JSON', async () => {
    for (const c of ['\0', '\n', '\x1f']) assert.strictEqual((await h.deliver(gw, `{"type":3,"data":"${c}"}`)).status, 400);
    await h.nothingMore(client);
  });
  await t.test('28: half a surrogate pair does no harm', async () => {
    const { status } = await h.deliver(gw, '{"type":3,"date":"d","data":"\\ud800x"}');
    assert.ok(status === 200 || status === 400);
    if (status === 200) await h.next(client);
    await h.nothingMore(client);
  });
  await t.test('28: names that mean something in JavaScript', async () => {
    const text = '{"type":3,"sensor":"s","date":"d","__proto__":{"a":1},"constructor":null,"toString":[],"":0}';
    assert.strictEqual((await h.deliver(gw, text)).status, 200);
    assert.strictEqual(await client.next(), `{"type":6,"payload":[${text}]}`);
  });
  await t.test('28: 32 levels, but not 33', async () => {
    const deep = (n) => ({ type: 3, date: 'd', data: JSON.parse('['.repeat(n - 1) + ']'.repeat(n - 1)) });
    for (const wrap of [(x) => x, (x) => [x]]) {
      assert.strictEqual((await h.deliver(gw, wrap(deep(32)))).status, 200);
      await back(deep(32));
      assert.strictEqual((await h.deliver(gw, wrap(deep(33)))).status, 400);
    }
    await h.nothingMore(client);
  });
  await t.test('28: 1 MiB, but not more', async (s) => {
    const e = h.event({ n: 'large', data: '' });
    const spare = MiB - JSON.stringify(e).length;
    e.data = 'x'.repeat(spare);
    assert.strictEqual((await h.deliver(gw, e)).status, 200);
    await back(e);
    const more = { ...e, data: 'x'.repeat(spare + 1) };
    assert.strictEqual((await h.deliver(gw, more).catch(() => ({ status: 413 }))).status, 413);
    await h.publish(gw, more);
    await h.nothingMore(client);
    const pusher = await h.raven(s, gw);
    pusher.send(Buffer.from(JSON.stringify(e)));
    await back(e);
    pusher.send(Buffer.from(JSON.stringify(more)));
    assert.strictEqual((await pusher.closed()).code, 1009);
    await h.nothingMore(client);
  });
  await t.test('28: long names, many members, huge numbers', async () => {
    const e = { type: 3, sensor: 's'.repeat(5000), date: 'd', ...Object.fromEntries(h.range(5000, (i) => [`k${i}`, i])), ['n'.repeat(100000)]: 1 };
    assert.strictEqual((await h.deliver(gw, e)).status, 200);
    await back(e);
    const text = `{"type":${'9'.repeat(400)},"date":"d","data":-0.0e-0}`;
    assert.strictEqual((await h.deliver(gw, text)).status, 200);
    assert.strictEqual(await client.next(), `{"type":6,"payload":[${text}]}`);
  });
});

test('28: the envelope dialect takes the same events', async (t) => {
  const gw = await h.start(t, { settings: { dialect: 'envelope' }, limits: { queue_bytes: '8MiB' } });
  const client = await h.dashboard(t, gw);
  for (let i = 0; i < 3; ++i) await client.next();
  const events = [
    { date: 'd', data: '\0\n"\\\u{1f41d}<' }, { date: 'd', 'source-ip': '1.2.3.4\0', hostAddr: '[::1]:99999' }, { date: 'd', 'source-port': 'x', hostAddr: ':' },
    { date: 'd', payload: 'x'.repeat(900000) }, { category: 5, date: 'd', sensor: null }, { date: 'd', 'source.country.isocode': '<script>' },
  ];
  for (const e of events) {
    assert.strictEqual((await h.deliver(gw, e)).status, 200);
    const { type, data } = await h.next(client);
    assert.strictEqual(type, 'event');
    for (const [key, value] of Object.entries(e)) assert.deepStrictEqual(data[key], value);
  }
  const late = await h.dashboard(t, gw);
  assert.strictEqual((await h.next(late)).type, 'metadata');
  assert.strictEqual((await h.next(late)).data.length, events.length);
  assert.deepStrictEqual((await h.next(late)).data, [], 'what is no code of a country is not counted');
});
