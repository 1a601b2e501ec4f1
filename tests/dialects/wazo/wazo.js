// SPDX-License-Identifier: Apache-2.0
// A wazo client for tests.
'use strict';
const assert = require('node:assert');
const { startGateway, wazoConfig } = require('../../support/gateway');
const { connect } = require('../../support/client');

const v1 = (op) => `{"op": "${op}", "code": 0, "msg": ""}`;
const v2 = (op) => `{"op": "${op}", "code": 0, "data": null}`;
const init1 = v1('init');
const init2 = '{"op": "init", "code": 0, "data": {"version": 2}}';

const start = (t, options = {}, extra = {}) => startGateway(t, wazoConfig(options), extra);
const url = (gw, query = 'token=some-token-id', path = '/') => `ws://127.0.0.1:${gw.port('wazo')}${path}${query ? `?${query}` : ''}`;

// Connected, `init` read.
async function session(t, gw, query = 'token=some-token-id', options = {}) {
  const client = await connect(t, url(gw, query), options);
  assert.match(await client.next(), /^\{"op": "init", "code": 0, /);
  return client;
}
const subscribe = (client, name) => client.send({ op: 'subscribe', data: { event_name: name } });
// Subscribed to all names and started, replies read.
async function listening(t, gw, names = ['*'], query = 'token=some-token-id') {
  const client = await session(t, gw, query);
  for (const name of names) {
    subscribe(client, name);
    assert.match(await client.next(), /^\{"op": "subscribe", "code": 0, /);
  }
  client.send({ op: 'start' });
  assert.match(await client.next(), /^\{"op": "start", "code": 0, /);
  return client;
}
const event = (name, acl, extra = {}) => JSON.stringify({ name, ...(acl === undefined ? {} : { required_acl: acl }), ...extra });
// Nothing else comes before this: what was published earlier and should not arrive would be seen first.
async function sentinel(gw, client, name = 'sentinel', wrap = (x) => x) {
  const body = event(name, null, { n: Math.random() });
  await gw.wazo(body);
  assert.strictEqual(await client.next(), wrap(body));
}
const envelope = (body) => `{"op": "event", "code": 0, "data": ${body}}`;

module.exports = { start, url, session, subscribe, listening, event, sentinel, envelope, v1, v2, init1, init2 };
