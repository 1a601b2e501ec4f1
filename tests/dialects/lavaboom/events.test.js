// SPDX-License-Identifier: Apache-2.0
// lavaboom digest section 6: events from the bus, also those that the backend has to complete. Statements 28 to 30, 35, 36, 40, 43, 45.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../../support/gateway');
const l = require('./lavaboom');

const whole = { name: 'Hello world', thread: 't1', labels: ['l1', 'l2'] };
const subscribed = async (s, gw, name) => {
  const c = await l.open(s, gw);
  await c.subscribe(name);
  return c;
};
const invalid = (gw) => gw.metric('dragoman_plugin_lavaboom_events_invalid_total');

test('lavaboom: events', async (t) => {
  const { api, gw } = await l.world(t, { sockjs: { disconnect_delay: '300ms' } });
  for (const owner of ['a28', 'a29', 'b29', 'a30', 'a35', 'a36', 'a40', 'a43', 'a45', 'look', 'lost', 'last', 'bad']) api.tokens[owner] = l.token(owner);
  const tests = [
    t.test('lavaboom 28: a delivery', async (s) => {
      const c = await subscribed(s, gw, 'a28');
      await l.delivery(gw, { id: 'e1', owner: 'a28', ...whole });
      assert.deepStrictEqual(await c.next(), { type: 'delivery', id: 'e1', ...whole });
      await c.nothingMore();
    }),
    t.test('lavaboom 29: an event of another account', async (s) => {
      const a = await subscribed(s, gw, 'a29'), b = await subscribed(s, gw, 'b29');
      await l.delivery(gw, { id: 'e', owner: 'b29', name: 'n' });
      assert.strictEqual((await b.next()).id, 'e');
      await a.nothingMore();
    }),
    t.test('lavaboom 30: two sessions of an account', async (s) => {
      const all = await Promise.all([1, 2, 3, 4].map(() => subscribed(s, gw, 'a30')));
      await l.delivery(gw, { id: 'e', owner: 'a30', name: 'n' });
      for (const c of all) {
        assert.strictEqual((await c.next()).id, 'e');
        await c.nothingMore();
      }
    }),
    t.test('lavaboom 35: a receipt', async (s) => {
      const c = await subscribed(s, gw, 'a35');
      await l.receipt(gw, { id: 'e', owner: 'a35', name: 'é \u{1f4e7} "\\\u2028', thread: 't', labels: [] });
      assert.deepStrictEqual(await c.next(), { type: 'receipt', id: 'e', name: 'é \u{1f4e7} "\\\u2028', thread: 't', labels: [] });
    }),
    t.test('lavaboom 36: without labels', async (s) => {
      const c = await subscribed(s, gw, 'a36');
      for (const [extra, thread, labels] of [[{}, '', []], [{ labels: null, thread: null }, '', []], [{ labels: 'x', thread: 5 }, '', []], [{ labels: ['a', 5, 'b'] }, '', ['a', 'b']]]) {
        await l.delivery(gw, { id: 'e', owner: 'a36', name: '', ...extra });
        assert.deepStrictEqual(await c.next(), { type: 'delivery', id: 'e', name: '', thread, labels });
      }
    }),
    t.test('lavaboom 6: an owner is taken letter by letter', async (s) => {
      for (const owner of ['#', '*', 'lav.#', 'A b/ü']) api.tokens[`of ${Buffer.from(owner).toString('hex')}`] = l.token(owner);
      const every = await subscribed(s, gw, `of ${Buffer.from('#').toString('hex')}`), odd = await subscribed(s, gw, `of ${Buffer.from('A b/ü').toString('hex')}`);
      await l.delivery(gw, { id: 'odd', owner: 'A b/ü', name: 'n' });
      assert.strictEqual((await odd.next()).id, 'odd');
      await every.nothingMore();
      await l.delivery(gw, { id: 'hash', owner: '#', name: 'n' });
      assert.strictEqual((await every.next()).id, 'hash');
    }),
    t.test('lavaboom 40: an event between two polls', async (s) => {
      const target = '/ws/000/between';
      const poll = async (expected) => {
        const { status, text } = await l.http(gw, 'POST', `${target}/xhr`);
        assert.deepStrictEqual([status, text], [200, expected]);
      };
      const answer = (o) => `a${JSON.stringify([JSON.stringify(o)])}\n`;
      await poll('o\n');
      const sent = await l.http(gw, 'POST', `${target}/xhr_send`, { body: JSON.stringify(['{"type":"subscribe","token":"a40"}']) });
      assert.strictEqual(sent.status, 204);
      await poll(answer({ type: 'subscribed' }));
      await l.delivery(gw, { id: 'e', owner: 'a40', ...whole });
      await poll(answer({ type: 'delivery', id: 'e', ...whole }));
    }),
    t.test('lavaboom 43: the session of a client that does not come back is gone, and its subscription', async () => {
      const target = '/ws/000/forsaken';
      await l.http(gw, 'POST', `${target}/xhr`);
      await l.http(gw, 'POST', `${target}/xhr_send`, { body: JSON.stringify(['{"type":"subscribe","token":"a43"}']) });
      assert.match((await l.http(gw, 'POST', `${target}/xhr`)).text, /subscribed/);
      await waitFor('the end of the session', async () => (await l.http(gw, 'POST', `${target}/xhr_send`, { body: '[]' })).status === 404);
      const questions = api.requests.length;
      await l.delivery(gw, { id: 'nobody', owner: 'a43' });
      assert.strictEqual(api.requests.slice(questions).filter((r) => r.url.startsWith('/emails/nobody')).length, 0);
    }),
    t.test('lavaboom 45: events of an account whose sessions are closed', async (s) => {
      const gone = await subscribed(s, gw, 'a45');
      gone.close();
      for (let i = 0; i < 5; i += 1) await l.delivery(gw, { id: `e${i}`, owner: 'a45', ...whole });
      const c = await subscribed(s, gw, 'a45');
      await l.delivery(gw, { id: 'e', owner: 'a45', name: 'n' });
      assert.strictEqual((await c.next()).id, 'e');
    }),
    t.test('lavaboom 6.2: name, thread and labels come from the backend, asked with a subscribed token', async (s) => {
      const all = await Promise.all([1, 2, 3].map(() => subscribed(s, gw, 'look')));
      api.emails['m/1'] = { success: true, email: { id: 'm/1', name: 'Looked up', thread: 't 1' } };
      api.threads['t 1'] = { success: true, thread: { id: 't 1', labels: ['l1', 'l2'] } };
      await l.receipt(gw, { id: 'm/1', owner: 'look' });
      for (const c of all) {
        assert.deepStrictEqual(await c.next(), { type: 'receipt', id: 'm/1', name: 'Looked up', thread: 't 1', labels: ['l1', 'l2'] });
        await c.nothingMore();
      }
      const asked = api.asked('/emails/m%2F1');
      assert.ok(asked.length >= 1 && asked.length <= 2, 'once per shard at most');
      for (const r of [...asked, ...api.asked('/threads/t%201')]) assert.strictEqual(r.headers.authorization, 'Bearer look');
      // What the message has is not asked for; what has no thread has no labels.
      await l.receipt(gw, { id: 'm/1', owner: 'look', labels: ['mine'], thread: 'my thread' });
      for (const c of all) assert.deepStrictEqual(await c.next(), { type: 'receipt', id: 'm/1', name: 'Looked up', thread: 'my thread', labels: ['mine'] });
      assert.deepStrictEqual(api.asked('/threads/my%20thread'), []);
      api.emails.single = { email: { name: 'No thread' } };
      await l.delivery(gw, { id: 'single', owner: 'look' });
      for (const c of all) assert.deepStrictEqual(await c.next(), { type: 'delivery', id: 'single', name: 'No thread', thread: '', labels: [] });
    }),
    t.test('lavaboom 6.2: an event that cannot be completed is dropped and logged', async (s) => {
      const c = await subscribed(s, gw, 'lost');
      const dropped = () => gw.lines.filter((line) => line.includes('event dropped')).length;
      let count = dropped();
      api.emails.lame = { email: { name: 5 } };
      api.emails.text = 'no JSON';
      api.emails.headless = { email: { name: 'n', thread: 'none' } };
      for (const id of ['unknown', 'lame', 'text', 'headless', '..']) {
        await l.delivery(gw, { id, owner: 'lost' });
        await waitFor(`a line about ${id}`, () => dropped() > count);
        count = dropped();
      }
      await c.nothingMore();
      assert.ok(!gw.log.includes('Bearer'));
    }),
    t.test('lavaboom 6: what is no message of a user is counted and passed over', async (s) => {
      const c = await subscribed(s, gw, 'bad');
      const before = await invalid(gw);
      const good = { id: 'e', owner: 'bad', name: 'n' };
      const bad = [{ ...good, id: undefined }, { ...good, id: '' }, { ...good, id: 5 }, { ...good, owner: undefined }, { ...good, owner: '' }, [good], 'x', '{', ''];
      for (const body of bad) await l.delivery(gw, body);
      await l.publish(gw, 'email_other', good);
      await l.publish(gw, 'bad', good);
      await waitFor('the count', async () => (await invalid(gw)) === before + bad.length + 2);
      await gw.publish({ channel: 'other', key: 'email_delivery', body: good });
      await gw.publish({ channel: 'lavaboom/incomplete', key: 'email_delivery', body: { id: 'e', owner: 'bad' } });
      await l.delivery(gw, { ...good, id: 'last' });
      assert.strictEqual((await c.next()).id, 'last');
    }),
  ];
  await Promise.all(tests);
});

test('lavaboom 6.2: an event whose last listener leaves while the backend is asked', async (t) => {
  const { api, gw } = await l.world(t);
  api.tokens.a = l.token('a');
  let hold;
  const usual = api.answer;
  api.answer = (request, response) => {
    if (request.url !== '/emails/held') return usual(request, response);
    hold = () => response.writeHead(200, l.json).end('{"email":{"name":"n","thread":"t"}}');
    return undefined;
  };
  const c = await subscribed(t, gw, 'a');
  await l.delivery(gw, { id: 'held', owner: 'a' });
  await waitFor('the question', () => hold);
  c.close();
  await waitFor('the end of the session', async () => (await gw.metric('dragoman_sessions', 'mount="lavaboom"')) === 0);
  hold();
  const next = await subscribed(t, gw, 'a');
  await l.delivery(gw, { id: 'e', owner: 'a', name: 'n' });
  const first = await next.next();
  assert.ok(['e', 'held'].includes(first.id));
});
