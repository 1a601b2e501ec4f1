// SPDX-License-Identifier: Apache-2.0
// A telephone platform's message bus and its clients, for tests. Numbers in titles are those of the digest's statements, `row` is one of section 9.
'use strict';
const assert = require('node:assert');
const { startGateway, request, adminToken } = require('../../support/gateway');
const { connect } = require('../../support/client');

const A = '4b31dd1d32ce6d249897c06332375d65';
const parent = '2f1b2a9e9d6c4c0f8a3e5d7b9c1e3f50';
const B = 'b'.repeat(32);
const system = '5'.repeat(32);
const tokens = [
  { token: 'demo-account-token', account: A },
  { token: 'demo-parent-token', account: parent },
  { token: 'demo-admin-token', account: system },
  { token: 'b-token', account: B },
  { token: 'claims-token', claims: { account_id: A } },
  { token: 'nobody-token', user: 'nobody' },
];
const accounts = { [system]: {}, [parent]: { parent: system }, [A]: { parent, realm: 'a.example' }, [B]: { parent: system, realm: 'b.example' } };

// One mount at / of the listener `l` and, for HTTP only, at /v2/ of the listener `web`.
function config({ settings = {}, limits = {}, threads = 2, upstream, more = [] } = {}) {
  return [
    `threads: ${threads}`,
    'listeners: {l: {address: "127.0.0.1:0"}, web: {address: "127.0.0.1:0"}}',
    'buses: {main: {plugin: embedded}}',
    `authenticators: {local: {type: static, tokens: ${JSON.stringify([...tokens, ...more])}}}`,
    ...(upstream ? [`upstreams: {crossbar: ${JSON.stringify(upstream)}}`] : []),
    'mounts:',
    '  kazoo:',
    '    plugin: kazoo',
    '    listen: [{listener: l, path: /}, {listener: web, path: /v2/, sessions: false}]',
    '    bus: main',
    '    authenticator: local',
    `    limits: ${JSON.stringify(limits)}`,
    `    settings: ${JSON.stringify({ accounts, system_account: system, node: 'node.example', ...settings })}`,
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
    '',
  ].join('\n');
}
const start = (t, options, extra) => startGateway(t, config(options), extra);

let requests = 0;
// A client of Blackhole. Events that come while a reply is waited for are kept.
class Socket {
  constructor(client) {
    this.client = client;
    this.events = [];
  }
  async read() { return JSON.parse(await this.client.next()); }
  // The reply to a message of that request id.
  async reply(id) {
    for (;;) {
      const message = await this.read();
      if (message.action === 'event') {
        this.events.push(message);
        continue;
      }
      assert.strictEqual(message.action, 'reply');
      if (id !== undefined) assert.strictEqual(message.request_id, id);
      return message;
    }
  }
  async ask(message) {
    const id = `r${requests += 1}`;
    this.client.send({ request_id: id, ...message });
    const { action, request_id, ...rest } = await this.reply(message.request_id || id);
    return rest;
  }
  async succeed(message) {
    const reply = await this.ask(message);
    assert.strictEqual(reply.status, 'success', JSON.stringify(reply));
    return reply.data;
  }
  async refused(message, error) { assert.deepStrictEqual(await this.ask(message), { status: 'error', data: { errors: [error] } }); }
  subscribe(binding, { account_id = A, token = 'demo-account-token', ...more } = {}) {
    return this.succeed({ action: 'subscribe', auth_token: token, data: { account_id, binding }, ...more });
  }
  unsubscribe(binding, account_id = A) { return this.succeed({ action: 'unsubscribe', data: { account_id, binding } }); }
  async event() { return this.events.length ? this.events.shift() : this.read(); }
  // A reply comes behind what was published before the question.
  async noEvent() {
    await this.succeed({ action: 'ping', auth_token: 'demo-account-token' });
    assert.deepStrictEqual(this.events, []);
  }
}
const url = (gw, path = '/') => `ws://127.0.0.1:${gw.port('l')}${path}`;
const open = async (t, gw, options) => new Socket(await connect(t, url(gw), options));

const publish = (gw, exchange, key, body) => gw.publish({ channel: exchange, key, body });
const encode = (text) => text.replace(/[^\w~-]/g, (c) => (c === ' ' ? '+' : [...Buffer.from(c)].map((b) => `%${b.toString(16).toUpperCase().padStart(2, '0')}`).join('')));
const call = (gw, name, id, account = A, more = {}) => publish(gw, 'callevt', `call.${name}.${encode(id)}`,
  { 'Event-Name': name, 'Event-Category': 'call_event', 'Call-ID': id, ...(account && { 'Custom-Channel-Vars': { 'Account-ID': account } }), ...more });
const database = (account) => `account%2F${account.slice(0, 2)}%2F${account.slice(2, 4)}%2F${account.slice(4)}`;
const month = (ahead = 0) => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead)).toISOString().slice(0, 7).replace('-', '');
};
const document = (gw, action, type, account = A, db = database(account)) => publish(gw, 'configuration', `${action}.${db}.${type}.id1`,
  { 'Event-Name': action, 'Event-Category': 'configuration', Type: type, 'Account-ID': account });

// HTTP; path below /v2.
const api = (gw, path, { token, method = 'GET', headers = {}, body } = {}) =>
  request(gw.port('web'), method, `/v2${path}`, { token: null, headers: { ...(token && { 'X-Auth-Token': token }), ...headers }, body });
const sockets = async (gw, { account = A, token = 'demo-account-token' } = {}) => {
  const answer = await api(gw, `/accounts/${account}/websockets`, { token });
  assert.strictEqual(answer.status, 200, answer.text);
  return answer.json.data;
};

module.exports = { A, B, parent, system, accounts, api, call, config, connect, database, document, encode, month, open, publish, Socket, sockets, start, tokens, url };
