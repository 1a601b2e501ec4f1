// SPDX-License-Identifier: Apache-2.0
// Publishers that note what they were told, and what must then be true of the journal.
'use strict';
const assert = require('node:assert');
const { waitFor } = require('../support/gateway');
const h = require('../dialects/honeytrap/honeytrap');

class Ledger {
  constructor() {
    this.notes = new Map();
    this.clock = 0;
    this.confirmed = 0;
  }
  // Publishes events of these names, which are their ids too, in one request. Gives the status; 0: there was no answer.
  async publish(gw, ...names) {
    for (const name of names) if (!this.notes.has(name)) this.notes.set(name, { sent: ++this.clock });
    const events = names.map((name) => ({ specversion: '1.0', id: name, source: '/x', type: 'e', channel: 'honeytrap', data: h.event({ name }) }));
    const { status } = await gw.request('POST', '/publish', {
      headers: { 'Content-Type': 'application/cloudevents-batch+json' }, body: JSON.stringify(events),
    }).catch(() => ({ status: 0 }));
    if (status === 200)
      for (const name of names) {
        const note = this.notes.get(name);
        if (note.confirmed) continue;
        note.confirmed = ++this.clock;
        ++this.confirmed;
      }
    return status;
  }
  // stored: names in the order of the journal.
  check(stored) {
    const there = new Set(stored);
    assert.strictEqual(there.size, stored.length, 'each once');
    assert.deepStrictEqual(stored.filter((name) => !this.notes.has(name)), [], 'nothing that was not sent');
    assert.deepStrictEqual([...this.notes].filter(([name, note]) => note.confirmed && !there.has(name)).map(([name]) => name), [], 'all that were confirmed');
    let latest = 0;
    for (const name of stored) {
      const { sent, confirmed = Infinity } = this.notes.get(name);
      assert.ok(confirmed > latest, `${name} was confirmed before one was sent that stands before it`);
      latest = Math.max(latest, sent);
    }
  }
}

// Publishes requests of `size` events one after the other, each until it is confirmed.
class Publisher {
  constructor(ledger, who, size) {
    Object.assign(this, { ledger, who, size, count: 0, pending: [] });
  }
  async run(gw, running) {
    while (running()) {
      if (!this.pending.length) this.pending = h.range(this.size, () => `${this.who}.${this.count++}`);
      if (await this.ledger.publish(gw, ...this.pending) === 200) this.pending = [];
    }
  }
  // What each of its events must follow.
  checkOrder(stored) {
    const own = stored.filter((name) => name.startsWith(`${this.who}.`));
    assert.deepStrictEqual(own, h.range(own.length, (n) => `${this.who}.${n}`));
  }
}

const names = (events) => events.map((e) => e.name);
const pushed = (client) => client.messages.flatMap((m) => names(JSON.parse(m).payload));

// Kills a gateway `rounds` times while it confirms events. options: of h.start().
async function killInRounds(t, options, rounds) {
  const ledger = new Ledger();
  const publishers = [1, 1, 1, 1, 3, 20].map((size, who) => new Publisher(ledger, who, size));
  let before = [];
  for (let round = 0; round < rounds; ++round) {
    const gw = await h.start(t, options);
    const client = await h.dashboard(t, gw);
    assert.deepStrictEqual(names(await h.fetched(client)), before);
    const enough = ledger.confirmed + 50 + Math.random() * 200;
    let running = true;
    const working = publishers.map((p) => p.run(gw, () => running));
    await waitFor('confirmations', () => ledger.confirmed >= enough);
    running = false;
    gw.child.kill('SIGKILL');
    await Promise.all(working);
    await client.closed();
    await gw.stop({ code: null });
    const again = await h.start(t, options);
    const stored = names(await h.fetched(await h.dashboard(t, again)));
    ledger.check(stored);
    for (const p of publishers) p.checkOrder(stored);
    assert.deepStrictEqual(stored.slice(0, before.length), before, 'where it was');
    // What was stored before the kill but not confirmed comes again and is pushed again: nobody knows whether it had been.
    const fresh = pushed(client).filter((name) => !before.includes(name));
    assert.deepStrictEqual(fresh, stored.slice(before.length, before.length + fresh.length), 'what was pushed');
    await again.stop({ signal: 'SIGKILL', code: null });
    before = stored;
  }
  // Nobody knows what became of the requests without an answer; sent again, each of their events is stored once.
  const gw = await h.start(t, options);
  for (const p of publishers) if (p.pending.length) assert.strictEqual(await ledger.publish(gw, ...p.pending), 200);
  const stored = names(await h.fetched(await h.dashboard(t, gw)));
  ledger.check(stored);
  assert.strictEqual(stored.length, ledger.notes.size);
}

// Waits until the gateway says that its journal cannot store, because of something that matches.
async function trouble(gw, why) {
  const reasons = await waitFor('the trouble', async () => {
    const { status, json } = await gw.request('GET', '/readyz');
    assert.strictEqual(status, 200, 'what is stored can be read');
    return json.reasons.length && json.reasons;
  });
  assert.strictEqual(reasons.length, 1);
  assert.match(reasons[0], /^journal main cannot store: /);
  assert.match(reasons[0], why);
  await gw.counted(0, 'dragoman_journal_up', 'journal="main"');
  await waitFor('the log', () => gw.lines.some((l) => l.includes('level=error msg="journal cannot store" journal=main')));
}
async function recovered(gw) {
  await waitFor('the end of the trouble', async () => !(await gw.request('GET', '/readyz')).json.reasons.length);
  await gw.counted(1, 'dragoman_journal_up', 'journal="main"');
  await waitFor('the log', () => gw.lines.some((l) => l.includes('msg="journal stores again" journal=main')));
}
const waiting = (gw, records) => waitFor(`${records} records that wait`, async () =>
  await gw.metric('dragoman_journal_queue_records', 'journal="main"') === records);

module.exports = { Ledger, Publisher, killInRounds, names, recovered, trouble, waiting };
