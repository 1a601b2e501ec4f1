// SPDX-License-Identifier: Apache-2.0
// wazo digest section 3, statements 1-4, 44-50, 58: tokens of wazo-auth through the authenticator http, dynamic and static checks, outages.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { connect } = require('../../support/client');
const { startGateway, wazoConfig, waitFor } = require('../../support/gateway');
const { startWazoAuth, wazoAuthenticator } = require('../../support/wazo_auth');
const w = require('./wazo');

const failed = { code: 4002, reason: 'authentication failed' };
const expired = { code: 4003, reason: 'authentication expired' };
const renew = (client, token) => client.send({ op: 'token', data: { token } });

async function start(t, auth, options = {}, settings = {}) {
  const { upstreams, authenticator } = wazoAuthenticator(auth, { cache: { ttl: '50ms', denied_ttl: 0 }, ...options });
  const yaml = wazoConfig({ settings }).replace(/^authenticators:.*$/m, `authenticators: {demo: ${JSON.stringify(authenticator)}}`);
  return startGateway(t, `upstreams: ${JSON.stringify(upstreams)}\n${yaml}`);
}
async function refused(t, gw, query, end = failed) {
  const client = await connect(t, w.url(gw, query));
  assert.deepStrictEqual(await client.closed(), end);
  assert.deepStrictEqual(client.messages, [], 'no init');
}

test('wazo-auth: dynamic checks', async (t) => {
  const auth = await startWazoAuth(t, { prefix: '/api/auth' });
  const gw = await start(t, auth, { prefix: '/api/auth' });
  await Promise.all([
    t.test('wazo 5, 3.1: what is asked', async (s) => {
      auth.add('asked');
      await w.session(s, gw, 'token=asked');
      const [request] = auth.look('asked');
      assert.strictEqual(request.url, '/api/auth/0.1/token/asked?scope=websocketd');
      assert.deepStrictEqual([request.values('accept'), request.values('connection'), request.values('authorization')], [['application/json'], ['close'], []]);
    }),
    t.test('wazo 3, 4: unknown, expired, lacks the ACL', async (s) => {
      auth.add('foreign', { acl: ['events.#', '!websocketd'] });
      auth.add('old', { expires_in: -1 });
      for (const token of ['unknown', 'foreign', 'old']) await refused(s, gw, `token=${token}`);
    }),
    t.test('wazo 3.1: an ACL with wildcards holds websocketd', async (s) => {
      auth.add('wide', { acl: ['#'] });
      await w.session(s, gw, 'token=wide');
    }),
    t.test('wazo 58: a token that leads elsewhere', async (s) => {
      const before = auth.requests.length;
      for (const token of ['..%2F..%2Fx', '.', '..', '%2e%2e', '..%5Cx', '%00']) await refused(s, gw, `token=${token}`);
      await refused(s, gw, 'token=a%2Fb%3Fscope%3D%23');
      assert.ok(auth.requests.slice(before).every((r) => r.url.startsWith('/api/auth/0.1/token/') && r.url.endsWith('?scope=websocketd')));
      assert.ok(auth.requests.some((r) => r.url === '/api/auth/0.1/token/a%2Fb%3Fscope%3D%23?scope=websocketd'));
    }),
    t.test('wazo 7, 31: user and session of the token are in its ACL', async (s) => {
      auth.add('me', { acl: ['websocketd', 'events.users.me', 'events.of.my_session'], user: 'u-1', session: 's-1' });
      const client = await w.listening(s, gw, ['me'], 'token=me');
      for (const acl of ['events.users.u-2', 'events.users.u-1', 'events.of.s-2', 'events.of.s-1']) await gw.wazo(w.event('me', acl));
      assert.strictEqual(await client.next(), w.event('me', 'events.users.u-1'));
      assert.strictEqual(await client.next(), w.event('me', 'events.of.s-1'));
    }),
    t.test('wazo 3.2: a token of auth_id only, with acls as very old servers write it', async (s) => {
      auth.add('lean', { acl: ['websocketd'], user: 'u-3', session: null, metadata: { uuid: undefined, tenant_uuid: undefined }, more: { acls: ['x'] } });
      const client = await w.session(s, gw, 'token=lean&version=2');
      renew(client, 'lean');
      assert.strictEqual(await client.next(), w.v2('token'));
    }),
    t.test('wazo 44-46: renewals', async (s) => {
      auth.add('has', { acl: ['websocketd', 'event.foo'] });
      auth.add('lacks');
      const client = await w.listening(s, gw, ['n45'], 'token=has&version=2');
      const text = w.event('n45', 'event.foo');
      for (const [token, gets] of [['has', true], ['lacks', false], ['has', true]]) {
        renew(client, token);
        assert.strictEqual(await client.next(), w.v2('token'));
        await gw.wazo(text);
        if (gets) assert.strictEqual(await client.next(), w.envelope(text));
        await w.sentinel(gw, client, 'n45', w.envelope);
      }
      renew(client, 'unknown');
      assert.deepStrictEqual(await client.closed(), failed);
    }),
    t.test('wazo 48: expiry', async (s) => {
      auth.add('short', { expires_in: 1 });
      const client = await w.session(s, gw, 'token=short');
      assert.deepStrictEqual(await client.closed(), expired);
    }),
    t.test('wazo 49: a renewal puts the expiry off', async (s) => {
      auth.add('one', { expires_in: 2 });
      const began = Date.now();
      const client = await w.session(s, gw, 'token=one');
      await new Promise((resolve) => setTimeout(resolve, 1200));
      auth.add('two', { expires_in: 2 });
      renew(client, 'two');
      assert.strictEqual(await client.next(), w.v1('token'));
      assert.deepStrictEqual(await client.closed(), expired);
      assert.ok(Date.now() - began > 3000, 'later than three seconds after the connect');
    }),
  ]);
  assert.ok(!/(token|scope)=|asked|foreign|unknown/.test(gw.log), 'no token is logged');
});

