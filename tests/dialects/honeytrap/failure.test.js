// SPDX-License-Identifier: Apache-2.0
// honeytrap digest statement 19: the storage fails.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { raw } = require('../../support/client');
const h = require('./honeytrap');

const failed = async (client, type) => {
  const { type: kind, payload } = await h.ask(client, { type });
  assert.strictEqual(kind, 7);
  assert.deepStrictEqual(Object.keys(payload), ['request', 'error']);
  assert.strictEqual(payload.request, type);
  assert.match(payload.error, /journal/);
};

test('19: a journal that cannot be made', async (t) => {
  // Below a file there can be none.
  const gw = await h.start(t, { journal: { path: '@DIR@/dragoman.yaml/journal.sqlite' }, journalOptions: { append_timeout: '300ms' } });
  const client = await h.dashboard(t, gw);
  await failed(client, 3);
  await failed(client, 1);
  await h.nothingMore(client);
  for (const target of ['/events', '/sessions']) {
    const answer = await h.get(gw, target);
    assert.strictEqual(answer.status, 500);
    assert.match(answer.text, /\w/);
  }
  await t.test('19: replies keep their order', async () => {
    for (const type of [3, 20, 1, 21]) client.send({ type });
    for (const type of [3, 20, 1, 21]) assert.strictEqual((await h.next(client)).payload.request, type);
  });
  await t.test('25: what cannot be stored is not pushed, and its publisher is told', async () => {
    assert.strictEqual((await h.deliver(gw, h.event())).status, 503);
    await gw.publish({ channel: 'honeytrap', key: 'e', body: h.event() }, 503);
    await h.nothingMore(client);
  });
});

test('19: the text of the failure as a string', async (t) => {
  const gw = await h.start(t, { journal: { path: '@DIR@/dragoman.yaml/journal.sqlite' }, settings: { error_payload: 'string' } });
  const { type, payload } = await h.ask(await h.dashboard(t, gw), { type: 3 });
  assert.strictEqual(type, 7);
  assert.match(payload, /journal/);
});

test('19: a file that another program keeps to itself, until it lets go', async (t) => {
  const file = path.join(h.directory(t), 'journal.sqlite');
  const journal = { path: file, busy_timeout_ms: 50 };
  const first = await h.start(t, { journal });
  await h.publish(first, h.event());
  await first.stop();
  const unlock = await h.lock(t, file, 'everything');
  const gw = await h.start(t, { journal });
  const client = await h.dashboard(t, gw);
  await failed(client, 3);
  await unlock();
  let reply;
  do reply = await h.ask(client, { type: 3 }); while (reply.type === 7);
  assert.deepStrictEqual(reply, { type: 4, payload: [h.event()] });
  await h.publish(gw, h.session());
  assert.strictEqual((await h.next(client)).type, 5);
});

test('19: a file that is damaged in the middle', async (t) => {
  const file = path.join(h.directory(t), 'journal.sqlite');
  const first = await h.start(t, { journal: { path: file } });
  await h.publish(first, h.session());
  const events = h.range(5000, (n) => h.event({ n, data: 'x'.repeat(400) }));
  await h.publish(first, events);
  await first.stop();
  const bytes = fs.readFileSync(file);
  const page = 4096 * Math.floor(bytes.indexOf('"n":4000}') / 4096);
  assert.ok(page > 0);
  fs.writeFileSync(file, bytes.fill(0xff, page, page + 4096));
  const gw = await h.start(t, { journal: { path: file } });
  await t.test('19: a reply that has begun is cut off with 1011', async (s) => {
    const client = await h.dashboard(s, gw);
    client.send({ type: 3 });
    assert.strictEqual((await client.closed()).code, 1011);
    assert.deepStrictEqual(client.messages, [], 'half a reply is none');
  });
  await t.test('19: an HTTP answer that has begun is cut off before its end', async (s) => {
    const r = raw(s, gw.port('h'));
    r.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n');
    const answer = await r.end();
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.ok(!answer.endsWith('0\r\n\r\n'));
  });
  await t.test('19: other clients and other pages go on', async (s) => {
    assert.deepStrictEqual(await h.fetched(await h.dashboard(s, gw), 1), [h.session()]);
    assert.deepStrictEqual((await h.getEvents(gw, '/events', { page: 1, response_per_page: 3 })).events, events.slice(0, 3));
  });
});
