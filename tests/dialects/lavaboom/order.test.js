// SPDX-License-Identifier: Apache-2.0
// lavaboom digest section 5: the order of answers, how many requests run and wait. Statements 21, 22, 37, 39, 47.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../../support/gateway');
const l = require('./lavaboom');

const request = (id, path) => JSON.stringify({ type: 'request', id, method: 'GET', path });
// The messages of the next `count` SockJS frames; each frame holds one.
async function messages(client, count) {
  const out = [];
  while (out.length < count) {
    const strings = JSON.parse((await client.next()).slice(1));
    assert.strictEqual(strings.length, 1);
    out.push(JSON.parse(strings[0]));
  }
  return out;
}

test('lavaboom: order', async (t) => {
  const { api, gw } = await l.world(t);
  api.tokens.A = l.token('a');
  const tests = [
    t.test('lavaboom 21: three requests in one array', async (s) => {
      const c = await l.framed(s, gw);
      c.send(JSON.stringify(['1', '2', '3'].map((id) => request(id, `/echo/21/${id}`))));
      const answers = await messages(c, 3);
      assert.deepStrictEqual(answers.map((a) => [a.id, JSON.parse(a.body).url]), [['1', '/echo/21/1'], ['2', '/echo/21/2'], ['3', '/echo/21/3']]);
    }),
    t.test('lavaboom 22: a slow request delays those behind it, refused ones too', async (s) => {
      const c = await l.framed(s, gw);
      c.send(JSON.stringify([request('slow', '/gate/22'), request('quick', '/echo/22'), request('refused', 'no slash')]));
      await api.seen('/gate/22');
      const other = await l.open(s, gw);
      assert.strictEqual((await other.request('/')).status, 200, 'but not those of other sessions');
      assert.strictEqual(api.asked('/echo/22').length, 0);
      api.open('22');
      assert.deepStrictEqual((await messages(c, 3)).map((a) => [a.id, a.status]), [['slow', 200], ['quick', 200], ['refused', 400]]);
    }),
    t.test('lavaboom 22: messages that need no backend are not delayed', async (s) => {
      const c = await l.open(s, gw);
      c.send({ type: 'request', id: 'slow', method: 'GET', path: '/gate/22b' });
      assert.deepStrictEqual(await c.ask({ type: 'unsubscribe' }), { type: 'error', error: 'Not subscribed' });
      await c.subscribe('A');
      api.open('22b');
      assert.strictEqual((await c.next()).id, 'slow');
    }),
    t.test('lavaboom 5: subscribe and unsubscribe in one array are answered in their order', async (s) => {
      const c = await l.framed(s, gw);
      c.send(JSON.stringify(['{"type":"subscribe","token":"A"}', '{"type":"unsubscribe"}', '{"type":"unsubscribe"}', '{"type":"subscribe","token":"wrong"}', request('r', '/')]));
      assert.deepStrictEqual((await messages(c, 5)).map((m) => m.error || m.type), ['subscribed', 'unsubscribed', 'Not subscribed', 'Invalid token', 'response']);
    }),
    t.test('lavaboom 37: what is no JSON object gets an error, and the session goes on', async (s) => {
      const c = await l.framed(s, gw);
      const bad = ['', '{', 'x', '[]', '5', '"x"', 'null', '{"type":5}', '{} {}', '{"type":"request",}', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`];
      c.send(JSON.stringify([...bad, request('after', '/')]));
      const answers = await messages(c, bad.length + 1);
      for (const answer of answers.slice(0, -1)) assert.deepStrictEqual(answer, { type: 'error', error: 'Invalid message' });
      assert.strictEqual(answers.at(-1).id, 'after');
    }),
    t.test('lavaboom 39: an unknown type gets an error with the message\'s id, and the session goes on', async (s) => {
      const c = await l.open(s, gw);
      assert.deepStrictEqual(await c.ask({ type: 'nonsense', id: 5 }), { type: 'error', error: 'Unknown message type', id: 5 });
      assert.deepStrictEqual(await c.ask({ type: 'Request' }), { type: 'error', error: 'Unknown message type' });
      assert.deepStrictEqual(await c.ask({}), { type: 'error', error: 'Unknown message type' });
      assert.strictEqual((await c.request('/')).status, 200);
    }),
    t.test('lavaboom 47: events and answers mixed are messages of their own', async (s) => {
      api.tokens.mixed = l.token('mixed');
      const c = await l.framed(s, gw);
      c.send(JSON.stringify(['{"type":"subscribe","token":"mixed"}']));
      await messages(c, 1);
      const count = 20;
      const published = (async () => { for (let i = 0; i < count; i += 1) await l.delivery(gw, { id: `e${i}`, owner: 'mixed', name: '"],["' }); })();
      for (let i = 0; i < count; i += 1) c.send(JSON.stringify([request(`r${i}`, '/')]));
      const all = await messages(c, 2 * count);
      await published;
      for (const [type, letter] of [['response', 'r'], ['delivery', 'e']])
        assert.deepStrictEqual(all.filter((m) => m.type === type).map((m) => m.id), Array.from({ length: count }, (_, i) => `${letter}${i}`));
    }),
  ];
  await Promise.all(tests);
});

test('lavaboom row 19: max_parallel_requests', async (t) => {
  const { api, gw } = await l.world(t, { settings: { max_parallel_requests: 2 } });
  const c = await l.open(t, gw);
  for (const id of ['a', 'b', 'c']) c.send(request(id, `/gate/${id}`));
  await api.seen('/gate/b');
  assert.strictEqual(api.asked('/gate/c').length, 0, 'two at once');
  api.open('b');
  assert.strictEqual((await c.next()).id, 'b', 'in the order of the backend');
  await api.seen('/gate/c');
  api.open('a');
  api.open('c');
  assert.deepStrictEqual([(await c.next()).id, (await c.next()).id].sort(), ['a', 'c']);
});

test('lavaboom 5.2: max_queued_requests', async (t) => {
  const { api, gw } = await l.world(t, { settings: { max_queued_requests: 2 } });
  const c = await l.open(t, gw);
  for (const id of ['run', 'w1', 'w2', 'over']) c.send(request(id, `/gate/${id}`));
  l.assertFailure(await c.next(), 503, 'over');
  for (const id of ['run', 'w1', 'w2']) api.open(id);
  for (const id of ['run', 'w1', 'w2']) assert.strictEqual((await c.next()).id, id);
  assert.strictEqual(api.asked('/gate/over').length, 0);
});

test('lavaboom 5.2: a client that does not read does not get more requests done', async (t) => {
  const { api, gw } = await l.world(t, { limits: { queue_bytes: '1MiB', write_stall: '20s' } });
  const c = await l.open(t, gw);
  c.client.socket._socket.pause();
  const count = 60, size = 400000;
  for (let i = 0; i < count; i += 1) c.send(request(String(i), `/size/${size}`));
  // The sockets between take a few MiB, the rest has to wait for the client.
  let before = -1;
  await waitFor('the gateway to hold back', async () => {
    const now = api.requests.length;
    const same = now > 0 && now === before;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return same && api.requests.length === now;
  });
  assert.ok(api.requests.length < count, `${api.requests.length} requests were sent`);
  c.client.socket._socket.resume();
  for (let i = 0; i < count; i += 1) {
    const answer = await c.next();
    assert.deepStrictEqual([answer.id, answer.status, answer.body.length], [String(i), 200, size]);
  }
});
