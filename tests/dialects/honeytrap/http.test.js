// SPDX-License-Identifier: Apache-2.0
// honeytrap digest statements 35-42: the HTTP API.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { raw } = require('../../support/client');
const { request } = require('../../support/gateway');
const h = require('./honeytrap');

// The peer's test stores three events like these and two sessions.
const events = [h.event({ type: 1, sensor: 'Ragnar', n: 0 }), h.event({ type: 4, sensor: 'ragnar', n: 1 }), h.event({ type: 4, sensor: 'xRag', n: 2 })];
const sessions = [h.session({ sensor: 'alpha', n: 3 }), h.session({ type: 6, sensor: 'beta', n: 4 })];
const numbers = (answer) => answer.events.map((e) => e.n);

test('35-42: GET /events and /sessions', async (t) => {
  const gw = await h.start(t);
  const ask = (body, target = '/events') => h.getEvents(gw, target, body);
  await t.test('35: an empty store', async () => {
    for (const target of ['/events', '/sessions']) {
      const { total, events: none } = await ask(undefined, target);
      assert.strictEqual(total, 0);
      assert.deepStrictEqual(none, []);
    }
  });
  for (const e of [events[0], sessions[0], events[1], sessions[1], events[2]]) await h.publish(gw, e);
  await Promise.all([
    t.test('35: without a body', async () => {
      const answer = await h.get(gw, '/events');
      assert.strictEqual(answer.status, 200);
      assert.match(answer.headers['content-type'], /^application\/json/);
      assert.strictEqual(answer.json.total, 3);
      assert.deepStrictEqual(answer.json.events, events);
      const { total, events: list } = await ask(undefined, '/sessions');
      assert.strictEqual(total, 2);
      assert.deepStrictEqual(list, sessions);
      for (const body of ['', '{}', ' ', '{"page": null}']) assert.deepStrictEqual(numbers(await ask(body)), [0, 1, 2]);
    }),
    t.test('36: the first page', async () => {
      assert.deepStrictEqual(await ask({ page: 1, response_per_page: 3 }), { response_per_page: 3, page: 1, total: 3, events });
      assert.deepStrictEqual(await ask({ page: 1, response_per_page: 2 }), { response_per_page: 2, page: 1, total: 3, events: events.slice(0, 2) });
      assert.deepStrictEqual(numbers(await ask({ page: 1, response_per_page: 1000000 })), [0, 1, 2]);
    }),
    t.test('37: types', async () => {
      const two = await ask({ page: 1, response_per_page: 3, types: [4, 9] });
      assert.strictEqual(two.total, 3);
      assert.deepStrictEqual(numbers(two), [1, 2]);
      assert.deepStrictEqual(numbers(await ask({ page: 1, response_per_page: 3, types: [1] })), [0]);
      assert.deepStrictEqual(numbers(await ask({ page: 1, response_per_page: 3, types: [1, 4] })), [0, 1, 2]);
      assert.deepStrictEqual(numbers(await ask({ types: [77] })), []);
      assert.deepStrictEqual(numbers(await ask({ types: ['1'] })), [], 'a string is no integer');
    }),
    t.test('38: types and sensors', async () => {
      assert.deepStrictEqual(numbers(await ask({ page: 1, response_per_page: 3, types: [1, 4], sensors: ['^Rag'] })), [0]);
      assert.deepStrictEqual(numbers(await ask({ sensors: ['Rag'] })), [0, 2], 'unanchored, capitals differ');
      assert.deepStrictEqual(numbers(await ask({ sensors: ['^rag', '^x'] })), [1, 2]);
      assert.deepStrictEqual(numbers(await ask({ types: [4], sensors: ['^Rag'] })), []);
      assert.deepStrictEqual(numbers(await ask({ sensors: ['(', '^x'] })), [2], 'an invalid expression is skipped');
    }),
    t.test('39: page -1', async () => {
      assert.deepStrictEqual(numbers(await ask({ page: -1, response_per_page: 2 })), [0, 1, 2]);
      for (const body of [{ page: 0, response_per_page: 2 }, { page: 2 }, { response_per_page: 2 }, { page: 1, response_per_page: 0 }, { page: 1, response_per_page: -5 }])
        assert.deepStrictEqual(numbers(await ask({ ...body, types: [4] })), [1, 2], JSON.stringify(body));
    }),
    t.test('40: the peer\'s spelling', async () => {
      assert.deepStrictEqual(await ask({ page: 1, responser_per_page: 2 }), await ask({ page: 1, response_per_page: 2 }));
      assert.deepStrictEqual(numbers(await ask({ page: 2, responser_per_page: 1 })), [1]);
    }),
    t.test('41: later pages', async () => {
      assert.deepStrictEqual(numbers(await ask({ page: 2, response_per_page: 2 })), [2]);
      assert.deepStrictEqual(numbers(await ask({ page: 3, response_per_page: 2 })), []);
      assert.deepStrictEqual(numbers(await ask({ page: 2, response_per_page: 1, types: [4] })), [2], 'pages of what fits');
      for (const page of [4294967297, 9223372036854775807n])
        assert.deepStrictEqual(numbers(await ask(`{"page":${page},"response_per_page":${page}}`)), [], 'a page that no store reaches');
    }),
    t.test('36-38, 41: sessions alike', async () => {
      assert.deepStrictEqual(await ask({ page: 2, response_per_page: 1 }, '/sessions'), { response_per_page: 1, page: 2, total: 2, events: [sessions[1]] });
      assert.deepStrictEqual(numbers(await ask({ sensors: ['^be'] }, '/sessions')), [4]);
      assert.deepStrictEqual(numbers(await ask({ types: [5] }, '/sessions')), [3]);
    }),
    t.test('42: GET /', async () => {
      const answer = await h.get(gw, '/');
      assert.ok(answer.status === 200 || answer.status === 204, `${answer.status}`);
    }),
    t.test('section 7: the document\'s body, with a comma too many', async () => {
      assert.deepStrictEqual(numbers(await ask('{"response_per_page": 10, "page": 1, "types": [1, 5], "sensors": ["ping", "^connect"]}')), []);
      assert.deepStrictEqual(numbers(await ask('{"response_per_page": 10, "page": 1, "types": [1, 5,], "sensors": ["^Rag",],}')), [0]);
    }),
    t.test('section 7: the question in the query', async () => {
      assert.deepStrictEqual(numbers(await ask(undefined, '/events?page=2&response_per_page=2')), [2]);
      assert.deepStrictEqual(numbers(await ask(undefined, '/events?types=4&sensors=%5Ex')), [2]);
    }),
    t.test('section 7: what is no question', async () => {
      for (const body of ['{bad', '[]', '1', '{"page":"1"}', '{"page":1.5,"response_per_page":1}', '{"types":5}', '{"types":[[]]}', '{"sensors":"x"}', '{"sensors":[1]}',
        '\xff\xfe', '['.repeat(4000)]) {
        const answer = await h.get(gw, '/events', body);
        assert.strictEqual(answer.status, 400, body);
        assert.match(answer.text, /\w/);
      }
      assert.deepStrictEqual(numbers(await ask()), [0, 1, 2]);
    }),
    t.test('section 7: GET only', async () => {
      for (const method of ['POST', 'PUT', 'DELETE'])
        for (const target of ['/events', '/sessions'])
          assert.strictEqual((await request(gw.port('h'), method, target, { token: null })).status, 405, `${method} ${target}`);
    }),
    t.test('section 7: questions on one connection are answered in order', async (s) => {
      const r = raw(s, gw.port('h'));
      const question = (body) => `GET /events HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      r.write(question('{"types":[1]}') + question('') + question('{bad') + question('{"types":[4]}'));
      const all = await r.until('four answers', (x) => x.split('HTTP/1.1 ').length === 5 && /"n":2}\]}(\r\n0\r\n\r\n)?$/.test(x));
      assert.deepStrictEqual([...all.matchAll(/HTTP\/1\.1 (\d+)|"n":(\d)/g)].map((m) => Number(m[1] ?? m[2])), [200, 0, 200, 0, 1, 2, 400, 200, 1, 2]);
    }),
  ]);
});

test('37: types that are strings', async (t) => {
  const gw = await h.start(t);
  for (const [n, type] of ['PING', 'DATA:READ', 4, undefined].entries()) await h.publish(gw, { type, sensor: 'x', n });
  assert.deepStrictEqual(numbers(await h.getEvents(gw, '/events', { types: ['PING', 4] })), [0, 2]);
  assert.deepStrictEqual(numbers(await h.getEvents(gw, '/events', { types: ['4'] })), []);
  assert.deepStrictEqual(numbers(await h.getEvents(gw, '/events')), [0, 1, 2, 3]);
});
