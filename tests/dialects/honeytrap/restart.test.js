// SPDX-License-Identifier: Apache-2.0
// honeytrap digest statement 27: what outlives a restart.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const h = require('./honeytrap');

const ends = { 'an orderly stop': { signal: 'SIGTERM' }, 'kill -9': { signal: 'SIGKILL', code: null } };

for (const [name, end] of Object.entries(ends))
  test(`27: ${name}`, async (t) => {
    const journal = { path: path.join(h.directory(t), 'journal.sqlite') };
    const events = [], sessions = [];
    for (let round = 0; round < 3; ++round) {
      const gw = await h.start(t, { journal });
      const client = await h.dashboard(t, gw);
      assert.deepStrictEqual(await h.fetched(client, 3), events);
      assert.deepStrictEqual(await h.fetched(client, 1), sessions);
      for (let n = 0; n < 10; ++n) {
        const e = n % 3 ? h.event({ round, n }) : h.session({ round, n });
        await h.publish(gw, e, { id: `${round}.${n}` });
        await client.next();
        (n % 3 ? events : sessions).push(e);
      }
      // What comes again under an id is not stored again. It is pushed again: nobody knows whether that was done before the end.
      if (round) {
        await h.publish(gw, events[0], { id: '0.1' });
        assert.deepStrictEqual(await h.next(client), { type: 6, payload: [events[0]] });
      }
      assert.deepStrictEqual(await h.fetched(client, 3), events);
      assert.strictEqual((await h.getEvents(gw, '/events')).total, events.length);
      await gw.stop(end);
    }
  });

test('27: kill -9 while events come: what was confirmed is there', async (t) => {
  const journal = { path: path.join(h.directory(t), 'journal.sqlite') };
  const gw = await h.start(t, { journal });
  const confirmed = [], sent = [];
  let running = true;
  const deliver = async (who) => {
    for (let n = 0; running; ++n) {
      const e = h.event({ who, n });
      sent.push(e);
      const answer = await h.deliver(gw, e).catch(() => ({}));
      if (answer.status === 200) confirmed.push(e);
      if (confirmed.length === 100 && running) {
        running = false;
        gw.child.kill('SIGKILL');
      }
    }
  };
  await Promise.all(h.range(8, deliver));
  await gw.stop({ signal: 'SIGKILL', code: null });
  const again = await h.start(t, { journal });
  const stored = await h.fetched(await h.dashboard(t, again));
  const names = (list) => list.map((e) => `${e.who}/${e.n}`);
  const there = new Set(names(stored));
  assert.strictEqual(there.size, stored.length, 'none twice');
  assert.deepStrictEqual(names(confirmed).filter((x) => !there.has(x)), []);
  const known = new Set(names(sent));
  assert.deepStrictEqual([...there].filter((x) => !known.has(x)), []);
  for (const who of h.range(8, (i) => i)) {
    const own = stored.filter((e) => e.who === who).map((e) => e.n);
    assert.deepStrictEqual(own, h.range(own.length, (n) => n), 'in order');
  }
});

test('27: an orderly stop while raven delivers', async (t) => {
  const journal = { path: path.join(h.directory(t), 'journal.sqlite') };
  const gw = await h.start(t, { journal });
  const client = await h.dashboard(t, gw);
  const pusher = await h.raven(t, gw);
  for (let n = 0; n < 200; ++n) pusher.send(Buffer.from(JSON.stringify(h.event({ n }))));
  const pushed = [(await h.next(client)).payload[0]];
  const stopped = gw.stop();
  assert.strictEqual((await client.closed()).code, 1001);
  await stopped;
  pushed.push(...client.messages.map((m) => JSON.parse(m).payload[0]));
  const again = await h.start(t, { journal });
  const stored = await h.fetched(await h.dashboard(t, again));
  assert.ok(stored.length >= pushed.length);
  assert.deepStrictEqual(stored.slice(0, pushed.length), pushed, 'what was pushed is stored, in that order');
});
