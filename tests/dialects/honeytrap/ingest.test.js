// SPDX-License-Identifier: Apache-2.0
// honeytrap digest section 6: how honeypots deliver. Statements 20, 21, 29 by these ways.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const { connect } = require('../../support/client');
const { request, waitFor } = require('../../support/gateway');
const h = require('./honeytrap');

test('20, 21, 29: POST /v1/action', async (t) => {
  const gw = await h.start(t);
  const client = await h.dashboard(t, gw);
  await t.test('21: an array with one event, as honeytrap sends it', async () => {
    const answer = await h.deliver(gw, [{ sensor: 'ping', event_type: 3, host_addr: '10.0.0.1:5', date: 'd' }]);
    assert.strictEqual(answer.status, 200, answer.text);
    assert.deepStrictEqual(await h.next(client), { type: 6, payload: [{ type: 3, sensor: 'ping', date: 'd', hostAddr: '10.0.0.1:5' }] });
  });
  await t.test('20: one event, with the other word for the token', async () => {
    assert.strictEqual((await h.deliver(gw, h.session(), { authorization: `Bearer ${h.secret}` })).status, 200);
    assert.deepStrictEqual(await h.next(client), { type: 5, payload: [h.session()] });
  });
  await t.test('25: what was answered with 200 is stored', async () => {
    for (let n = 0; n < 10; ++n) {
      assert.strictEqual((await h.deliver(gw, h.event({ n }))).status, 200);
      assert.strictEqual((await h.getEvents(gw, '/events')).events.at(-1).n, n);
      await client.next();
    }
  });
  await t.test('section 6: a flat map of 2018', async () => {
    const flat = { date: '2018-02-03T04:05:06Z', sensor: 'ssh', category: 'ssh', type: 'ssh-channel', 'source-ip': '10.1.1.1', 'source-port': 4711, 'ssh.username': 'root' };
    assert.strictEqual((await h.deliver(gw, [flat])).status, 200);
    assert.deepStrictEqual(await h.next(client), { type: 6, payload: [flat] });
  });
  await t.test('section 6: many at once, and none', async () => {
    const events = h.range(500, (n) => h.event({ n }));
    assert.strictEqual((await h.deliver(gw, events)).status, 200);
    assert.deepStrictEqual(await h.next(client), { type: 6, payload: events });
    assert.strictEqual((await h.deliver(gw, [])).status, 200);
    await h.nothingMore(client);
  });
  await t.test('section 6: without the token, with a wrong one', async () => {
    for (const target of ['/v1/action', '/v1/ping'])
      for (const authorization of [null, 'Token', 'Token ', 'Token wrong', 'Token secretx', 'Token secre', 'Basic secret', 'secret', 'Bearer wrong', 'Token SECRET']) {
        const answer = await h.deliver(gw, h.event(), { authorization, target });
        assert.strictEqual(answer.status, 401, `${target} ${authorization}`);
        assert.ok(answer.headers['www-authenticate']);
      }
    await h.nothingMore(client);
  });
  await t.test('section 6: a body that is no event', async () => {
    for (const body of ['', '{bad', '1', 'null', '"x"', '[1]', '[{},2]', '{"type":3}{"type":3}', '[{"type":3}', '\xff\xfe', `{"a":${'['.repeat(40)}${']'.repeat(40)}}`,
      `[${'{},'.repeat(10000)}{}]`]) {
      const answer = await h.deliver(gw, body);
      assert.strictEqual(answer.status, 400, body.slice(0, 40));
      assert.match(answer.text, /\w/);
    }
    await h.nothingMore(client);
  });
  await t.test('section 6: POST /v1/ping', async () => {
    assert.strictEqual((await h.deliver(gw, '', { target: '/v1/ping' })).status, 200);
    await h.nothingMore(client);
  });
  await t.test('section 6: other methods', async () => {
    assert.strictEqual((await request(gw.port('h'), 'GET', '/v1/action', { token: null })).status, 405);
  });
});

test('section 6: without a token in the settings everything is refused', async (t) => {
  const gw = await h.start(t, { settings: { ingest: {} } });
  for (const authorization of [null, 'Token', 'Token ', 'Bearer ', 'Token secret'])
    assert.strictEqual((await h.deliver(gw, h.event(), { authorization })).status, 401, `${authorization}`);
  for (const authorization of [null, 'Bearer ', 'Bearer secret'])
    assert.strictEqual((await (await h.raven(t, gw, authorization)).closed()).code, 1008, `${authorization}`);
});

