// SPDX-License-Identifier: Apache-2.0
// wazo digest statements 1-15, 57: connection and authentication.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { connect, frame, raw, upgrade } = require('../../support/client');
const w = require('./wazo');

const refused = async (t, gw, query, code, reason, options) => {
  const client = await connect(t, w.url(gw, query), options);
  assert.deepStrictEqual(await client.closed(), { code, reason });
  assert.deepStrictEqual(client.messages, [], 'no message before the close');
};

test('wazo: connection', async (t) => {
  const gw = await w.start(t, { tokens: [{ token: 'no-acl', grants: ['events.#'] }, { token: 'with space', grants: ['websocketd'] }] });
  await Promise.all([
    t.test('wazo 1: no token', (s) => refused(s, gw, '', 4001, 'no token')),
    t.test('wazo 2: a blank token is no token', (s) => refused(s, gw, 'token=', 4001, 'no token')),
    t.test('wazo 3: an unknown token', (s) => refused(s, gw, 'token=unknown', 4002, 'authentication failed')),
    t.test('wazo 4: a token without the ACL websocketd', (s) => refused(s, gw, 'token=no-acl', 4002, 'authentication failed')),
    t.test('wazo 5, 6: init without version, byte for byte', async (s) => {
      const client = await connect(s, w.url(gw));
      assert.strictEqual(await client.next(), '{"op": "init", "code": 0, "msg": ""}');
    }),
    t.test('wazo 5: commands that come with the handshake wait for init', async (s) => {
      const r = raw(s, gw.port('wazo'));
      r.write(Buffer.concat([Buffer.from(upgrade('/?token=some-token-id')), frame(1, '{"op": "subscribe", "data": {"event_name": "a"}}'), frame(1, '{"op": "start"}')]));
      const all = await r.until('the replies', (x) => x.includes('"start"'));
      assert.deepStrictEqual([...all.matchAll(/\{.*?\}/g)].map(String), [w.init1, w.v1('subscribe'), w.v1('start')]);
    }),
    t.test('wazo 3: commands that come with an unknown token are not looked at', async (s) => {
      const r = raw(s, gw.port('wazo'));
      r.write(Buffer.concat([Buffer.from(upgrade('/?token=unknown')), frame(1, '{"op": "subscribe", "data": {"event_name": "a"}}')]));
      const all = await r.until('the close', (x) => x.includes('failed'));
      assert.strictEqual(all.slice(all.indexOf('\r\n\r\n') + 4), '\x88\x17\x0f\xa2authentication failed');
    }),
    t.test('wazo 7: init of version 2', async (s) => {
      const client = await connect(s, w.url(gw, 'token=some-token-id&version=2'));
      assert.strictEqual(await client.next(), '{"op": "init", "code": 0, "data": {"version": 2}}');
    }),
    t.test('wazo 9: the header X-Auth-Token, in any case', async (s) => {
      const client = await connect(s, w.url(gw, ''), { headers: { 'x-auth-TOKEN': 'some-token-id' } });
      assert.strictEqual(await client.next(), w.init1);
    }),
    t.test('wazo 9: the header serves when the query is blank', async (s) => {
      const client = await connect(s, w.url(gw, 'token='), { headers: { 'X-Auth-Token': 'some-token-id' } });
      assert.strictEqual(await client.next(), w.init1);
    }),
    t.test('wazo 10: the query goes before the header', async (s) => {
      const client = await connect(s, w.url(gw), { headers: { 'X-Auth-Token': 'bad' } });
      assert.strictEqual(await client.next(), w.init1);
    }),
    t.test('wazo 11: the first token counts', (s) => refused(s, gw, 'token=bad&token=some-token-id', 4002, 'authentication failed')),
    t.test('wazo 12: every path', async (s) => {
      for (const path of ['/api/websocketd/', '/anything', '/a/b/../c', '/%2F']) {
        const client = await connect(s, w.url(gw, 'token=some-token-id', path));
        assert.strictEqual(await client.next(), w.init1, path);
      }
    }),
    t.test('wazo 13: unsupported versions, even without a token', async (s) => {
      for (const q of ['version=3&token=some-token-id', 'version=0', 'version=-1', 'version=99999999999999999999']) await refused(s, gw, q, 4004, '');
    }),
    t.test('wazo 14: versions that are no number', async (s) => {
      for (const q of ['version=abc', 'version=2.0&token=some-token-id', 'version=undefined', 'version=%20']) await refused(s, gw, q, 1011, '');
    }),
    t.test('wazo 15: a blank version is version 1', async (s) => {
      const client = await connect(s, w.url(gw, 'version=&token=some-token-id'));
      assert.strictEqual(await client.next(), w.init1);
    }),
    t.test('wazo section 2: 02 and %202 are version 2; other keys are ignored', async (s) => {
      for (const v of ['02', '%202', '2&userUuid=x&version=1']) {
        const client = await connect(s, w.url(gw, `version=${v}&token=some-token-id`));
        assert.strictEqual(await client.next(), w.init2, v);
      }
    }),
    t.test('wazo section 2: percent-decoding applies, and a semicolon is part of the value', async (s) => {
      const client = await connect(s, w.url(gw, 'token=with%20space'));
      assert.strictEqual(await client.next(), w.init1);
      await refused(s, gw, 'token=some-token-id;version=2', 4002, 'authentication failed');
    }),
    t.test('wazo section 2: an offered subprotocol is ignored', async (s) => {
      const r = raw(s, gw.port('wazo'));
      r.write(upgrade('/?token=some-token-id', 'Sec-WebSocket-Protocol: chat\r\n'));
      const answer = await r.until('init', (x) => x.includes('"init"'));
      assert.match(answer, /^HTTP\/1\.1 101 /);
      assert.doesNotMatch(answer, /sec-websocket-protocol/i);
    }),
    t.test('wazo 57: a plain GET', async (s) => {
      const r = raw(s, gw.port('wazo'));
      r.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      const answer = await r.end();
      assert.match(answer, /^HTTP\/1\.1 426 /);
      assert.match(answer, /\r\nUpgrade: websocket\r\n/);
    }),
    t.test('wazo section 2: HEAD, POST and a wrong Sec-WebSocket-Version', async (s) => {
      for (const request of ['HEAD / HTTP/1.1\r\nHost: x\r\n\r\n', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}',
        upgrade().replace('Version: 13', 'Version: 12')]) {
        const r = raw(s, gw.port('wazo'));
        r.write(request);
        assert.match(await r.end(), /^HTTP\/1\.1 400 /, request);
      }
    }),
  ]);
});

