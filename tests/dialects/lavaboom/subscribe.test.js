// SPDX-License-Identifier: Apache-2.0
// lavaboom digest section 6: whose events a session gets, with tokens known to the backend and to an authenticator. Statements 24 to 27, 31 to 34.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../../support/gateway');
const l = require('./lavaboom');

let last = 0;
const event = (owner) => ({ id: `e${last += 1}`, owner, name: 'n' });
const full = (e, type = 'delivery') => ({ type, id: e.id, name: e.name, thread: '', labels: [] });
// An event of that owner arrives, once, and nothing before or behind it.
async function hears(gw, c, owner) {
  const e = event(owner);
  await l.delivery(gw, e);
  assert.deepStrictEqual(await c.next(), full(e));
  await c.nothingMore();
}
// An event of that owner, which the witness gets, does not arrive.
async function deaf(gw, c, owner, witness) {
  const e = event(owner);
  await l.delivery(gw, e);
  assert.deepStrictEqual(await witness.next(), full(e));
  await c.nothingMore();
}
// Sooner or later events of that owner do not arrive any more.
async function silent(gw, c, owner) {
  await waitFor('the subscription to end', async () => {
    const e = event(owner);
    await l.delivery(gw, e);
    c.send({ type: 'nonsense' });
    const first = await c.next();
    if (first.type === 'error') return true;
    assert.deepStrictEqual(first, full(e));
    assert.strictEqual((await c.next()).type, 'error');
    return false;
  });
}

function common(t, gw, given) {
  const witness = async (s, owner) => {
    const c = await l.open(s, gw);
    await c.subscribe(given[owner]);
    return c;
  };
  return [
    t.test('lavaboom 24: a valid token', async (s) => {
      const c = await l.open(s, gw);
      await c.subscribe(given.a);
      await hears(gw, c, 'a');
    }),
    t.test('lavaboom 25: no token', async (s) => {
      const c = await l.open(s, gw);
      for (const token of [undefined, '', null, 5, {}, 'a\r\nb', 'a\0b', 'x'.repeat(5000)]) assert.deepStrictEqual(await c.ask({ type: 'subscribe', token }), l.invalidToken);
      assert.deepStrictEqual(await c.ask({ type: 'unsubscribe' }), { type: 'error', error: 'Not subscribed' });
    }),
    t.test('lavaboom 26: an unknown token', async (s) => {
      const c = await l.open(s, gw);
      const w = await witness(s, 'b26');
      assert.deepStrictEqual(await c.ask({ type: 'subscribe', token: 'unknown' }), l.invalidToken);
      await deaf(gw, c, 'b26', w);
    }),
    t.test('lavaboom 27: an expired token', async (s) => {
      const c = await l.open(s, gw);
      assert.deepStrictEqual(await c.ask({ type: 'subscribe', token: given.past }), l.invalidToken);
    }),
    t.test('lavaboom 31: subscribed twice, an event arrives once', async (s) => {
      const c = await l.open(s, gw);
      await c.subscribe(given.b31);
      await c.subscribe(given.b31);
      await hears(gw, c, 'b31');
    }),
    t.test('lavaboom 32: a second account takes the place of the first', async (s) => {
      const c = await l.open(s, gw);
      const w = await witness(s, 'a32');
      await c.subscribe(given.a32);
      await c.subscribe(given.b32);
      await deaf(gw, c, 'a32', w);
      await hears(gw, c, 'b32');
    }),
    t.test('lavaboom row 10: a second subscribe that fails leaves the first', async (s) => {
      const c = await l.open(s, gw);
      await c.subscribe(given.a10);
      assert.deepStrictEqual(await c.ask({ type: 'subscribe', token: 'unknown' }), l.invalidToken);
      assert.deepStrictEqual(await c.ask({ type: 'subscribe' }), l.invalidToken);
      await hears(gw, c, 'a10');
    }),
    t.test('lavaboom 33: unsubscribe', async (s) => {
      const c = await l.open(s, gw);
      const w = await witness(s, 'a33');
      await c.subscribe(given.a33);
      await hears(gw, c, 'a33');
      await w.next();
      assert.deepStrictEqual(await c.ask({ type: 'unsubscribe' }), { type: 'unsubscribed' });
      await deaf(gw, c, 'a33', w);
      await c.subscribe(given.a33);
      await hears(gw, c, 'a33');
    }),
    t.test('lavaboom 34: unsubscribe without subscribe', async (s) => {
      const c = await l.open(s, gw);
      assert.deepStrictEqual(await c.ask({ type: 'unsubscribe' }), { type: 'error', error: 'Not subscribed' });
      await c.nothingMore();
    }),
    t.test('lavaboom row 12: events stop when the token expires', async (s) => {
      const c = await l.open(s, gw);
      await c.subscribe(given.short);
      await silent(gw, c, 'short');
      assert.deepStrictEqual(await c.ask({ type: 'unsubscribe' }), { type: 'error', error: 'Not subscribed' });
    }),
  ];
}