test('20, 21: the WebSocket /raven', async (t) => {
  const gw = await h.start(t);
  const client = await h.dashboard(t, gw);
  await t.test('20, 21: one event a frame, binary or text; no answers, no pushes', async (s) => {
    const pusher = await h.raven(s, gw);
    for (let n = 0; n < 20; ++n) {
      const e = n % 3 ? h.event({ n }) : h.session({ n });
      pusher.send(n % 2 ? JSON.stringify(e) : Buffer.from(JSON.stringify(e)));
      assert.deepStrictEqual(await h.next(client), { type: n % 3 ? 6 : 5, payload: [e] });
    }
    await new Promise((resolve) => { pusher.socket.once('pong', resolve); pusher.socket.ping(); });
    assert.deepStrictEqual(pusher.messages, []);
  });
  await t.test('20: a hundred in a row keep their order', async (s) => {
    const pusher = await h.raven(s, gw);
    const events = h.range(100, (n) => h.event({ n }));
    for (const e of events) pusher.send(Buffer.from(JSON.stringify(e)));
    for (const e of events) assert.deepStrictEqual(await h.next(client), { type: 6, payload: [e] });
    assert.deepStrictEqual((await h.fetched(client)).slice(-100), events);
  });
  await t.test('section 6: what is no event is dropped, and the connection lives on', async (s) => {
    const pusher = await h.raven(s, gw);
    for (const bad of ['{bad', '1', '', Buffer.from([0xff, 0, 1])]) pusher.send(bad);
    pusher.send(h.event({ n: 'after' }));
    assert.strictEqual((await h.next(client)).payload[0].n, 'after');
    await waitFor('a line in the log', () => gw.log.includes('event from a honeypot dropped'));
  });
  await t.test('section 6: without the token, with a wrong one', async (s) => {
    for (const authorization of [null, 'Bearer wrong', 'Bearer', 'Bearer secretx']) {
      const pusher = await h.raven(s, gw, authorization);
      pusher.send(h.event());
      assert.strictEqual((await pusher.closed()).code, 1008, `${authorization}`);
    }
    // /ws needs none, and takes no events.
    const other = await connect(s, h.url(gw));
    assert.deepStrictEqual(await h.ask(other, h.event()), { type: 4, payload: (await h.getEvents(gw, '/events')).events }, 'an event of type 3 is a request here');
    await h.nothingMore(client);
  });
});

test('section 6: a journal that is locked', async (t) => {
  const file = path.join(h.directory(t), 'journal.sqlite');
  const gw = await h.start(t, { journal: { path: file, busy_timeout_ms: 50 }, journalOptions: { append_timeout: '300ms' } });
  const client = await h.dashboard(t, gw);
  await h.publish(gw, h.event({ n: 'before' }));
  await client.next();
  const unlock = await h.lock(t, file);
  await t.test('section 6: POST is told to try again', async () => {
    assert.strictEqual((await h.deliver(gw, h.event({ n: 'lost' }))).status, 503);
    await gw.publish({ channel: 'honeytrap', key: 'e', body: h.event({ n: 'lost' }) }, 503);
  });
  const names = h.range(20, (i) => `raven ${i}`);
  await t.test('section 6: what raven delivers is kept until it is stored, even when raven has gone', async (s) => {
    const pushers = [await h.raven(s, gw), await h.raven(s, gw)];
    for (const [i, n] of names.entries()) pushers[i % 2].send(Buffer.from(JSON.stringify(h.event({ n }))));
    await new Promise((resolve) => { pushers[0].socket.once('pong', resolve); pushers[0].socket.ping(); });
    await new Promise((resolve) => { pushers[1].socket.once('pong', resolve); pushers[1].socket.ping(); });
    pushers[1].close();
    // Each was refused at least once.
    await waitFor('refusals', async () => (await gw.metric('dragoman_plugin_honeytrap_events_not_stored_total', 'mount="honeytrap"')) >= names.length + 2);
    await h.nothingMore(client);
    assert.deepStrictEqual((await h.fetched(client)).map((e) => e.n), ['before'], 'what is there can be read meanwhile');
    await unlock();
    const stored = [];
    while (stored.length < names.length) stored.push(...(await h.next(client)).payload.map((e) => e.n));
    assert.deepStrictEqual([...stored].sort(), [...names].sort(), 'each once');
    await h.nothingMore(client);
    assert.deepStrictEqual((await h.fetched(client)).map((e) => e.n), ['before', ...stored]);
  });
  await t.test('section 6: afterwards POST succeeds', async () => {
    assert.strictEqual((await h.deliver(gw, h.event({ n: 'after' }))).status, 200);
    assert.strictEqual((await h.next(client)).payload[0].n, 'after');
  });
});
