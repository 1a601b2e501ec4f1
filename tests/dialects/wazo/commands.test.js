// SPDX-License-Identifier: Apache-2.0
// wazo digest statements 16-25, 42, 43, 54: commands, replies and protocol errors.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const w = require('./wazo');

const errors = {
  'bad JSON': '{"op": ',
  number: '1',
  array: '[]',
  'no op': '{}',
  'op of the wrong type': '{"op":2}',
  'unknown op': '{"op":"foo"}',
  'a word of the server': '{"op":"init"}',
  'subscribe without data': '{"op":"subscribe"}',
  'data null': '{"op":"subscribe","data":null}',
  'data of the wrong type': '{"op":"subscribe","data":"foo"}',
  'data without event_name': '{"op":"subscribe","data":{}}',
  'event_name of the wrong type': '{"op":"subscribe","data":{"event_name":1}}',
  'token without data': '{"op":"token"}',
  'token of the wrong type': '{"op":"token","data":{"token":1}}',
  'ping without data': '{"op":"ping"}',
  'binary frame': Buffer.from('{"op":"start"}'),
  'empty frame': '',
};

test('wazo: commands', async (t) => {
  const gw = await w.start(t);
  const tests = [];
  for (const version of ['', '&version=2'])
    for (const after of [false, true])
      for (const [what, message] of Object.entries(errors))
        tests.push(t.test(`wazo ${after ? 17 : 16}: ${what}${version ? ', version 2' : ''}`, async (s) => {
          const query = `token=some-token-id${version}`;
          const client = after ? await w.listening(s, gw, [], query) : await w.session(s, gw, query);
          client.socket.send(message);
          assert.deepStrictEqual(await client.closed(), { code: 4004, reason: '' });
        }));
  tests.push(
    t.test('wazo 18: extra keys are ignored', async (s) => {
      const client = await w.session(s, gw);
      client.send({ extra: 1, data: { more: [], event_name: 'foo' }, op: 'subscribe' });
      assert.strictEqual(await client.next(), w.v1('subscribe'));
    }),
    t.test('wazo 19: pipelined commands are answered in order', async (s) => {
      const { connect } = require('../../support/client');
      // Sent before init has come: they wait for the token to be looked up.
      const client = await connect(s, w.url(gw));
      for (let i = 0; i < 50; ++i) w.subscribe(client, `name${i}`);
      client.send({ op: 'start' });
      assert.strictEqual(await client.next(), w.init1);
      for (let i = 0; i < 50; ++i) assert.strictEqual(await client.next(), w.v1('subscribe'));
      assert.strictEqual(await client.next(), w.v1('start'));
    }),
    t.test('wazo 20: v1, a subscription after start has no reply and takes effect', async (s) => {
      const client = await w.listening(s, gw, []);
      w.subscribe(client, 'late20');
      // Handled in order: the ping's pong tells that the subscription stands.
      await new Promise((resolve) => { client.socket.once('pong', resolve); client.socket.ping(); });
      await w.sentinel(gw, client, 'late20');
    }),
    t.test('wazo 21: v2, a subscription after start is answered', async (s) => {
      const client = await w.listening(s, gw, [], 'token=some-token-id&version=2');
      w.subscribe(client, 'x');
      assert.strictEqual(await client.next(), w.v2('subscribe'));
    }),
    t.test('wazo 22: v1, a second start is silent', async (s) => {
      const client = await w.listening(s, gw, ['only22']);
      client.send({ op: 'start' });
      await new Promise((resolve) => { client.socket.once('pong', resolve); client.socket.ping(); });
      await w.sentinel(gw, client, 'only22');
    }),
    t.test('wazo 6.2: v2, a second start is answered again', async (s) => {
      const client = await w.listening(s, gw, [], 'token=some-token-id&version=2');
      client.send({ op: 'start', data: 'ignored' });
      assert.strictEqual(await client.next(), w.v2('start'));
    }),
    t.test('wazo 42: v2 ping before and after start', async (s) => {
      const client = await w.session(s, gw, 'token=some-token-id&version=2');
      const pong = async (payload, expected) => {
        client.send({ op: 'ping', data: { payload } });
        assert.strictEqual(await client.next(), `{"op": "pong", "code": 0, "data": {"payload": "${expected}"}}`);
      };
      await pong('abc', 'abc');
      client.send({ op: 'start' });
      assert.strictEqual(await client.next(), w.v2('start'));
      await pong('abc', 'abc');
      await pong('"é\n\u{1F600}\\', '\\"\\u00e9\\n\\ud83d\\ude00\\\\');
    }),
    t.test('wazo 43: v1 ping is silent', async (s) => {
      const client = await w.session(s, gw);
      client.send({ op: 'ping', data: { payload: 'abc' } });
      w.subscribe(client, 'x');
      assert.strictEqual(await client.next(), w.v1('subscribe'));
    }),
    t.test('wazo 54: a message over 1 MiB', async (s) => {
      const client = await w.session(s, gw);
      client.send('x'.repeat((1 << 20) + 1));
      assert.strictEqual((await client.closed()).code, 1009);
      const other = await w.session(s, gw);
      other.send({ op: 'subscribe', data: { event_name: 'x' }, pad: 'x'.repeat((1 << 20) - 60) });
      assert.strictEqual(await other.next(), w.v1('subscribe'), 'just below is taken');
    }),
  );
  await Promise.all(tests);
});
