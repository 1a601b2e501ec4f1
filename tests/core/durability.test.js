// SPDX-License-Identifier: Apache-2.0
// What was confirmed is kept: kill -9, and a file that is locked, cannot grow or is taken away.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const h = require('../dialects/honeytrap/honeytrap');
const { Ledger, killInRounds, names, recovered, trouble, waiting } = require('./durability');

const timeout_ms = 400;
const start = (t, file, append_timeout) => h.start(t, { journal: { path: file, busy_timeout_ms: 50 }, journalOptions: { append_timeout } });
const stored = async (client) => names(await h.fetched(client));
// A honeypot's pusher gets no answers, so nobody would send again what it sent.
const push = (raven, name) => raven.send(JSON.stringify(h.event({ name })));

test('durability: kill -9 in the middle of confirmed publishing', async (t) => {
  await killInRounds(t, { journal: { path: path.join(h.directory(t), 'journal.sqlite') } }, 8);
});

test('durability: a locked file: events wait, are stored afterwards, and their publishers are told so then', async (t) => {
  const file = path.join(h.directory(t), 'journal.sqlite'), ledger = new Ledger();
  const gw = await start(t, file, '1h');
  const client = await h.dashboard(t, gw);
  const unlock = await h.lock(t, file);
  const answers = ['a', 'b', 'c'].map((name) => ledger.publish(gw, name));
  await waiting(gw, 3);
  await trouble(gw, /locked/);
  assert.strictEqual(ledger.confirmed, 0);
  await h.nothingMore(client);
  await unlock();
  assert.deepStrictEqual(await Promise.all(answers), [200, 200, 200]);
  await recovered(gw);
  for (let i = 0; i < 3; ++i) await client.next();
  ledger.check(await stored(client));
});

// What every trouble has in common. begin: causes it; end: ends it; kept: what was stored before is there meanwhile and afterwards, only 'afterwards', or not at all (false).
async function stretch(t, gw, { begin, why, end, kept = true }) {
  const ledger = new Ledger();
  const client = await h.dashboard(t, gw), raven = await h.raven(t, gw);
  assert.strictEqual(await ledger.publish(gw, 'before'), 200);
  await client.next();
  await begin();

  const began = Date.now();
  assert.strictEqual(await ledger.publish(gw, 'refused'), 503);
  assert.ok(Date.now() - began >= timeout_ms);
  await trouble(gw, why);
  for (const name of ['r0', 'r1', 'r2']) {
    ledger.notes.set(name, { sent: ++ledger.clock });
    push(raven, name);
  }
  await waiting(gw, 3);
  if (kept === true) assert.deepStrictEqual(await stored(client), ['before']);
  else assert.strictEqual((await h.ask(client, { type: 3 })).type, 7);
  await h.nothingMore(client);

  await end();
  for (const name of ['r0', 'r1', 'r2']) assert.deepStrictEqual(names((await h.next(client)).payload), [name]);
  await recovered(gw);
  assert.strictEqual(await ledger.publish(gw, 'refused'), 200);
  await client.next();
  const expected = [...(kept ? ['before'] : []), 'r0', 'r1', 'r2', 'refused'];
  assert.deepStrictEqual(await stored(client), expected);
  if (kept) ledger.check(expected);
  await gw.counted(1, 'dragoman_journal_append_errors_total', 'journal="main"');
  return client;
}

test('durability: a locked file: publishers are refused after append_timeout, nothing is lost', async (t) => {
  const file = path.join(h.directory(t), 'journal.sqlite');
  const gw = await start(t, file, `${timeout_ms}ms`);
  let unlock;
  await stretch(t, gw, { begin: async () => { unlock = await h.lock(t, file); }, why: /locked/, end: () => unlock() });
});

test('durability: no space: publishers are refused after append_timeout, nothing is lost', async (t) => {
  const file = path.join(h.directory(t), 'journal.sqlite');
  const gw = await start(t, file, `${timeout_ms}ms`);
  // Files of the gateway cannot grow beyond this, which needs no file system of its own.
  const limit = (bytes) => execFileSync('prlimit', ['--pid', String(gw.child.pid), `--fsize=${bytes}:`]);
  await stretch(t, gw, {
    begin: () => limit(fs.statSync(`${file}-wal`).size),
    why: /journal\.sqlite.*(no space left|cannot be read or written)/,
    end: () => limit('unlimited'),
  });
});

test('durability: a directory that is taken away and brought back', async (t) => {
  const directory = path.join(h.directory(t), 'journal'), away = `${directory}.away`;
  fs.mkdirSync(directory);
  const gw = await start(t, path.join(directory, 'journal.sqlite'), `${timeout_ms}ms`);
  await stretch(t, gw, {
    begin: () => fs.renameSync(directory, away),
    why: /moved or removed|No such file/,
    end: () => fs.renameSync(away, directory),
    kept: 'afterwards',
  });
});

test('durability: a directory that is removed: what waits is stored when there is one again', async (t) => {
  const directory = path.join(h.directory(t), 'journal');
  fs.mkdirSync(directory);
  const gw = await start(t, path.join(directory, 'journal.sqlite'), `${timeout_ms}ms`);
  await stretch(t, gw, {
    begin: () => fs.rmSync(directory, { recursive: true }), why: /moved or removed|No such file/, end: () => fs.mkdirSync(directory), kept: false,
  });
});

test('durability: the state directory is removed: it is made again', async (t) => {
  const gw = await h.start(t, { journal: {} });
  const client = await h.dashboard(t, gw);
  await h.publish(gw, h.event({ name: 'before' }));
  await client.next();
  fs.rmSync(path.join(gw.directory, 'state'), { recursive: true });
  const ledger = new Ledger();
  assert.strictEqual(await ledger.publish(gw, 'after'), 200);
  await client.next();
  assert.deepStrictEqual(await stored(client), ['after']);
});
