// SPDX-License-Identifier: Apache-2.0
// wazo digest statements 44-49: renewal, expiry and revocation on live sessions, through the static authenticator.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const w = require('./wazo');

const renew = (client, token) => client.send({ op: 'token', data: { token } });
const failed = { code: 4002, reason: 'authentication failed' };
const expired = { code: 4003, reason: 'authentication expired' };

test('wazo: identities', async (t) => {
  const gw = await w.start(t, { tokens: [
    { token: 'foo', grants: ['websocketd', 'event.foo'] }, { token: 'bare', grants: ['websocketd'] }, { token: 'no-acl', grants: ['event.foo'] },
    { token: 'past', grants: ['websocketd'], expires: '2001-01-01T00:00:00Z' }] });
  const tests = [
    t.test('wazo 44: a token op before start is answered in both versions', async (s) => {
      for (const [query, reply] of [['', w.v1('token')], ['&version=2', w.v2('token')]]) {
        const client = await w.session(s, gw, `token=foo${query}`);
        renew(client, 'bare');
        assert.strictEqual(await client.next(), reply);
      }
    }),
    t.test('wazo 6.2: v1, a token op after start is silent and takes effect', async (s) => {
      const client = await w.listening(s, gw, ['silent'], 'token=bare');
      renew(client, 'foo');
      await new Promise((resolve) => { client.socket.once('pong', resolve); client.socket.ping(); });
      await gw.wazo(w.event('silent', 'event.foo'));
      assert.strictEqual(await client.next(), w.event('silent', 'event.foo'));
    }),
    t.test('wazo 45: rights follow the token', async (s) => {
      const client = await w.listening(s, gw, ['n45'], 'token=foo&version=2');
      const wanted = w.event('n45', 'event.foo');
      await gw.wazo(wanted);
      assert.strictEqual(await client.next(), w.envelope(wanted));
      renew(client, 'bare');
      assert.strictEqual(await client.next(), w.v2('token'));
      await gw.wazo(wanted);
      await w.sentinel(gw, client, 'n45', w.envelope);
      renew(client, 'foo');
      assert.strictEqual(await client.next(), w.v2('token'));
      await gw.wazo(wanted);
      assert.strictEqual(await client.next(), w.envelope(wanted));
    }),
    t.test('wazo 46: a token op with a token that is unknown, expired or lacks the ACL', async (s) => {
      for (const token of ['unknown', 'past', 'no-acl', '']) {
        const client = await w.session(s, gw);
        renew(client, token);
        assert.deepStrictEqual(await client.closed(), failed, token);
      }
    }),
    t.test('wazo 3: a token that has expired before', async (s) => {
      const { connect } = require('../../support/client');
      const client = await connect(s, w.url(gw, 'token=past'));
      assert.deepStrictEqual(await client.closed(), failed);
    }),
    t.test('wazo 47: the token that counts is the renewed one', async (s) => {
      await gw.addToken({ token: 'first47', grants: ['websocketd', '#'] });
      await gw.addToken({ token: 'second47', grants: ['websocketd', '#'] });
      const client = await w.listening(s, gw, ['n47'], 'token=first47&version=2');
      renew(client, 'second47');
      assert.strictEqual(await client.next(), w.v2('token'));
      await gw.revoke('first47');
      await w.sentinel(gw, client, 'n47', w.envelope);
      await gw.revoke('second47');
      assert.deepStrictEqual(await client.closed(), expired);
    }),
    t.test('wazo 48: expiry', async (s) => {
      await gw.addToken({ token: 'short48', grants: ['websocketd'], expires_in: 1 });
      const client = await w.session(s, gw, 'token=short48');
      assert.deepStrictEqual(await client.closed(), expired);
    }),
    t.test('wazo 49: a renewal puts the expiry off', async (s) => {
      await gw.addToken({ token: 'one49', grants: ['websocketd'], expires_in: 2 });
      const client = await w.session(s, gw, 'token=one49');
      const began = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 1200));
      await gw.addToken({ token: 'two49', grants: ['websocketd'], expires_in: 2 });
      renew(client, 'two49');
      assert.strictEqual(await client.next(), w.v1('token'));
      assert.deepStrictEqual(await client.closed(), expired);
      assert.ok(Date.now() - began > 3000, 'later than three seconds after the connect');
    }),
    t.test('a token that the admin replaces changes live sessions; one that loses websocketd ends them', async (s) => {
      await gw.addToken({ token: 'admin', grants: ['websocketd'] });
      const client = await w.listening(s, gw, ['nadm'], 'token=admin');
      await gw.wazo(w.event('nadm', 'event.foo'));
      await w.sentinel(gw, client, 'nadm');
      await gw.addToken({ token: 'admin', grants: ['websocketd', 'event.foo'] });
      await gw.wazo(w.event('nadm', 'event.foo'));
      assert.strictEqual(await client.next(), w.event('nadm', 'event.foo'));
      await gw.addToken({ token: 'admin', grants: ['event.foo'] });
      assert.deepStrictEqual(await client.closed(), expired);
    }),
  ];
  await Promise.all(tests);
});
