// SPDX-License-Identifier: Apache-2.0
// Each setting of the dialect other than its default. honeytrap digest statements 10, 22 and section 11.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../../support/gateway');
const h = require('./honeytrap');

const started = async (t, settings) => {
  const gw = await h.start(t, { settings });
  return { gw, client: await h.dashboard(t, gw) };
};
// The kind of the next frame and what it says.
const nextFrame = async (client) => {
  const message = await client.next();
  return { binary: Buffer.isBuffer(message), ...JSON.parse(message) };
};

test('10: frame binary', async (t) => {
  const { gw, client } = await started(t, { frame: 'binary' });
  await h.publish(gw, h.event());
  assert.deepStrictEqual(await nextFrame(client), { binary: true, type: 6, payload: [h.event()] });
  for (const wrap of [(x) => x, Buffer.from]) {
    for (const [text, reply] of [['{"type":1}', { type: 2, payload: [] }], ['{"type":3}', { type: 4, payload: [h.event()] }], ['{"type":20}', h.unknown(20)]]) {
      client.send(wrap(text));
      assert.deepStrictEqual(await nextFrame(client), { binary: true, ...reply });
    }
  }
});

test('10: frame mirror: as the client\'s last frame was, text before any', async (t) => {
  const { gw, client } = await started(t, { frame: 'mirror' });
  const other = await h.dashboard(t, gw);
  const pushed = async (binary) => {
    await h.publish(gw, h.session());
    assert.deepStrictEqual(await nextFrame(client), { binary, type: 5, payload: [h.session()] });
    assert.strictEqual((await nextFrame(other)).binary, false);
  };
  await pushed(false);
  for (const binary of [true, false, true]) {
    client.send(binary ? Buffer.from('{"type":3}') : '{"type":3}');
    assert.deepStrictEqual(await nextFrame(client), { binary, type: 4, payload: [] });
    await pushed(binary);
  }
  client.send('{bad');
  assert.strictEqual((await nextFrame(client)).binary, false);
  await pushed(false);
});

test('22: swap_new_codes', async (t) => {
  const { gw, client } = await started(t, { swap_new_codes: true });
  await h.publish(gw, h.session());
  assert.deepStrictEqual(await h.next(client), { type: 6, payload: [h.session()] });
  await h.publish(gw, h.event());
  assert.deepStrictEqual(await h.next(client), { type: 5, payload: [h.event()] });
  await h.publish(gw, [h.session(), h.event()]);
  assert.deepStrictEqual(await h.next(client), { type: 5, payload: [h.event()] }, 'events stay first');
  assert.deepStrictEqual(await h.next(client), { type: 6, payload: [h.session()] });
  assert.strictEqual((await h.ask(client, { type: 1 })).type, 2, 'replies keep their codes');
});

test('12: error_payload string', async (t) => {
  const { client } = await started(t, { error_payload: 'string' });
  assert.deepStrictEqual(await h.ask(client, { type: 20 }), { type: 7, payload: 'Unknown Request Type' });
  client.send('{bad');
  const { type, payload } = await h.next(client);
  assert.strictEqual(type, 7);
  assert.match(payload, /^\w/);
});

test('4, 5: empty_payload null', async (t) => {
  const { gw, client } = await started(t, { empty_payload: 'null' });
  client.send('{"type":1}');
  assert.strictEqual(await client.next(), '{"type":2,"payload":null}');
  assert.deepStrictEqual(await h.ask(client, { type: 3 }), { type: 4, payload: null });
  await h.publish(gw, h.event());
  await client.next();
  assert.deepStrictEqual(await h.ask(client, { type: 3 }), { type: 4, payload: [h.event()] });
  assert.deepStrictEqual(await h.ask(client, { type: 1 }), { type: 2, payload: null });
});

