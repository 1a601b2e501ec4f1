// SPDX-License-Identifier: Apache-2.0
// Three gateways on one RabbitMQ, of which one is killed and one cut off, and which is started again itself, under a stream of numbered events.
// A session is owed what the broker has confirmed while the session's subscription was at the broker and the broker and its node could reach each other.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../support/gateway');
const { ownRabbitMQ } = require('../support/rabbitmq');
const amqp = require('../support/amqp');
const { startLink } = require('./link');
const n = require('./nodes');

const filters = { '#': () => true, 'n.*': () => true, 'n.3': (i) => i % 8 === 3, '*.5': (i) => i % 8 === 5 };
const heartbeat = '1s';

// Publishes without a pause; confirmed: numbers the broker has answered for.
class Publisher {
  constructor(t, host) {
    this.host = host;
    this.next = 0;
    this.confirmed = new Set();
    this.last = -1;
    this.running = true;
    this.done = this.run();
    t.after(() => this.stop());
  }
  async run() {
    while (this.running) {
      const channel = await this.host.channel().catch(() => null);
      if (!channel) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        continue;
      }
      let open = true;
      channel.on('close', () => { open = false; });
      channel.connection.on('close', () => { open = false; });
      while (open && this.running) {
        for (let k = 0; open && k < 5; k += 1) this.publish(channel);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }
  publish(channel) {
    const i = this.next++;
    try {
      channel.publish(amqp.channel, `n.${i % 8}`, Buffer.from(`${i}`), { messageId: `event-${i}` }, (error) => {
        if (error) return;
        this.confirmed.add(i);
        this.last = Math.max(this.last, i);
      });
    } catch {
      // Its connection is gone, as is about to be known.
    }
  }
  async stop() {
    this.running = false;
    await this.done;
  }
}

// One WebSocket session. owed: [from, to] of events that have to be among what it got.
class Session {
  constructor(client, filter) {
    this.client = client;
    this.filter = filter;
    this.got = [];
    this.owed = [];
    client.socket.on('message', (data) => {
      const text = data.toString();
      if (text.startsWith('1:')) this.got.push(Number(text.slice(2)));
    });
  }
  static async open(t, gw, filter) {
    const client = await n.open(t, gw);
    assert.match(await n.ask(client, `sub ${amqp.channel} ${filter} 1`), /^subscribed/);
    return new Session(client, filter);
  }
  // All that is published from now on is owed.
  begin(publisher) { this.from = publisher.next; }
  // Up to here, once it has come this far.
  async settle(publisher) {
    const to = publisher.last;
    const wanted = [...publisher.confirmed].filter((i) => i >= this.from && i <= to && filters[this.filter](i)).pop();
    assert.ok(wanted !== undefined, 'nothing was published');
    await waitFor(`event ${wanted} for ${this.filter}`, () => this.got[this.got.length - 1] >= wanted)
      .catch((error) => { throw new Error(`${error.message}; the last is ${this.got[this.got.length - 1]}`); });
    this.owed.push([this.from, to]);
  }
  check(publisher) {
    for (let i = 1; i < this.got.length; i += 1) assert.ok(this.got[i] > this.got[i - 1], `${this.filter}: ${this.got[i]} after ${this.got[i - 1]}`);
    const got = new Set(this.got);
    let count = 0;
    for (const [from, to] of this.owed) {
      for (let i = from; i <= to; i += 1) {
        if (!filters[this.filter](i) || !publisher.confirmed.has(i)) continue;
        assert.ok(got.has(i), `${this.filter}: ${i} of ${from} to ${to} is lost`);
        count += 1;
      }
    }
    assert.ok(this.got.every((i) => filters[this.filter](i)));
    return count;
  }
}

test('nodes: one is killed, one is cut off, the broker starts again', async (t) => {
  const server = await ownRabbitMQ();
  const host = await server.vhost(t);
  await host.exchange(amqp.channel);
  const link = await startLink(t, server.port);
  const url = { b: `amqp://${link.host}:${link.port}/${host.name}` };
  const start = (name) => n.start(t, host, name, { bus: amqp, settings: { heartbeat, reconnect_max: '500ms', ...(url[name] ? { url: url[name] } : {}) } });
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(start));
  await n.seen([a, b, c]);
  // Subscribed at the broker too: the exchange has the bindings of all nodes.
  const bound = async (count) => waitFor(`bindings of ${count} nodes`, async () => {
    const now = (await host.bindings()).filter((x) => !x.includes('dragoman.'));
    return now.filter((x) => x === `${amqp.channel} #`).length === count;
  });
  const publisher = new Publisher(t, host);
  const all = [];
  const open = async (gw) => {
    const sessions = await Promise.all(Object.keys(filters).map((filter) => Session.open(t, gw, filter)));
    all.push(...sessions);
    return sessions;
  };
  const begin = (sessions) => sessions.forEach((session) => session.begin(publisher));
  const settle = (sessions) => Promise.all(sessions.map((session) => session.settle(publisher)));
  const some = (count = 200) => {
    const to = publisher.last + count;
    return waitFor('more events', () => publisher.last >= to, 60000);
  };
  const [ofA, ofB, ofC] = await Promise.all([open(a), open(b), open(c)]);
  await bound(3);
  begin([...ofA, ...ofB, ...ofC]);
  await some();
  let moved;
  await t.test('clients of a node that is killed go on at another', async () => {
    await settle(ofA);
    await a.stop({ signal: 'SIGKILL', code: null });
    await Promise.all(ofA.map((session) => session.client.closed()));
    moved = await open(c);
    await n.seen([b, c], 1);
    begin(moved);
    await some();
    await settle(moved);
    begin(moved);
  });
  await t.test(`clients of a node that is cut off stay and go on when it is back (${link.kind})`, async () => {
    await settle(ofB);
    link.cut();
    await waitFor('the loss of the broker', async () => await b.metric('dragoman_bus_connected') === 0);
    await n.seen([b, c], 0);
    assert.strictEqual((await n.sessions(b, 'probe')).complete, false);
    await some();
    link.mend();
    await waitFor('the broker', async () => await b.metric('dragoman_bus_connected') === 1);
    begin(ofB);
    await n.seen([b, c], 1);
    await some();
    await settle([...ofB, ...ofC, ...moved]);
    begin([...ofB, ...ofC, ...moved]);
  });
  await t.test('all go on when the broker is back', async () => {
    const here = [...ofB, ...ofC, ...moved];
    await some(50);
    await settle(here);
    await server.stop('SIGTERM');
    for (const gw of [b, c]) await waitFor('the loss of the broker', async () => await gw.metric('dragoman_bus_connected') === 0);
    await server.start();
    for (const gw of [b, c]) await waitFor('the broker', async () => await gw.metric('dragoman_bus_connected') === 1);
    await n.seen([b, c], 1);
    begin(here);
    await some();
    await settle(here);
  });
  await publisher.stop();
  const counts = all.map((session) => session.check(publisher));
  assert.ok(counts.every((count) => count > 0), `${counts}`);
  t.diagnostic(`${publisher.confirmed.size} events confirmed of ${publisher.next}; ${counts.reduce((x, y) => x + y)} owed and delivered to ${all.length} sessions, ${all.reduce((x, s) => x + s.got.length, 0)} in all`);
});
