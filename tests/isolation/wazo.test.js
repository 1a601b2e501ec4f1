// SPDX-License-Identifier: Apache-2.0
// wazo digest sections 5 and 7: names of events, and access control lists.
'use strict';
const assert = require('node:assert');
const w = require('../dialects/wazo/wazo');
const { connect } = require('../support/client');
const { isolation } = require('./harness');

const names = ['call_created', 'user_status_update', 'chat'];
const segments = ['events', 'calls', 'users', 'me', 'u1', 'u2', 'edit', 'update', 'my_session', 's1'];
const patterns = [...segments, '*', '*', '#', 'u*'];
const dotted = (random, from, most) => Array.from({ length: 1 + random.below(most) }, () => random.one(from)).join('.');

// The list as one regular expression for each entry.
function expression(entry, { user, session }) {
  const alternatives = { me: user, my_session: session, edit: 'update' };
  const text = (s) => s.replace(/[^\w]/g, '\\$&').replaceAll('\\*', '[^.#]*').replaceAll('\\#', '.*');
  return new RegExp(`^${entry.split('.').map((s) => (alternatives[s] ? `(?:${s}|${alternatives[s]})` : text(s))).join('\\.')}$`);
}
function allows({ grants, ...who }, required) {
  const any = (list) => list.some((entry) => expression(entry, who).test(required));
  return !any(grants.filter((g) => g.startsWith('!')).map((g) => g.slice(1))) && any(grants.filter((g) => !g.startsWith('!')));
}

async function wazo(t, random) {
  const tokens = Array.from({ length: 8 }, (_, i) => ({
    token: `t${i}`, user: random.one(['u1', 'u2']), session: random.one(['s1', 's2']),
    grants: [...new Set(['websocketd', ...Array.from({ length: 1 + random.below(4) }, () => (random.chance(0.25) ? '!' : '') + dotted(random, patterns, 3))])],
  })).filter((token) => allows(token, 'websocketd'));
  const gw = await w.start(t, { tokens, settings: {} });
  const reply = async (client, op, mark) => {
    for (;;) {
      const message = JSON.parse(await client.next());
      if (message.op === op && (mark === undefined || message.data.mark === mark)) return message;
      assert.strictEqual(message.op, 'event');
      if (message.data.name !== 'marker') client.came.push(`${message.data.n}`);
    }
  };
  let marks = 0;
  return {
    async open() {
      const token = random.one(tokens);
      const client = await connect(t, w.url(gw, `token=${token.token}&version=2`));
      client.came = [];
      client.model = { token, names: [] };
      await reply(client, 'init');
      w.subscribe(client, 'marker');
      await reply(client, 'subscribe');
      client.send({ op: 'start' });
      await reply(client, 'start');
      return client;
    },
    async act(client) {
      if (random.chance(0.3)) {
        const token = random.one(tokens);
        client.send({ op: 'token', data: { token: token.token } });
        assert.strictEqual((await reply(client, 'token')).code, 0);
        client.model.token = token;
        return;
      }
      const name = random.one([...names, ...names, '*']);
      w.subscribe(client, name);
      assert.strictEqual((await reply(client, 'subscribe')).code, 0);
      client.model.names.push(name);
    },
    async publish(n) {
      const event = { n, name: random.one(names), required_acl: random.chance(0.1) ? null : dotted(random, segments, 3) };
      await gw.wazo(JSON.stringify(event));
      return event;
    },
    wanted({ model }, event) {
      const subscribed = model.names.includes('*') || model.names.includes(event.name);
      return subscribed && (event.required_acl === null || allows(model.token, event.required_acl)) ? [`${event.n}`] : [];
    },
    async received(client) {
      // An answer could come before an event that another shard maps.
      await gw.wazo({ name: 'marker', required_acl: null, mark: marks += 1 });
      await reply(client, 'event', marks);
      return client.came.splice(0);
    },
    close: (client) => client.close(),
  };
}

isolation('wazo', wazo);