test('29: event_keys source, in the source\'s order', async (t) => {
  const { gw, client } = await started(t, { event_keys: 'source' });
  const document = { type: 3, sensor: 's', date: 'd', started: 'x', ended: 'y', token: 't', location: 'l', category: 'c', hostAddr: '10.0.0.1:1',
    localAddr: '10.0.0.2:2', data: 1, details: {}, session_id: 'si', container_id: 'ci', extra: true };
  const source = '{"sensor":"s","date":"d","started":"x","ended":"y","token":"t","location":"l","category":"c","host_addr":"10.0.0.1:1",'
    + '"local_addr":"10.0.0.2:2","event_type":3,"data":1,"details":{},"session_id":"si","container_id":"ci","extra":true}';
  for (const body of [document, source]) {
    await h.publish(gw, body);
    assert.strictEqual(await client.next(), `{"type":6,"payload":[${source}]}`);
  }
  client.send('{"type":3}');
  assert.strictEqual(await client.next(), `{"type":4,"payload":[${source},${source}]}`);
  assert.ok((await h.get(gw, '/events')).text.includes(`[${source},${source}]`));
});

test('16: lenient_json false', async (t) => {
  const { gw, client } = await started(t, { lenient_json: false });
  const refused = await h.ask(client, '{"type": 1,}');
  assert.strictEqual(refused.type, 7);
  assert.strictEqual(refused.payload.request, 0);
  assert.deepStrictEqual(await h.ask(client, '{"type": 1}'), { type: 2, payload: [] });
  assert.strictEqual((await h.get(gw, '/events', '{"page":1,}')).status, 400);
  assert.strictEqual((await h.deliver(gw, '[{"type":3},]')).status, 400);
  await h.publish(gw, '{"type":3,}');
  await h.nothingMore(client);
});

test('6, 7: events_include_sessions', async (t) => {
  const { gw, client } = await started(t, { events_include_sessions: true });
  const all = [h.session({ n: 0 }), h.event({ n: 1 }), h.session({ n: 2 })];
  await h.publish(gw, all);
  assert.deepStrictEqual(await h.next(client), { type: 6, payload: all });
  assert.deepStrictEqual(await h.next(client), { type: 5, payload: [all[0], all[2]] });
  await h.publish(gw, all[0]);
  assert.deepStrictEqual(await h.next(client), { type: 6, payload: [all[0]] });
  assert.deepStrictEqual(await h.next(client), { type: 5, payload: [all[0]] });
  assert.deepStrictEqual(await h.fetched(client, 3), [...all, all[0]]);
  assert.deepStrictEqual(await h.fetched(client, 1), [all[0], all[2], all[0]]);
  assert.strictEqual((await h.getEvents(gw, '/events')).total, 4);
  assert.strictEqual((await h.getEvents(gw, '/sessions')).total, 3);
  // Each is stored twice, and a journal takes 10,000 records at once.
  client.close();
  assert.strictEqual((await h.deliver(gw, h.range(5001, () => ({ type: 5 })))).status, 400);
  assert.strictEqual((await h.deliver(gw, h.range(5000, () => ({ type: 5 })))).status, 200);
  assert.strictEqual((await h.getEvents(gw, '/events', { page: 1, response_per_page: 1 })).total, 5004);
  assert.strictEqual((await h.getEvents(gw, '/sessions', { page: 1, response_per_page: 1 })).total, 5003);
});

test('40: paging_keys both', async (t) => {
  const { gw } = await started(t, { paging_keys: 'both' });
  assert.deepStrictEqual(await h.getEvents(gw, '/events', { page: 1, response_per_page: 7 }),
    { response_per_page: 7, responser_per_page: 7, page: 1, total: 0, events: [] });
});

test('6, 7: reply_limit', async (t) => {
  const { gw, client } = await started(t, { reply_limit: 3 });
  const all = h.range(10, (n) => (n % 2 ? h.session({ n }) : h.event({ n })));
  for (const [i, e] of all.entries()) {
    await h.publish(gw, e);
    await client.next();
    const kind = i % 2;
    assert.deepStrictEqual((await h.fetched(client, kind ? 1 : 3)).map((x) => x.n), all.slice(0, i + 1).filter((x) => x.n % 2 === kind).map((x) => x.n).slice(-3));
  }
  assert.strictEqual((await h.getEvents(gw, '/events')).events.length, 5, 'HTTP has pages');
});

