// SPDX-License-Identifier: Apache-2.0
// SockJS digest section 1: a dialect need not know of SockJS. A wazo session over a stream, over polls and over a WebSocket.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const w = require('../../dialects/wazo/wazo');
const s = require('./sockjs');

const token = '?token=some-token-id';
// How the messages of a session are sent and read; each yields one message at a time.
const transports = {
  async xhr_streaming(t, gw, query) {
    const path = s.session('wazo');
    const http = new s.Http(t, gw).send('POST', `${path}/xhr_streaming${query}`, { body: '' });
    assert.strictEqual((await http.head()).status, 200);
    assert.strictEqual(await http.chunk(), `${'h'.repeat(2048)}\n`);
    return { send: (...m) => s.send(t, gw, path, ...m), frame: async () => (await http.chunk()).slice(0, -1) };
  },
  async xhr(t, gw, query) {
    const path = s.session('wazo');
    const frames = [await s.ask(t, gw, 'POST', `${path}/xhr${query}`)];
    assert.strictEqual(frames[0].status, 200);
    return { send: (...m) => s.send(t, gw, path, ...m), frame: async () => (frames.length ? frames.pop().body : await s.poll(t, gw, path)).slice(0, -1) };
  },
  async websocket(t, gw, query) {
    const client = await s.websocket(t, gw, `${s.session('wazo')}/websocket${query}`);
    return { send: async (...m) => client.send(JSON.stringify(m)), frame: () => client.next() };
  },
};
async function open(t, gw, name, query = token) {
  const { send, frame } = await transports[name](t, gw, query);
  assert.strictEqual(await frame(), 'o');
  const waiting = [];
  const next = async () => {
    if (!waiting.length) {
      const text = await frame();
      assert.strictEqual(text[0], 'a', text);
      waiting.push(...JSON.parse(text.slice(1)));
    }
    return waiting.shift();
  };
  return { send: (...objects) => send(...objects.map((x) => JSON.stringify(x))), frame, next };
}

test('sockjs: any dialect', async (t) => {
  const gw = await s.start(t, { mounts: { wazo: { plugin: 'wazo', settings: { tls: 'off' } } } });
  await Promise.all(Object.keys(transports).flatMap((name) => [
    t.test(`sockjs section 1: a wazo session over ${name}`, async (u) => {
      const client = await open(u, gw, name);
      assert.strictEqual(await client.next(), w.init1);
      const event = `over_${name}`;
      await client.send({ op: 'subscribe', data: { event_name: event } }, { op: 'start' });
      assert.strictEqual(await client.next(), w.v1('subscribe'));
      assert.strictEqual(await client.next(), w.v1('start'));
      await gw.wazo(w.event('another', null));
      for (const text of ['x', '100% </script> "\\\u2028\u{1F600}\uffff', 'y'.repeat(200000)]) {
        const body = w.event(event, null, { text });
        await gw.wazo(body);
        assert.strictEqual(await client.next(), body);
      }
    }),
    t.test(`sockjs section 8.3: a wazo session that is refused over ${name}`, async (u) => {
      const client = await open(u, gw, name, '');
      assert.strictEqual(await client.frame(), 'c[4001,"no token"]');
    }),
    t.test(`sockjs section 8.3: a token that is revoked over ${name}`, async (u) => {
      await gw.addToken({ token: `t-${name}`, grants: ['websocketd'] });
      const client = await open(u, gw, name, `?token=t-${name}&version=2`);
      assert.strictEqual(await client.next(), w.init2);
      await gw.revoke(`t-${name}`);
      assert.match(await client.frame(), /^c\[4003,/);
    }),
  ]));
  await t.test('sockjs section 1: one event for sessions of all transports', async (u) => {
    const clients = await Promise.all(Object.keys(transports).map((name) => open(u, gw, name)));
    for (const client of clients) {
      assert.strictEqual(await client.next(), w.init1);
      await client.send({ op: 'subscribe', data: { event_name: '*' } }, { op: 'start' });
      assert.strictEqual(await client.next(), w.v1('subscribe'));
      assert.strictEqual(await client.next(), w.v1('start'));
    }
    const bodies = Array.from({ length: 200 }, (_, i) => w.event('all', null, { i }));
    const batch = bodies.map((b, i) => ({ specversion: '1.0', id: `${i}`, source: 's', type: 'k', channel: 'xivo', data: JSON.parse(b) }));
    const answer = await gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/cloudevents-batch+json' }, body: JSON.stringify(batch) });
    assert.strictEqual(answer.status, 200, answer.text);
    for (const client of clients) for (const body of bodies) assert.strictEqual(await client.next(), body);
  });
});
