// SPDX-License-Identifier: Apache-2.0
// Random clients, permissions, subscriptions and events against a small model of a dialect: nobody gets what the model does not give him, and nobody
// misses what it gives. ISOLATION_SEED repeats a run.
'use strict';
const assert = require('node:assert');
const { test } = require('node:test');

// Mulberry32.
function generator(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  const one = (list) => list[below(list.length)];
  return { below, one, chance: (p) => next() < p, some: (list) => list.filter(() => next() < 0.5) };
}

// A dialect's part:
//   start(t, random): makes the gateway, gives the rest
//   open(): a client whose `model` the rest reads
//   act(client): one thing that the client does, done and confirmed; throws when the answer is not what the model says
//   publish(number): one event, which is given back
//   wanted(client, event): what the model says that the client gets, labels that begin with the event's number
//   received(client): labels of all that came since the last time, and of everything published before the call
//   close(client)
async function run(t, dialect, seed, { clients, steps }) {
  const random = generator(seed);
  const world = await dialect(t, random);
  const open = async () => ({ client: await world.open(), wanted: [] });
  const all = [];
  for (let i = 0; i < clients; i += 1) all.push(await open());
  const counts = { events: 0, delivered: 0 };
  const compare = async (entry) => {
    const got = await world.received(entry.client);
    const numbers = got.map((label) => parseInt(label, 10));
    assert.deepStrictEqual(numbers, [...numbers].sort((a, b) => a - b), 'in the order of the bus');
    // Of one event the order is free.
    assert.deepStrictEqual(got.slice().sort(), entry.wanted.slice().sort(), JSON.stringify(entry.client.model));
    counts.delivered += got.length;
    entry.wanted = [];
  };
  for (let step = 0; step < steps; step += 1) {
    const dice = random.below(100);
    const entry = random.one(all);
    if (dice < 3) {
      await compare(entry);
      await world.close(entry.client);
      all[all.indexOf(entry)] = await open();
    } else if (dice < 35) {
      // What was published before belongs to the permissions before.
      await compare(entry);
      await world.act(entry.client);
    } else {
      const event = await world.publish(counts.events += 1);
      for (const other of all) other.wanted.push(...world.wanted(other.client, event));
    }
    if (step % 25 === 24) for (const other of all) await compare(other);
  }
  for (const entry of all) await compare(entry);
  return counts;
}

function isolation(name, dialect, options = {}) {
  const seeds = process.env.ISOLATION_SEED ? [Number(process.env.ISOLATION_SEED)] : [1, 2, Math.floor(Math.random() * 2 ** 31)];
  for (const seed of seeds)
    test(`${name}: isolation, seed ${seed}`, async (t) => {
      const counts = await run(t, dialect, seed, { clients: 8, steps: 1200, ...options });
      // A model that gives nothing would prove nothing.
      assert.ok(counts.delivered > 100, `only ${counts.delivered} deliveries of ${counts.events} events`);
    });
}

module.exports = { isolation };