test('wazo 8: v1_reply both', async (t) => {
  const gw = await w.start(t, { settings: { v1_reply: 'both' } });
  const client = await connect(t, w.url(gw));
  assert.strictEqual(await client.next(), '{"op": "init", "code": 0, "msg": "", "data": {"version": 1}}');
  w.subscribe(client, 'foo');
  assert.strictEqual(await client.next(), '{"op": "subscribe", "code": 0, "msg": "", "data": null}');
});

test('wazo section 11: v1_reply upstream', async (t) => {
  const gw = await w.start(t, { settings: { v1_reply: 'upstream' } });
  const client = await connect(t, w.url(gw));
  assert.strictEqual(await client.next(), '{"op": "init", "code": 0, "data": {"version": 1}}');
  for (let i = 0; i < 2; ++i) {
    client.send({ op: 'start' });
    assert.strictEqual(await client.next(), w.v2('start'), 'a second start is answered again');
  }
});

test('wazo section 11: v1_strict knows subscribe and start only', async (t) => {
  const gw = await w.start(t, { settings: { v1_strict: true } });
  for (const m of [{ op: 'token', data: { token: 'some-token-id' } }, { op: 'ping', data: { payload: 'x' } }]) {
    const client = await w.session(t, gw);
    client.send(m);
    assert.deepStrictEqual(await client.closed(), { code: 4004, reason: '' });
  }
  const two = await w.session(t, gw, 'token=some-token-id&version=2');
  two.send({ op: 'ping', data: { payload: 'x' } });
  assert.strictEqual(await two.next(), '{"op": "pong", "code": 0, "data": {"payload": "x"}}');
});

test('wazo section 11: TLS is required unless it is turned off', async (t) => {
  const { startGateway, wazoConfig } = require('../../support/gateway');
  const end = await startGateway(t, wazoConfig().replace('"tls":"off"', '"tls":"required"'), { expectExit: true });
  assert.strictEqual(end.code, 1);
  assert.match(end.log, /mounts\.wazo: .*always encrypted.*tls/);
});
