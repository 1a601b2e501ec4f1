// SPDX-License-Identifier: Apache-2.0
// wazo digest sections 5, 7 and 8.1: names of events, access control lists, and in headers mode tenants, users and origins.
'use strict';
const assert = require('node:assert');
const w = require('../dialects/wazo/wazo');
const { connect } = require('../support/client');
const { isolation } = require('./harness');

const names = ['call_created', 'user_status_update', 'chat'];
const segments = ['events', 'calls', 'users', 'me', 'u1', 'u2', 'edit', 'update', 'my_session', 's1'];
const tenants = ['red', 'blue'], users = ['u1', 'u2'];
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

// How each mode gives a token a scope, says an event, and who may have it before the ACL is asked.
const topic = {
  settings: {},
  scope: () => ({}),
  address: () => ({}),
  publish: (gw, event) => gw.wazo(JSON.stringify(event)),
  marker: (gw, event) => gw.wazo({ ...event, required_acl: null }),
  within: () => true,
};
const channel = 'wazo-headers', origin = 'here', master = 'master';
const headers = {
  settings: { mode: 'headers', origin_uuid: origin, master_tenant: master },
  scope: (random) => ({ tenant: random.one([...tenants, ...tenants, ...tenants, master]),
    claims: random.one([{}, {}, {}, { admin: true }, { admin: false, purpose: 'user' }, { purpose: 'internal' }, { purpose: 'external_api' }]) }),
  address: (random) => ({ tenant: random.one([...tenants, ...tenants, ...tenants, master, null]), users: random.one([[], ['*'], ...users.map((u) => [u]), users]),
    origin: random.chance(0.9) ? origin : 'elsewhere' }),
  publish: (gw, { required_acl: acl, tenant, users: named, origin: from, ...event }) => gw.publish({ channel, key: '', body: JSON.stringify({ ...event, required_acl: acl }), attributes: {
    name: event.name, origin_uuid: from, ...(acl === null ? {} : { required_acl: acl }), ...(tenant === null ? {} : { tenant_uuid: tenant }),
    ...Object.fromEntries(named.map((u) => [`user_uuid:${u}`, true])) } }),
  // One for each tenant; a session without any gets none.
  async marker(gw, event) {
    for (const tenant of tenants) await this.publish(gw, { ...event, required_acl: null, tenant, users: ['*'], origin });
  },
  within({ tenant, user, claims }, event) {
    if (event.origin !== origin) return false;
    if (tenant === master) return true;
    if (event.tenant !== tenant) return false;
    return claims.admin === true || ['internal', 'external_api'].includes(claims.purpose) || event.users.some((u) => u === '*' || u === user);
  },
};

const wazo = (mode) => async (t, random) => {
  const tokens = Array.from({ length: mode === headers ? 24 : 8 }, (_, i) => ({
    token: `t${i}`, user: random.one(users), session: random.one(['s1', 's2']), ...mode.scope(random),
    grants: [...new Set(['websocketd', ...Array.from({ length: 1 + random.below(4) }, () => (random.chance(0.25) ? '!' : '') + dotted(random, patterns, 3))])],
  })).filter((token) => allows(token, 'websocketd'));
  const gw = await w.start(t, { tokens, settings: mode.settings });
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
      const event = { n, name: random.one(names), required_acl: random.chance(0.1) ? null : dotted(random, segments, 3), ...mode.address(random) };
      await mode.publish(gw, event);
      return event;
    },
    wanted({ model }, event) {
      const subscribed = model.names.includes('*') || model.names.includes(event.name);
      return subscribed && mode.within(model.token, event) && (event.required_acl === null || allows(model.token, event.required_acl)) ? [`${event.n}`] : [];
    },
    async received(client) {
      // An answer could come before an event that another shard maps.
      await mode.marker(gw, { name: 'marker', mark: marks += 1 });
      await reply(client, 'event', marks);
      return client.came.splice(0);
    },
    close: (client) => client.close(),
  };
}

isolation('wazo', wazo(topic));
isolation('wazo in headers mode', wazo(headers));
