// SPDX-License-Identifier: Apache-2.0
// Replies of many megabytes. honeytrap digest statements 6, 7, 18, 20, 21, 25, 34, 35.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { raw, connect } = require('../../support/client');
const { request, waitFor } = require('../../support/gateway');
const h = require('./honeytrap');

const numbers = (events) => events.map((e) => e.n);
const open = (gw) => gw.metric('dragoman_sessions_open', 'mount="honeytrap"');

test('7, 18, 35: 20,000 events of 500 bytes', async (t) => {
  // One thread, so that all clients share it.
  const gw = await h.start(t, { threads: 1 });
  const make = (n) => {
    const e = h.event({ n, data: '' });
    e.data = 'x'.repeat(500 - JSON.stringify(e).length);
    return e;
  };
  const all = h.range(20000, make);
  assert.strictEqual(JSON.stringify(all[7]).length, 500);
  for (let i = 0; i < all.length; i += 5000) await h.publish(gw, all.slice(i, i + 5000));
  const order = h.range(20000, (n) => n);

  await t.test('7: over WebSocket: complete, in order; another client is answered meanwhile', async (s) => {
    const client = await h.dashboard(s, gw), other = await h.dashboard(s, gw);
    client.send({ type: 3 });
    let answers = 0;
    while (!client.messages.length) {
      await h.nothingMore(other);
      if (!client.messages.length) ++answers;
    }
    assert.ok(answers > 0);
    const reply = await h.next(client);
    assert.strictEqual(reply.type, 4);
    assert.deepStrictEqual(numbers(reply.payload), order);
    assert.deepStrictEqual(reply.payload[12345], all[12345]);
  });
  await t.test('35: over HTTP: complete, in order; another client is answered meanwhile', async (s) => {
    const other = await h.dashboard(s, gw);
    let done = false, answers = 0;
    const asked = h.getEvents(gw, '/events').finally(() => { done = true; });
    while (!done) {
      await h.nothingMore(other);
      if (!done) ++answers;
    }
    assert.ok(answers > 0);
    const { total, events } = await asked;
    assert.strictEqual(total, 20000);
    assert.deepStrictEqual(numbers(events), order);
  });
  await t.test('18: replies of several clients at once, and several of one client in order', async (s) => {
    const clients = await Promise.all(h.range(4, () => h.dashboard(s, gw)));
    for (const client of clients) for (const type of [3, 20, 1, 3, 21]) client.send({ type });
    for (const client of clients) {
      assert.deepStrictEqual(numbers((await h.next(client)).payload), order);
      assert.deepStrictEqual(await h.next(client), h.unknown(20));
      assert.deepStrictEqual(await h.next(client), { type: 2, payload: [] });
      assert.deepStrictEqual(numbers((await h.next(client)).payload), order);
      assert.deepStrictEqual(await h.next(client), h.unknown(21));
    }
  });
  await t.test('36, 41: pages and filters in a large store', async () => {
    assert.deepStrictEqual(numbers((await h.getEvents(gw, '/events', { page: 200, response_per_page: 100 })).events), order.slice(-100));
    assert.deepStrictEqual(numbers((await h.getEvents(gw, '/events', { page: 2, response_per_page: 9000, types: [3], sensors: ['i'] })).events), order.slice(9000, 18000));
    assert.strictEqual((await h.getEvents(gw, '/events', { sensors: ['^nothing'] })).events.length, 0);
  });
  await t.test('7: who leaves in the middle of a reply harms nobody', async (s) => {
    const before = await open(gw);
    for (let i = 0; i < 5; ++i) {
      const client = await h.dashboard(s, gw);
      client.send({ type: 3 });
      // Some of the reply has come.
      await new Promise((resolve) => client.socket._socket.once('data', resolve));
      client.close();
      const r = raw(s, gw.port('h'));
      r.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n');
      await r.until('a part of the answer', (x) => x.includes('"n":'));
      r.socket.destroy();
    }
    await waitFor('the ends', async () => (await open(gw)) <= before);
    assert.strictEqual((await h.fetched(await h.dashboard(s, gw))).length, 20000);
  });
});

test('20, 21, 25: pushes during a large reply', async (t) => {
  const gw = await h.start(t, { threads: 1 });
  // More than the kernel keeps between two sockets.
  const all = h.range(40, (n) => h.event({ n, data: 'x'.repeat(900000) }));
  for (const e of all) await h.publish(gw, e);
  const client = await h.dashboard(t, gw), other = await h.dashboard(t, gw);
  client.send({ type: 3 });
  await new Promise((resolve) => client.socket._socket.once('data', resolve));
  client.socket.pause();
  client.send({ type: 20 });
  const late = h.range(50, (n) => (n % 2 ? h.session({ n: 100 + n }) : h.event({ n: 100 + n })));
  for (const e of late) {
    await h.publish(gw, e);
    assert.deepStrictEqual((await h.next(other)).payload, [e], 'the other hears of it at once');
  }
  assert.strictEqual((await h.getEvents(gw, '/events')).total, 65);
  assert.deepStrictEqual(client.messages, []);
  client.socket.resume();
  const reply = await h.next(client);
  assert.strictEqual(reply.type, 4);
  assert.deepStrictEqual(numbers(reply.payload), numbers(all), 'the reply is that of the moment it was asked for');
  const rest = [];
  for (let i = 0; i <= late.length; ++i) rest.push(await h.next(client));
  assert.deepStrictEqual(rest.filter((m) => m.type !== 7).map((m) => m.payload[0]), late, 'then what came meanwhile');
  assert.deepStrictEqual(rest.filter((m) => m.type === 7), [h.unknown(20)]);
  await h.nothingMore(client);
  assert.strictEqual((await h.fetched(client)).length, 65);
});

test('34, 35: who does not read an HTTP answer holds up nobody', async (t) => {
  const gw = await h.start(t, { threads: 1 });
  for (let n = 0; n < 40; ++n) await h.publish(gw, h.event({ n, data: 'x'.repeat(900000) }));
  const stuck = h.range(5, () => raw(t, gw.port('h')));
  for (const r of stuck) {
    r.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n');
    await r.until('a part of the answer', (x) => x.includes('"n":0'));
    r.socket.pause();
  }
  const client = await connect(t, h.url(gw));
  await h.publish(gw, h.session());
  assert.deepStrictEqual(await h.next(client), { type: 5, payload: [h.session()] });
  assert.deepStrictEqual(await h.fetched(client, 1), [h.session()]);
  assert.strictEqual((await request(gw.port('h'), 'GET', '/sessions', { token: null })).json.total, 1);
  // The end of the gateway waits for answers.
  for (const r of stuck) r.socket.destroy();
});