const owners = ['a', 'b26', 'b31', 'a32', 'b32', 'a10', 'a33', 'a12', 'short'];

test('lavaboom: tokens of the backend', async (t) => {
  const { api, gw } = await l.world(t, { threads: 1 });
  const given = {};
  for (const owner of owners) {
    given[owner] = `token of ${owner}`;
    api.tokens[given[owner]] = l.token(owner);
  }
  api.tokens[given.short] = l.token('short', { expiry_date: l.at(1500) });
  given.past = 'past';
  api.tokens.past = l.token('a', { expiry_date: l.at(-1000) });
  const tests = [
    ...common(t, gw, given),
    t.test('lavaboom row 11: what makes a token invalid', async (s) => {
      const c = await l.open(s, gw);
      for (const extra of [{ type: 'invite' }, { type: undefined }, { expiry_date: undefined }, { expiry_date: 'tomorrow' }, { owner: '' }, { owner: undefined }, { owner: 5 }]) {
        api.tokens.bad = l.token('a', extra);
        assert.deepStrictEqual(await c.ask({ type: 'subscribe', token: 'bad' }), l.invalidToken, JSON.stringify(extra));
      }
      api.tokens.bad = l.token('a');
      await c.subscribe('bad');
    }),
    t.test('lavaboom 6.2: the question to the backend', async () => {
      const asked = api.asked('/tokens').find((r) => r.headers.authorization === `Bearer ${given.a}`);
      assert.deepStrictEqual([asked.method, asked.body, asked.headers.accept], ['GET', '', 'application/json']);
    }),
    t.test('lavaboom row 12: DELETE /tokens ends the subscription of its token', async (s) => {
      const c = await l.open(s, gw), w = await l.open(s, gw);
      await w.subscribe(given.a12);
      await c.subscribe(given.a12);
      const remove = (bearer, path = '/tokens') => c.request(path, { method: 'DELETE', headers: { Authorization: `Bearer ${bearer}` } });
      assert.strictEqual((await remove(given.a)).status, 200);
      assert.strictEqual((await c.request('/tokens', { headers: { Authorization: `Bearer ${given.a12}` } })).status, 200);
      api.deletion = 500;
      assert.strictEqual((await remove(given.a12)).status, 500);
      api.deletion = 200;
      const e = event('a12');
      await l.delivery(gw, e);
      assert.deepStrictEqual([await c.next(), await w.next()], [full(e), full(e)], 'another token, another method and a failure end nothing');
      assert.strictEqual((await remove(given.a12)).status, 200);
      await deaf(gw, c, 'a12', w);
      assert.deepStrictEqual(await c.ask({ type: 'unsubscribe' }), { type: 'error', error: 'Not subscribed' });
    }),
  ];
  await Promise.all(tests);
});

test('lavaboom: tokens of an authenticator', async (t) => {
  const given = Object.fromEntries(owners.map((owner) => [owner, `token of ${owner}`]));
  given.past = 'past';
  const tokens = [...owners.filter((o) => o !== 'short').map((owner) => ({ token: given[owner], account: owner })),
    { token: 'past', account: 'a', expires: '2001-01-01T00:00:00Z' }, { token: 'nobody' }];
  const { api, gw } = await l.world(t, { threads: 1, tokens, settings: { token_check: 'authenticator' } });
  await gw.addToken({ token: given.short, account: 'short', expires_in: 2 }, 'local');
  const tests = [
    ...common(t, gw, given),
    t.test('lavaboom 6.2: an identity without account has no events', async (s) => {
      const c = await l.open(s, gw);
      assert.deepStrictEqual(await c.ask({ type: 'subscribe', token: 'nobody' }), l.invalidToken);
    }),
    t.test('lavaboom row 12: a token that is revoked or gets another account', async (s) => {
      for (const end of [() => gw.revoke('mine', 'local'), () => gw.addToken({ token: 'mine', account: 'other' }, 'local')]) {
        await gw.addToken({ token: 'mine', account: 'mine' }, 'local');
        const c = await l.open(s, gw);
        await c.subscribe('mine');
        await gw.addToken({ token: 'mine', account: 'mine', id: 'again' }, 'local');
        await hears(gw, c, 'mine');
        await end();
        await silent(gw, c, 'mine');
        c.close();
      }
    }),
  ];
  await Promise.all(tests);
  assert.deepStrictEqual(api.asked('/tokens'), [], 'the backend is not asked');
});