test('6, 7, 36: what the journal\'s retention has removed is gone from every answer', async (t) => {
  const gw = await h.start(t, { settings: { reply_limit: 7 }, journalOptions: { retention: { events: 10 } } });
  await h.publish(gw, h.range(50, (n) => h.event({ n })));
  const client = await h.dashboard(t, gw);
  await waitFor('the older ones to go', async () => (await h.getEvents(gw, '/events')).total === 10);
  assert.deepStrictEqual((await h.getEvents(gw, '/events')).events.map((e) => e.n), h.range(10, (i) => 40 + i));
  assert.deepStrictEqual((await h.getEvents(gw, '/events', { page: 2, response_per_page: 8 })).events.map((e) => e.n), [48, 49]);
  assert.deepStrictEqual((await h.fetched(client)).map((e) => e.n), h.range(7, (i) => 43 + i));
});

test('31: rules for sessions', async (t) => {
  const { gw, client } = await started(t, { sessions: { kinds: [3, -1], kind_names: ['X'], kind_prefixes: ['a:', 'b'], sensors: ['door'], sensor_suffixes: ['!'] } });
  const kindOf = async (e) => {
    await h.publish(gw, e);
    return (await h.next(client)).type;
  };
  for (const e of [{ type: 3 }, { type: -1 }, { type: 'X' }, { type: 'a:b' }, { type: 'b' }, { type: 9, sensor: 'door' }, { sensor: 'stop!' }])
    assert.strictEqual(await kindOf(e), 5, JSON.stringify(e));
  for (const e of [{ type: 5 }, { type: 'XX' }, { type: 'a' }, { type: 'SESSION:' }, { type: 20, sensor: 'SESSIONS' }, { sensor: 'ssh_session' }, { sensor: 'doors' }])
    assert.strictEqual(await kindOf(e), 6, JSON.stringify(e));
  const none = await started(t, { sessions: { kinds: [], kind_names: [], kind_prefixes: [], sensors: [], sensor_suffixes: [] } });
  for (const e of [{ type: 5 }, { type: 'SESSION:X' }, { type: 1, sensor: 'x_session' }]) {
    await h.publish(none.gw, e);
    assert.strictEqual((await h.next(none.client)).type, 6);
  }
});

test('20, 21: another channel', async (t) => {
  const { gw, client } = await started(t, { channel: 'sweet' });
  await h.publish(gw, h.event());
  await gw.publish({ channel: 'sweet', key: 'e', body: h.session() });
  assert.strictEqual((await h.next(client)).type, 5);
  assert.strictEqual((await h.deliver(gw, h.event())).status, 200);
  assert.strictEqual((await h.next(client)).type, 6);
});

test('section 11: settings that cannot be', async (t) => {
  const cases = [
    [{ frame: 'both' }, /frame/], [{ dialect: 'raw' }, /dialect/], [{ nonsense: 1 }, /nonsense/], [{ reply_limit: -1 }, /reply_limit/], [{ lenient_json: 'yes' }, /lenient_json/],
    [{ sessions: { kinds: ['x'] } }, /kinds/], [{ dialect: 'envelope', geoip_database: '/nonexistent.mmdb' }, /geoip_database/],
    [{ dialect: 'envelope', geoip_database: '@DIR@/dragoman.yaml' }, /geoip_database/],
  ];
  await Promise.all(cases.map(async ([settings, message]) => {
    const log = await h.refusal(t, { settings });
    assert.match(log, message);
    assert.ok(!log.includes(h.secret), 'no token in the log');
  }));
  assert.match(await h.refusal(t, { journal: null }), /journal/);
});
