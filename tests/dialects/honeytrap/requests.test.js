// SPDX-License-Identifier: Apache-2.0
// honeytrap digest statements 1-18, 28, 30: connections, requests and replies.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { raw, upgrade, frame } = require('../../support/client');
const { request } = require('../../support/gateway');
const h = require('./honeytrap');

test('1-5, 9-18: an empty store', async (t) => {
  const gw = await h.start(t, { limits: { ping_interval: '1s' } });
  const ask = async (s, message) => h.ask(await h.dashboard(s, gw), message);
  const refused = async (s, message, number, error) => {
    const client = await h.dashboard(s, gw);
    const { type, payload } = await h.ask(client, message);
    assert.strictEqual(type, 7, `${message}`);
    assert.deepStrictEqual(Object.keys(payload), ['request', 'error']);
    assert.strictEqual(payload.request, number);
    if (error) assert.strictEqual(payload.error, error);
    assert.match(payload.error, /^\S.+/);
    assert.deepStrictEqual(await h.ask(client, { type: 1 }), { type: 2, payload: [] }, 'the connection lives on');
  };
  await Promise.all([
    t.test('1: the upgrade offers nothing, and nothing is said within a second', async (s) => {
      const r = raw(s, gw.port('h'));
      r.write(upgrade('/ws?x=1', 'Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n'));
      // The first ping comes after a second; nothing stands before it.
      const answer = await r.until('a ping', (x) => x.endsWith('\x89\x00'));
      assert.match(answer, /^HTTP\/1\.1 101 [^]*\r\n\r\n\x89\x00$/);
      assert.doesNotMatch(answer, /sec-websocket-(protocol|extensions)/i);
    }),
    t.test('2: a foreign origin', async (s) => {
      for (const origin of ['http://elsewhere.example', 'null'])
        assert.deepStrictEqual(await h.ask(await h.dashboard(s, gw, { origin }), { type: 1 }), { type: 2, payload: [] });
    }),
    t.test('3: GET /ws without an upgrade', async () => {
      const answer = await h.get(gw, '/ws');
      assert.strictEqual(answer.status, 400);
      assert.match(answer.headers['content-type'], /^text\/plain/);
      assert.match(answer.text, /\w/);
    }),
    t.test('4: no sessions', async (s) => assert.deepStrictEqual(await ask(s, { type: 1 }), { type: 2, payload: [] })),
    t.test('5: no events', async (s) => assert.deepStrictEqual(await ask(s, { type: 3 }), { type: 4, payload: [] })),
    t.test('8: first type, then payload, nothing else', async (s) => {
      const client = await h.dashboard(s, gw);
      for (const message of ['{"type":1}', '{"type":3}', '{"type":9}', 'x']) {
        client.send(message);
        assert.match(await client.next(), /^\s*\{\s*"type"\s*:\s*\d\s*,\s*"payload"\s*:\s*(\[\]|\{[^{}]*\})\s*\}\s*$/);
      }
    }),
    t.test('9: a request in a binary frame', async (s) => {
      assert.deepStrictEqual(await ask(s, Buffer.from('{"type":1}')), { type: 2, payload: [] });
      assert.deepStrictEqual(await ask(s, Buffer.from('{"type":20}')), h.unknown(20));
    }),
    t.test('10: frames are text, whatever was asked in', async (s) => {
      const client = await h.dashboard(s, gw);
      for (const message of ['{"type":1}', Buffer.from('{"type":1}'), Buffer.from('{"type":8}')]) {
        client.send(message);
        assert.strictEqual(typeof await client.next(), 'string');
      }
    }),
    t.test('11, 12: an unknown request', async (s) => {
      await refused(s, '{"type":20}', 20, 'Unknown Request Type');
      const client = await h.dashboard(s, gw);
      assert.deepStrictEqual(await h.ask(client, { type: 20 }), h.unknown(20));
      await h.nothingMore(client);
    }),
    t.test('11: unknown integers of any size', async (s) => {
      for (const type of ['0', '-1', '8', '9223372036854775807', '-9223372036854775808']) {
        const client = await h.dashboard(s, gw);
        client.send(`{"type":${type}}`);
        assert.ok((await client.next()).includes(`"request":${type},`), type);
      }
    }),
    t.test('13: a request without a type', (s) => refused(s, '{}', 0, 'Unknown Request Type')),
    t.test('14: the types of the server are no requests', async (s) => {
      for (const type of [2, 4, 5, 6, 7]) await refused(s, { type }, type, 'Unknown Request Type');
    }),
    t.test('15: what is no request', async (s) => {
      for (const bad of ['{bad', '[1]', '"x"', '', ' ', '{"type":"1"}', '{"type":1.5}', '{"type":1.0}', '{"type":null}', '{"type":[1]}', '1', 'null', '[]',
        '{"type":1', '{"type":18446744073709551616}', '{"type":1}{"type":1}', '{"type":1,,}', `${'['.repeat(5000)}`, `{"type":1,"x":${'['.repeat(100)}${']'.repeat(100)}}`])
        await refused(s, bad, 0);
      await refused(s, Buffer.from('{bad'), 0);
      await refused(s, Buffer.from([0xff, 0xfe, 0x00]), 0);
    }),
    t.test('16: a trailing comma is accepted', async (s) => {
      assert.deepStrictEqual(await ask(s, '{"type": 1,}'), { type: 2, payload: [] });
      assert.deepStrictEqual(await ask(s, '{"type": 3 , \n}'), { type: 4, payload: [] });
      assert.deepStrictEqual(await ask(s, '{"x": [1,], "type": 3,}'), { type: 4, payload: [] });
    }),
    t.test('17: other keys are ignored', async (s) => {
      assert.deepStrictEqual(await ask(s, '{"type":1,"payload":{"x":1}}'), { type: 2, payload: [] });
      assert.deepStrictEqual(await ask(s, '{"a":{"type":9},"type":3,"limit":"x"}'), { type: 4, payload: [] });
    }),
    t.test('18: pipelined requests are answered in order', async (s) => {
      const r = raw(s, gw.port('h'));
      r.write(Buffer.concat([Buffer.from(upgrade('/ws')), ...[1, 20, 1, 20, 1, 20].map((type) => frame(1, `{"type":${type}}`))]));
      const all = await r.until('six answers', (x) => (x.match(/"payload"/g) || []).length === 6);
      assert.deepStrictEqual([...all.matchAll(/\{"type":(\d)/g)].map((m) => Number(m[1])), [2, 7, 2, 7, 2, 7]);
    }),
    t.test('section 2: other paths and methods', async () => {
      for (const [method, target, status] of [['POST', '/ws', 405], ['DELETE', '/ws', 405], ['GET', '/nothing', 404], ['GET', '/ws/x', 404]])
        assert.strictEqual((await request(gw.port('h'), method, target, { token: null })).status, status, `${method} ${target}`);
    }),
  ]);
});

test('6-8, 18, 28, 30: stored events', async (t) => {
  const gw = await h.start(t);
  const sessions = [h.session({ data: 'one', session_id: 'a' }), h.session({ type: 6, data: 'two <b>&amp;</b> \u2028 "\\/' })];
  const events = [h.event({ data: 'x < y & z > "é\u{1f41d}"', details: null })];
  for (const e of [sessions[0], events[0], sessions[1]]) await h.publish(gw, e);
  const client = await h.dashboard(t, gw);
  await t.test('6: exactly the sessions, oldest first', async () => assert.deepStrictEqual(await h.fetched(client, 1), sessions));
  await t.test('7: exactly the events', async () => assert.deepStrictEqual(await h.fetched(client, 3), events));
  await t.test('8: first type, then payload, nothing else', async () => {
    client.send({ type: 1 });
    const text = await client.next();
    assert.match(text, /^\s*\{\s*"type"\s*:\s*2\s*,\s*"payload"\s*:\s*\[/);
    assert.deepStrictEqual(Object.keys(JSON.parse(text)), ['type', 'payload']);
  });
  await t.test('18: fetches between refusals keep their place', async () => {
    for (const type of [1, 20, 3, 21, 1, 22]) client.send({ type });
    const replies = [];
    for (let i = 0; i < 6; ++i) replies.push(await h.next(client));
    assert.deepStrictEqual(replies, [{ type: 2, payload: sessions }, h.unknown(20), { type: 4, payload: events }, h.unknown(21),
      { type: 2, payload: sessions }, h.unknown(22)]);
  });
  await t.test('28: null and text with < come back equal', async () => {
    const [e] = await h.fetched(client, 3);
    assert.strictEqual(e.details, null);
    assert.strictEqual(e.data, events[0].data);
  });
  await t.test('30: no session_id, no key', async () => {
    const [one, two] = await h.fetched(client, 1);
    assert.strictEqual(one.session_id, 'a');
    assert.ok(!('session_id' in two));
    await h.publish(gw, h.event({ session_id: '', container_id: null, token: '', location: '' }));
    await client.next();
    const last = (await h.fetched(client, 3)).at(-1);
    for (const key of ['session_id', 'container_id', 'token', 'location']) assert.ok(!(key in last), key);
  });
});
