// SPDX-License-Identifier: Apache-2.0
// kazoo digest sections 5 and 6: accounts, their tree, and bindings.
'use strict';
const assert = require('node:assert');
const k = require('../dialects/kazoo/kazoo');
const { isolation } = require('./harness');

const hex = (c) => c.repeat(32);
// Two trees below the system owner: 1 > 2 > 3, 1 > 4, and 6 > 7.
const system = hex('0');
const parents = { [hex('1')]: system, [hex('2')]: hex('1'), [hex('3')]: hex('2'), [hex('4')]: hex('1'), [hex('6')]: system, [hex('7')]: hex('6') };
const accounts = Object.keys(parents);
const within = (account, top) => account === top || (parents[account] !== undefined && within(parents[account], top));

const calls = ['c1', 'a.b@c', 'c 3'];
const names = ['CHANNEL_CREATE', 'CHANNEL_HOLD', 'PARK_PARKED'];
const conferences = ['C1', 'C2'];
const moves = ['lock', 'add-member'];
const actions = ['doc_created', 'doc_deleted'];
const types = ['user', 'fax', 'call_recording'];
const places = { user: ['account'], fax: ['month'], call_recording: ['account', 'month'] };

// A binding and what it says: events of `kind` whose members are equal to these, but for those that are "*".
function randomBinding(random) {
  const id = () => random.one(['*', '*', '*', ...calls.map(k.encode)]);
  switch (random.below(8)) {
    case 0: case 1: {
      const [name, call] = [random.one(['*', ...names]), id()];
      return { text: `call.${name}.${call}`, kind: 'call', wants: { name, call } };
    }
    case 2: {
      const [conference, call] = [random.one(conferences), id()];
      return { text: `conference.event.${conference}.${call}`, kind: 'conference', wants: { conference, call } };
    }
    case 3: {
      const [move, conference, call] = [random.one(['*', ...moves]), random.one(conferences), id()];
      return { text: `conference.event.${move}.${conference}.${call}`, kind: 'conference', wants: { move, conference, call } };
    }
    case 4: {
      const conference = random.one(conferences);
      return { text: `conference.command.${conference}`, kind: 'command', wants: { conference } };
    }
    case 5: {
      const call = id();
      return { text: `fax.status.${call}`, kind: 'fax', wants: { call } };
    }
    default: {
      const [action, type] = [random.one(['*', ...actions]), random.one(['*', ...types])];
      return { text: `object.${action}.${type}`, kind: 'object', wants: { action, type } };
    }
  }
}

function matches(binding, event) {
  if (binding.kind !== event.kind) return false;
  if (!Object.entries(binding.wants).every(([name, value]) => value === '*' || value === event[name])) return false;
  if (binding.kind === 'object' && binding.wants.type !== '*' && binding.account !== '*' && !places[event.type].includes(event.place)) return false;
  if (binding.kind === 'command') return binding.account === '*' || event.account === null || event.account === binding.account;
  return event.account !== null && (binding.account === '*' || event.account === binding.account);
}

async function kazoo(t, random) {
  const tokens = [system, ...accounts].map((account) => ({ token: `of-${account[0]}`, account }));
  const gw = await k.start(t, { more: tokens, threads: 2, settings: {
    accounts: Object.fromEntries(Object.entries(parents).map(([id, parent]) => [id, { parent }])), system_account: system, max_bucket_tokens: 1e6 } });
  const may = (own, wanted) => own === system || (wanted !== '*' && within(wanted, own));

  return {
    async open() {
      const socket = await k.open(t, gw);
      socket.model = { own: null, bindings: [] };
      return socket;
    },
    async act(socket) {
      const { model } = socket;
      if (model.bindings.length && random.chance(0.3)) {
        const gone = random.one(model.bindings);
        await socket.unsubscribe(gone.text, gone.account);
        model.bindings = model.bindings.filter((b) => b !== gone);
        return;
      }
      // Once authenticated, tokens are not looked at.
      const token = random.one([tokens[0], ...tokens]);
      const own = model.own || token.account;
      const account = random.chance(0.7) ? random.one([own, ...['*', '*', '*', ...accounts].filter((a) => may(own, a))]) : random.one(['*', system, ...accounts]);
      const binding = { ...randomBinding(random), account };
      const reply = await socket.ask({ action: 'subscribe', auth_token: token.token, data: { account_id: account, binding: binding.text } });
      assert.strictEqual(reply.status === 'success', may(own, account), JSON.stringify([own, account, reply]));
      if (reply.status !== 'success') return;
      model.own = own;
      if (!model.bindings.some((b) => b.text === binding.text && b.account === account)) model.bindings.push(binding);
      assert.deepStrictEqual(reply.data.subscribed, model.bindings.map((b) => b.text));
    },
    async publish(n) {
      const account = random.one([null, null, system, ...accounts, ...accounts]);
      const id = random.one(calls);
      const call = k.encode(id);
      const conference = random.one(conferences);
      switch (random.below(5)) {
        case 0: {
          const name = random.one([...names, 'CHANNEL_OTHER']);
          await k.call(gw, name, id, account, { N: n });
          // Not one of the nine.
          return { n, kind: name === 'CHANNEL_OTHER' ? 'other' : 'call', account, name, call };
        }
        case 1: {
          const move = random.one(moves), named = account || accounts[0];
          await k.publish(gw, 'conference', `conference.event.${move}.${named}.${conference}.${call}`, { N: n });
          return { n, kind: 'conference', account: named, move, conference, call };
        }
        case 2:
          await k.publish(gw, 'conference', `conference.command.${conference}`, { N: n, ...(account && { 'Account-ID': account }) });
          return { n, kind: 'command', account, conference };
        case 3: {
          const named = account || accounts[0];
          await k.publish(gw, 'faxes', `fax.status.${named}.${call}`, { N: n });
          return { n, kind: 'fax', account: named, call };
        }
        default: {
          const action = random.one(actions), type = random.one(types), place = random.one(['account', 'month']), named = account || accounts[0];
          const database = k.database(named) + (place === 'month' ? `-${k.month()}` : '');
          await k.publish(gw, 'configuration', `${action}.${database}.${type}.id1`, { N: n });
          return { n, kind: 'object', account: named, action, type, place };
        }
      }
    },
    wanted: ({ model }, event) => model.bindings.filter((b) => matches(b, event)).map((b) => `${event.n} ${b.text}`),
    async received(socket) {
      await socket.ask({ action: 'ping' });
      return socket.events.splice(0).map((e) => `${e.data.n} ${e.subscribed_key}`);
    },
    close: (socket) => socket.client.close(),
  };
}

isolation('kazoo', kazoo);
