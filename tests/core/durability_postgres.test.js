// SPDX-License-Identifier: Apache-2.0
// What was confirmed is kept, when the journal is a PostgreSQL database that several gateways share.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const h = require('../dialects/honeytrap/honeytrap');
const { startPostgres } = require('../support/postgres');
const { Ledger, killInRounds, names, recovered, trouble, waiting } = require('./durability');

// Every test has tables of its own.
const options = (server, schema, journalOptions = {}) => ({
  journal: { connection: server.connection, schema, timeout_ms: 5000 }, journalOptions: { plugin: 'postgres', ...journalOptions },
});
const all = async (t, gw) => names(await h.fetched(await h.dashboard(t, gw)));

test('durability: a journal in PostgreSQL', async (t) => {
  const server = await startPostgres(t);

  await t.test('durability: kill -9 in the middle of confirmed publishing', (s) => killInRounds(s, options(server, 'kills'), 3));

  await t.test('durability: several gateways that get the same events store each once', async (s) => {
    const gateways = await Promise.all(h.range(3, () => h.start(s, options(server, 'nodes'))));
    const clients = await Promise.all(gateways.map((gw) => h.dashboard(s, gw)));
    const sent = h.range(60, (n) => `e${n}`);
    const ledgers = await Promise.all(gateways.map(async (gw) => {
      const ledger = new Ledger();
      for (const name of sent) assert.strictEqual(await ledger.publish(gw, name), 200);
      return ledger;
    }));
    const lists = await Promise.all(gateways.map((gw) => all(s, gw)));
    for (const list of lists) assert.deepStrictEqual(list, lists[0]);
    for (const ledger of ledgers) ledger.check(lists[0]);
    assert.deepStrictEqual(lists[0], sent);
    for (const client of clients)
      assert.deepStrictEqual(await Promise.all(sent.map(async () => (await h.next(client)).payload[0].name)), sent, 'each client gets each once');
    const sum = async (name) => (await Promise.all(gateways.map((gw) => gw.metric(name, 'journal="main"')))).reduce((a, b) => a + b);
    assert.strictEqual(await sum('dragoman_journal_appended_total'), sent.length);
    assert.strictEqual(await sum('dragoman_journal_duplicates_total'), 2 * sent.length);
  });

  await t.test('durability: kill -9 of one of several gateways: the others go on', async (s) => {
    const [doomed, other] = await Promise.all(h.range(2, () => h.start(s, options(server, 'doomed'))));
    const ledger = new Ledger();
    let n = 0;
    const working = [doomed, doomed, other].map(async (gw) => {
      for (;;) {
        const status = await ledger.publish(gw, `x${n++}`);
        if (gw === doomed ? status === 0 : n > 300) return;
        if (n === 150) doomed.child.kill('SIGKILL');
      }
    });
    await Promise.all(working);
    await doomed.stop({ code: null });
    ledger.check(await all(s, other));
  });

  await t.test('durability: the database goes away: publishers are refused, nothing is lost', async (s) => {
    const gw = await h.start(s, options(server, 'away', { append_timeout: '400ms' }));
    const client = await h.dashboard(s, gw), raven = await h.raven(s, gw), ledger = new Ledger();
    assert.strictEqual(await ledger.publish(gw, 'before'), 200);
    await client.next();
    await server.stop();
    assert.strictEqual(await ledger.publish(gw, 'refused'), 503);
    await trouble(gw, /PostgreSQL/);
    const { type, payload } = await h.ask(client, { type: 3 });
    assert.deepStrictEqual([type, payload.request], [7, 3]);
    assert.match(payload.error, /PostgreSQL/);
    ledger.notes.set('waits', { sent: ++ledger.clock });
    raven.send(JSON.stringify(h.event({ name: 'waits' })));
    await waiting(gw, 1);
    await server.start();
    assert.deepStrictEqual(names((await h.next(client)).payload), ['waits']);
    await recovered(gw);
    assert.strictEqual(await ledger.publish(gw, 'refused'), 200);
    ledger.check(await all(s, gw));
    assert.deepStrictEqual(await all(s, gw), ['before', 'waits', 'refused']);
  });
});
