// SPDX-License-Identifier: Apache-2.0
// honeytrap digest statements 32-34: who stays and who is dropped.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { raw, upgrade } = require('../../support/client');
const { waitFor } = require('../../support/gateway');
const h = require('./honeytrap');

const ended = (gw, reason) => gw.metric('dragoman_sessions_ended_total', `mount="honeytrap",reason="${reason}"`);
const open = (gw) => gw.metric('dragoman_sessions_open', 'mount="honeytrap"');

test('32, 33: an idle client that answers pings stays; one that answers none is dropped, after more than one', async (t) => {
  // At the default pace this would take a minute. How soon this process gets to answer is up to the machine, so there is time for it.
  const gw = await h.start(t, { limits: { ping_interval: '200ms', pong_timeout: '3s', close_timeout: '200ms' } });
  const alive = await h.dashboard(t, gw);
  const silent = raw(t, gw.port('h'));
  silent.write(upgrade('/ws'));
  const all = await silent.end();
  assert.ok(all.split('\x89\x00').length - 1 >= 2, 'two pings or more');
  assert.strictEqual(await ended(gw, 'ping_timeout'), 1);
  assert.strictEqual(await open(gw), 1);
  await waitFor('a minute of pings', () => alive.pings >= 12);
  await h.publish(gw, h.event());
  assert.deepStrictEqual(await h.next(alive), { type: 6, payload: [h.event()] });
});

test('34: who does not read is dropped; the others get everything at once', async (t) => {
  // Nobody waits for those who are stuck: they stay until their queues are full.
  const gw = await h.start(t, { limits: { queue_bytes: '1MiB', write_stall: '1h', ping_interval: '1h' } });
  const others = await Promise.all(h.range(3, () => h.dashboard(t, gw)));
  const stuck = [await h.dashboard(t, gw), await h.dashboard(t, gw)];
  for (const client of stuck) client.socket.pause();
  const data = 'x'.repeat(200000);
  let n = 0;
  await waitFor('the end of both', async () => {
    const e = h.event({ n: n++, data });
    await h.publish(gw, e);
    for (const client of others) assert.strictEqual((await h.next(client)).payload[0].n, e.n);
    return (await ended(gw, 'slow_reader')) === 2;
  });
  for (const client of stuck) client.socket.terminate();
  await waitFor('their connections to end', async () => (await open(gw)) === 3);
  for (const client of others) await h.nothingMore(client);
});

test('34: who stops reading in the middle of a large reply is dropped; the others go on', async (t) => {
  const gw = await h.start(t, { limits: { write_stall: '1s', ping_interval: '1h' } });
  const all = h.range(40, (n) => h.event({ n, data: 'x'.repeat(900000) }));
  for (let i = 0; i < all.length; i += 10) await h.publish(gw, all.slice(i, i + 10));
  const stuck = await h.dashboard(t, gw);
  const other = await h.dashboard(t, gw);
  stuck.send({ type: 3 });
  stuck.socket.pause();
  const session = h.session();
  let pushed = 0;
  await waitFor('the end of the one', async () => {
    await h.publish(gw, session);
    assert.deepStrictEqual(await h.next(other), { type: 5, payload: [session] });
    ++pushed;
    return (await ended(gw, 'write_stall')) + (await ended(gw, 'slow_reader')) === 1;
  });
  assert.strictEqual((await h.fetched(other, 1)).length, pushed);
});
