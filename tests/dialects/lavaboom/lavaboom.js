// SPDX-License-Identifier: Apache-2.0
// A Lavaboom client and API for tests. Numbers in titles are those of the digest's statements, `row` is one of its table in section 8.
'use strict';
const assert = require('node:assert');
const { startGateway, request, adminToken } = require('../../support/gateway');
const { connect } = require('../../support/client');
const { startUpstream } = require('../../support/upstream');

const json = { 'Content-Type': 'application/json; charset=utf-8' };
const root = { message: 'Lavaboom API', docs_url: 'http://lavaboom.readme.io/', version: 'v0' };

// A configuration with one lavaboom mount. upstream: the keys of the upstream; authenticator: tokens of a static one.
function config({ upstream, settings = {}, limits = {}, sockjs = {}, tokens, transport = 'sockjs', threads = 2, path = '/', port = 0 }) {
  return [
    `threads: ${threads}`,
    `listeners: {l: {address: "127.0.0.1:${port}"}}`,
    'buses: {main: {plugin: embedded}}',
    `upstreams: {lavaboom: ${JSON.stringify(upstream)}}`,
    ...(tokens ? [`authenticators: {local: {type: static, tokens: ${JSON.stringify(tokens)}}}`] : []),
    'mounts:',
    '  lavaboom:',
    '    plugin: lavaboom',
    `    listen: [{listener: l, path: "${path}"}]`,
    `    transport: ${transport}`,
    ...(transport === 'sockjs' ? [`    sockjs: ${JSON.stringify({ prefix: '/ws', ...sockjs })}`] : []),
    '    bus: main',
    ...(tokens ? ['    authenticator: local'] : []),
    `    limits: ${JSON.stringify(limits)}`,
    `    settings: ${JSON.stringify(settings)}`,
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
    '',
  ].join('\n');
}

const hour = 3600e3;
const at = (ms) => new Date(Date.now() + ms).toISOString();
const token = (owner, extra = {}) => ({ id: 't', owner, type: 'auth', expiry_date: at(hour), ...extra });

// What the API answers: `tokens`, `emails` and `threads` are filled by the test; a request to /gate/NAME is held until open(NAME).
async function startApi(t, options) {
  const gates = new Map();
  const gate = (name) => {
    if (!gates.has(name)) {
      let open;
      const passed = new Promise((resolve) => { open = resolve; });
      gates.set(name, { open, passed });
    }
    return gates.get(name);
  };
  const bearer = (r) => (r.headers.authorization || '').replace(/^Bearer /, '');
  const api = await startUpstream(t, async (r, response) => {
    const send = (status, body, headers = json) => response.writeHead(status, { ...headers }).end(typeof body === 'string' ? body : JSON.stringify(body));
    const path = r.url.split('?')[0];
    const [, first, second] = path.split('/').map(decodeURIComponent);
    if (path === '/') return send(200, root);
    if (first === 'echo') return send(200, { method: r.method, url: r.url, headers: r.rawHeaders, body: r.body });
    if (first === 'gate') {
      await gate(second).passed;
      return send(200, { gate: second });
    }
    if (first === 'tokens' && r.method === 'GET') {
      const found = api.tokens[bearer(r)];
      return found ? send(200, { success: true, token: found }) : send(401, { success: false, message: 'Invalid authorization token' });
    }
    if (first === 'tokens' && r.method === 'DELETE') return send(api.deletion, { success: true });
    if ((first === 'emails' || first === 'threads') && api[first][second]) return send(200, api[first][second]);
    if (first === 'secret' && !r.headers.authorization) return send(401, { success: false, message: 'Missing auth token' });
    if (first === 'size') return send(200, 'x'.repeat(Number(second)));
    if (first === 'status') return send(Number(second), { status: Number(second) }, second.startsWith('3') ? { ...json, Location: 'http://elsewhere.example/' } : json);
    if (first === 'cookies') return response.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'], 'x-mixed-CASE': 'v' }).end();
    if (first === 'bytes') return response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(Buffer.from([0x41, 0xff, 0xc3, 0xa9, 0xe2, 0x82]));
    return send(404, { success: false, message: 'Not found' });
  }, options);
  Object.assign(api, { tokens: {}, emails: {}, threads: {}, deletion: 200, open: (name) => gate(name).open() });
  return api;
}

const start = (t, options, extra) => startGateway(t, config(options), extra);
// An API and a gateway before it.
async function world(t, { upstream = {}, tls, ...options } = {}) {
  const api = await startApi(t, { tls });
  const gw = await start(t, { upstream: { url: api.url, ...upstream }, ...options });
  return { api, gw };
}

const url = (gw, target) => `ws://127.0.0.1:${gw.port('l')}${target}`;

// One JSON text per WebSocket message, without SockJS framing.
class Plain {
  constructor(client) { this.client = client; }
  async next() { return JSON.parse(await this.client.next()); }
  send(message) { this.client.send(message); }
  ask(message) { this.send(message); return this.next(); }
  request(path, extra = {}) { return this.ask({ type: 'request', id: '1', method: 'GET', path, ...extra }); }
  // The JSON that /echo answered.
  async echo(path, extra) {
    const answer = await this.request(path, extra);
    assert.strictEqual(answer.status, 200, JSON.stringify(answer));
    return JSON.parse(answer.body);
  }
  async subscribe(name) { assert.deepStrictEqual(await this.ask({ type: 'subscribe', token: name }), { type: 'subscribed' }); }
  // Nothing else comes before the answer to a message: what should not have been sent would be seen first.
  async nothingMore() { assert.deepStrictEqual(await this.ask({ type: 'nonsense' }), { type: 'error', error: 'Unknown message type' }); }
  closed() { return this.client.closed(); }
  close() { this.client.close(); }
}

const open = async (t, gw, target = '/ws/websocket', options = {}) => new Plain(await connect(t, url(gw, target), options));
let sessions = 0;
// SockJS over WebSocket, its `o` read.
async function framed(t, gw) {
  const client = await connect(t, url(gw, `/ws/000/s${sessions += 1}/websocket`));
  assert.strictEqual(await client.next(), 'o');
  return client;
}
// The values of a header in the raw list of /echo.
const sent = (echo, name) => echo.headers.filter((_, i, all) => i % 2 === 1 && all[i - 1].toLowerCase() === name.toLowerCase());
const message = (body) => ({ success: false, message: body });
// An answer that the gateway made itself.
function assertFailure(answer, status, id = '1') {
  assert.strictEqual(answer.status, status, JSON.stringify(answer));
  assert.deepStrictEqual({ type: answer.type, id: answer.id, headers: answer.headers }, { type: 'response', id, headers: { 'Content-Type': ['application/json; charset=utf-8'] } });
  const body = JSON.parse(answer.body);
  assert.strictEqual(body.success, false);
  assert.ok(body.message);
}

const http = (gw, method, target, options = {}) => request(gw.port('l'), method, target, { token: null, ...options });
const publish = (gw, key, body) => gw.publish({ channel: 'lavaboom', key, body });
const delivery = (gw, body) => publish(gw, 'email_delivery', body);
const receipt = (gw, body) => publish(gw, 'email_receipt', body);
const invalidToken = { type: 'error', error: 'Invalid token' };

module.exports = {
  assertFailure, at, config, delivery, framed, http, invalidToken, json, message, open, Plain, publish, receipt, root, sent, start, startApi, token, url, world,
};
