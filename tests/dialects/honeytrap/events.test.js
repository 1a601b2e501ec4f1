// SPDX-License-Identifier: Apache-2.0
// honeytrap digest statements 20, 21, 23-26, 29, 31: pushes, and what is a session.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const h = require('./honeytrap');

test('20, 21, 23-26: pushes', async (t) => {
  const gw = await h.start(t);
  await t.test('20: a session reaches who never sent anything', async (s) => {
    const client = await h.dashboard(s, gw);
    const e = h.session({ n: 20 });
    await h.publish(gw, e);
    assert.deepStrictEqual(await h.next(client), { type: 5, payload: [e] });
    await h.nothingMore(client);
  });
  await t.test('21: an event reaches who never sent anything', async (s) => {
    const client = await h.dashboard(s, gw);
    const e = h.event({ n: 21 });
    await h.publish(gw, e);
    const text = await client.next();
    assert.match(text, /^\{"type":6,"payload":\[/);
    assert.deepStrictEqual(JSON.parse(text), { type: 6, payload: [e] });
    await h.nothingMore(client);
  });
  await t.test('23: one batch with both kinds: events first, then sessions', async (s) => {
    const client = await h.dashboard(s, gw);
    const all = [h.session({ n: 1 }), h.event({ n: 2 }), h.session({ n: 3 }), h.event({ n: 4 })];
    await h.publish(gw, all);
    assert.deepStrictEqual(await h.next(client), { type: 6, payload: [all[1], all[3]] });
    assert.deepStrictEqual(await h.next(client), { type: 5, payload: [all[0], all[2]] });
    await h.publish(gw, [all[0]]);
    assert.deepStrictEqual(await h.next(client), { type: 5, payload: [all[0]] }, 'an empty side sends nothing');
    await h.publish(gw, [all[1], all[3]]);
    assert.deepStrictEqual(await h.next(client), { type: 6, payload: [all[1], all[3]] });
    await h.publish(gw, []);
    await h.nothingMore(client);
  });
  await t.test('24: every connection gets each push once', async (s) => {
    const clients = await Promise.all(h.range(3, () => h.dashboard(s, gw)));
    const events = h.range(20, (i) => (i % 2 ? h.session({ n: i }) : h.event({ n: i })));
    for (const e of events) await h.publish(gw, e);
    for (const client of clients) {
      for (const e of events) assert.deepStrictEqual(await h.next(client), { type: e.type === 5 ? 5 : 6, payload: [e] });
      await h.nothingMore(client);
    }
  });
  await t.test('25: what was pushed can be fetched at once', async (s) => {
    const client = await h.dashboard(s, gw);
    for (let i = 0; i < 20; ++i) {
      const e = i % 2 ? h.session({ push: i }) : h.event({ push: i });
      const published = h.publish(gw, e);
      await client.next();
      assert.deepStrictEqual((await h.fetched(client, i % 2 ? 1 : 3)).at(-1), e);
      await published;
    }
  });
  await t.test('26: who comes later gets no push, but can fetch', async (s) => {
    const e = h.event({ n: 26 });
    await h.publish(gw, e);
    const client = await h.dashboard(s, gw);
    await h.nothingMore(client);
    assert.deepStrictEqual((await h.fetched(client)).at(-1), e);
  });
  await t.test('section 4.5: one id is one event', async (s) => {
    const client = await h.dashboard(s, gw);
    for (const body of [h.event({ n: 1 }), h.event({ n: 2 })]) await h.publish(gw, body, { id: 'twice' });
    assert.deepStrictEqual(await h.next(client), { type: 6, payload: [h.event({ n: 1 })] });
    await h.nothingMore(client);
    assert.deepStrictEqual((await h.fetched(client)).filter((e) => e.n === 1 || e.n === 2).slice(-1), [h.event({ n: 1 })]);
  });
  await t.test('section 4.5: what is no event is dropped and counted, and other channels are not heard', async (s) => {
    const client = await h.dashboard(s, gw);
    const count = () => gw.metric('dragoman_plugin_honeytrap_events_invalid_total', 'mount="honeytrap"');
    const before = await count();
    const bad = ['{bad', '1', '"x"', '[1]', '[{"type":3},2]', '', '{"type":3}{"type":3}', '[{"type":3}'];
    for (const body of bad) await h.publish(gw, body);
    await gw.publish({ channel: 'other', key: 'e', body: h.event() });
    await h.nothingMore(client);
    assert.strictEqual(await count() - before, bad.length);
  });
});

test('31: which events are sessions', async (t) => {
  const gw = await h.start(t);
  const client = await h.dashboard(t, gw);
  const cases = [
    [{ type: 5 }, true], [{ type: 6 }, true], [{ type: 3 }, false], [{ type: 20 }, true], [{ type: 21 }, true], [{ type: 1 }, false], [{ type: 51 }, false],
    [{ type: 'CONNECTION:OPENED' }, true], [{ type: 'CONNECTION:CLOSED' }, true], [{ type: 'CONNECTION:ERROR:READ' }, false],
    [{ type: 'SESSION:USER:OPENED' }, true], [{ type: 'PING' }, false], [{ type: '5' }, false], [{ type: 5.5 }, false], [{ type: null }, false], [{}, false],
    [{ type: 3, sensor: 'SESSIONS' }, true], [{ type: 1, sensor: 'ssh_session' }, true], [{ type: 1, sensor: 'session' }, false],
    [{ event_type: 5 }, true], [{ event_type: 3 }, false], [{ type: 3, event_type: 5 }, false],
  ];
  for (const [extra, isSession] of cases) {
    const e = { sensor: 'ping', ...extra };
    await h.publish(gw, e);
    assert.strictEqual((await h.next(client)).type, isSession ? 5 : 6, JSON.stringify(e));
  }
  await t.test('section 5: the publisher may say which it is', async () => {
    await h.publish(gw, h.event(), { attributes: { class: 'session' } });
    assert.strictEqual((await h.next(client)).type, 5);
    await h.publish(gw, h.session(), { attributes: { class: 'event' } });
    assert.strictEqual((await h.next(client)).type, 6);
    await h.publish(gw, h.session(), { attributes: { class: 'other' } });
    assert.strictEqual((await h.next(client)).type, 5);
  });
});

test('29: the source\'s keys become the document\'s, in the document\'s order', async (t) => {
  const gw = await h.start(t);
  const client = await h.dashboard(t, gw);
  const source = { sensor: 's', date: 'd', started: 'x', ended: 'y', token: 't', location: 'l', category: 'c', host_addr: '10.0.0.1:1', local_addr: '10.0.0.2:2',
    event_type: 3, data: { a: [1.5, -1] }, details: { b: null }, session_id: 'si', container_id: 'ci', 'ssh.username': 'root' };
  const keys = ['type', 'sensor', 'date', 'started', 'ended', 'token', 'location', 'category', 'hostAddr', 'localAddr', 'data', 'details', 'session_id',
    'container_id', 'ssh.username'];
  await h.publish(gw, source);
  const pushed = (await h.next(client)).payload[0];
  assert.deepStrictEqual(Object.keys(pushed), keys);
  const { event_type: type, host_addr: hostAddr, local_addr: localAddr, ...rest } = source;
  assert.deepStrictEqual(pushed, { type, hostAddr, localAddr, ...rest });
  const [stored] = await h.fetched(client);
  assert.deepStrictEqual(Object.keys(stored), keys);
  assert.deepStrictEqual(stored, pushed);
  await t.test('29: values keep their spelling to the last digit', async () => {
    const body = '{"type":3,"sensor":"n","date":"d","data":[1.50,1e400,12345678901234567890,-0,"\\u00e9\\u003c"],"x":0.1000}';
    await h.publish(gw, body);
    assert.strictEqual(await client.next(), `{"type":6,"payload":[${body}]}`);
  });
  await t.test('section 5: a missing date is filled in, any other passed on', async () => {
    const before = Date.now();
    for (const extra of [{}, { date: '' }, { date: null }]) {
      await h.publish(gw, { type: 3, ...extra });
      const { date } = (await h.next(client)).payload[0];
      assert.match(date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
      assert.ok(Math.abs(Date.parse(date) - before) < 60000, date);
    }
    for (const date of ['06-04-2013', '0001-01-01T00:00:00Z', 'yesterday', 5]) {
      await h.publish(gw, { type: 3, date });
      assert.strictEqual((await h.next(client)).payload[0].date, date);
    }
  });
});
