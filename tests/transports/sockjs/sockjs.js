// SPDX-License-Identifier: Apache-2.0
// A gateway whose mounts speak SockJS, and an HTTP client that shows what is on the wire: heads, chunks, bodies.
'use strict';
const assert = require('node:assert');
const crypto = require('node:crypto');
const { startGateway, adminToken } = require('../../support/gateway');
const { connect, raw } = require('../../support/client');

// mounts: name -> {plugin, sockjs, limits and so on}; each is served at /name/ unless it says where.
function config({ mounts = { echo: {} }, threads = 3, listener = '', extra = [] } = {}) {
  const mount = (name, { plugin = 'echo', path = `/${name}/`, sockjs = {}, limits = {}, ...more }) => `  ${name}: ${JSON.stringify({
    plugin, transport: 'sockjs', listen: [{ listener: 'main', path }], bus: 'main', authenticator: 'demo', sockjs, limits, ...more })}`;
  return [
    `threads: ${threads}`,
    `listeners: {main: {address: "127.0.0.1:0"${listener}}}`,
    'buses: {main: {plugin: embedded}}',
    'authenticators: {demo: {type: static, tokens: [{token: some-token-id, grants: [websocketd, "#"]}]}}',
    'mounts:',
    ...Object.entries(mounts).map(([name, m]) => mount(name, m)),
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
    ...extra,
    '',
  ].join('\n');
}
const start = (t, options = {}, more = {}) => startGateway(t, config(options), more);

const sid = () => crypto.randomBytes(8).toString('hex');
// Where a new session lives, below the mount.
const session = (mount = 'echo', server = '000') => `/${mount}/${server}/${sid()}`;

// One connection. Requests are written and answers read in order.
class Http {
  constructor(t, gw, options = {}) { this.raw = raw(t, gw.port('main'), options); }
  write(data) { this.raw.write(data); return this; }
  send(method, path, { headers = {}, body, version = '1.1' } = {}) {
    const all = { Host: 'x', ...headers };
    if (body !== undefined) all['Content-Length'] = Buffer.byteLength(body);
    const lines = Object.entries(all).map(([k, v]) => `${k}: ${v}\r\n`).join('');
    return this.write(Buffer.concat([Buffer.from(`${method} ${path} HTTP/${version}\r\n${lines}\r\n`), Buffer.from(body === undefined ? '' : body)]));
  }
  take(n) {
    const taken = this.raw.data.subarray(0, n);
    this.raw.data = this.raw.data.subarray(n);
    return taken;
  }
  async octets(n) {
    await this.raw.until(`${n} octets`, () => this.raw.data.length >= n);
    return this.take(n);
  }
  async line() {
    await this.raw.until('a line', () => this.raw.data.includes('\r\n'));
    return this.take(this.raw.data.indexOf('\r\n') + 2).toString('latin1').slice(0, -2);
  }
  // { status, headers, names }: headers by name in lower case, names as they came.
  async head() {
    const first = await this.line();
    assert.match(first, /^HTTP\/1\.1 \d{3} /);
    const answer = { status: Number(first.slice(9, 12)), headers: {}, names: [] };
    for (let line = await this.line(); line; line = await this.line()) {
      const [, name, value] = /^([^:]+): (.*)$/.exec(line);
      assert.ok(!(name.toLowerCase() in answer.headers), `${name} came twice`);
      answer.names.push(name);
      answer.headers[name.toLowerCase()] = value;
    }
    return answer;
  }
  // The next chunk, as text; empty: the last.
  async chunk() {
    const size = parseInt(await this.line(), 16);
    const data = await this.octets(size);
    assert.strictEqual((await this.octets(2)).toString(), '\r\n');
    return data.toString();
  }
  async chunks() {
    const all = [];
    for (let chunk = await this.chunk(); chunk; chunk = await this.chunk()) all.push(chunk);
    return all;
  }
  // The whole answer. A body without a length ends with the connection; an answer to HEAD has none.
  async answer(method = 'GET') {
    const answer = await this.head();
    const length = answer.headers['content-length'];
    if (method === 'HEAD') answer.body = '';
    else if (answer.headers['transfer-encoding'] === 'chunked') answer.body = (await this.chunks()).join('');
    else if (length !== undefined) answer.body = (await this.octets(Number(length))).toString();
    else if (answer.status === 204 || answer.status === 304) answer.body = '';
    else answer.body = await this.rest();
    return answer;
  }
  async rest() {
    await this.raw.end();
    return this.take(this.raw.data.length).toString();
  }
  close() { this.raw.socket.destroy(); }
  // Ends with RST, so that what is written to it next fails.
  reset() { this.raw.socket.resetAndDestroy(); }
}

// One request on a connection of its own.
async function ask(t, gw, method, path, options = {}) {
  const http = new Http(t, gw).send(method, path, options);
  const answer = await http.answer(method);
  http.close();
  return answer;
}
const get = (t, gw, path, headers = {}) => ask(t, gw, 'GET', path, { headers });
const post = (t, gw, path, body, headers = {}) => ask(t, gw, 'POST', path, { headers, body: body === undefined ? '' : body });

// The body of one poll.
async function poll(t, gw, path) {
  const answer = await post(t, gw, `${path}/xhr`);
  assert.strictEqual(answer.status, 200, answer.body);
  return answer.body;
}
async function send(t, gw, path, ...messages) {
  const answer = await post(t, gw, `${path}/xhr_send`, JSON.stringify(messages));
  assert.strictEqual(answer.status, 204, answer.body);
}
// Opened by a poll: the path of a new session.
async function opened(t, gw, mount = 'echo') {
  const path = session(mount);
  assert.strictEqual(await poll(t, gw, path), 'o\n');
  return path;
}
// Opened by a stream, head, prelude and "o" read.
async function streaming(t, gw, path) {
  const http = new Http(t, gw).send('POST', `${path}/xhr_streaming`, { body: '' });
  assert.strictEqual((await http.head()).status, 200);
  assert.strictEqual(await http.chunk(), `${'h'.repeat(2048)}\n`);
  assert.strictEqual(await http.chunk(), 'o\n');
  return http;
}
const websocket = (t, gw, path = `${session()}/websocket`, options = {}) => connect(t, `ws://127.0.0.1:${gw.port('main')}${path}`, options);

const neverCache = 'no-store, no-cache, no-transform, must-revalidate, max-age=0';
const script = 'application/javascript; charset=UTF-8';
const plain = 'text/plain; charset=UTF-8';
function assertNotCached(answer) {
  assert.strictEqual(answer.headers['cache-control'], neverCache);
  assert.ok(!('expires' in answer.headers) && !('last-modified' in answer.headers));
}
function assertCachedForAYear(answer) {
  assert.strictEqual(answer.headers['cache-control'], 'public, max-age=31536000');
  const days = (Date.parse(answer.headers.expires) - Date.now()) / 86400000;
  assert.ok(days > 364 && days < 366, answer.headers.expires);
  assert.ok(!('last-modified' in answer.headers));
}
const aFrame = (...messages) => `a${JSON.stringify(messages)}`;

module.exports = { config, start, sid, session, Http, ask, get, post, poll, send, opened, streaming, websocket, assertNotCached, assertCachedForAYear, aFrame, script, plain };