test('wazo-auth: static checks', async (t) => {
  const auth = await startWazoAuth(t);
  const gw = await start(t, auth, { recheck: 'static' });
  await Promise.all([
    t.test('wazo 47: the token that counts is the renewed one', async (s) => {
      for (const token of ['first', 'second']) auth.add(token);
      const client = await w.listening(s, gw, ['n47'], 'token=first&version=2');
      renew(client, 'second');
      assert.strictEqual(await client.next(), w.v2('token'));
      auth.remove('first');
      const before = auth.checks('second').length;
      await waitFor('checks', () => auth.checks('second').length >= before + 2);
      await w.sentinel(gw, client, 'n47', w.envelope);
      auth.remove('second');
      assert.deepStrictEqual(await client.closed(), expired);
      assert.strictEqual(auth.checks('second')[0].url, '/0.1/token/second?scope=websocketd');
    }),
    t.test('wazo 3.1: a token that loses the ACL', async (s) => {
      auth.add('loser');
      const client = await w.session(s, gw, 'token=loser');
      auth.add('loser', { acl: ['events.#'] });
      assert.deepStrictEqual(await client.closed(), expired);
    }),
  ]);
});

test('wazo 50: wazo-auth is away', async (t) => {
  const auth = await startWazoAuth(t);
  auth.add('good');
  const tolerant = await start(t, auth, { recheck: 'static' });
  const strict = await start(t, auth, { recheck: { every: '300ms', outage: 'end' } }, { auth_down_close: 1011 });
  const stays = await w.listening(t, tolerant, ['*'], 'token=good'), goes = await w.session(t, strict, 'token=good');
  auth.status = 500;
  assert.deepStrictEqual(await goes.closed(), expired);
  await refused(t, tolerant, 'token=good');
  await refused(t, strict, 'token=good', { code: 1011, reason: 'authentication server unavailable' });
  await auth.stop();
  await refused(t, tolerant, 'token=good');
  await waitFor('a failed check', async () => await tolerant.metric('dragoman_token_checks_total', 'outcome="failed"') > 2);
  await w.sentinel(tolerant, stays);
  const { status, json } = await tolerant.request('GET', '/readyz');
  assert.strictEqual(status, 200);
  assert.match(json.reasons[0], /^authenticator demo cannot check tokens: /);
});

test('wazo-auth: hundreds of sessions with one token are one request', async (t) => {
  const auth = await startWazoAuth(t);
  auth.add('shared');
  const gw = await start(t, auth, { cache: { ttl: '1m' } });
  const clients = await Promise.all(Array.from({ length: 200 }, () => w.session(t, gw, 'token=shared')));
  assert.strictEqual(auth.look('shared').length, 1);
  for (const client of clients) client.close();
});
