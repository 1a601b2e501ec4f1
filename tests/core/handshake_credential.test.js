// SPDX-License-Identifier: Apache-2.0
// A dialect may have a credential of the handshake checked before it is accepted (dgm.dialect/1 DGM_UPGRADE_AUTHENTICATE).
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const crypto = require('node:crypto');
const { startGateway, adminToken, request, waitFor } = require('../support/gateway');
const { startUpstream } = require('../support/upstream');
const { raw, upgrade, frame } = require('../support/client');
const { startProbe, open, ask } = require('./probe');

const tokens = ['mallory', 'asks-again', 'bob'].map((token) => ({ token, user: token }));
const start = (t, limits = {}) => startProbe(t, { tokens, limits });

const startWith = (t, mount, ...lines) => startGateway(t, [
  'buses: {main: {plugin: embedded}}', ...lines, `mounts: {probe: {plugin: probe, listen: [{listener: main}], ${mount}}}`,
  `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`, ''].join('\n'));
const listeners = 'listeners: {main: {address: "127.0.0.1:0"}}';

function begin(t, gw, target, more = '') {
  const r = raw(t, gw.port('main'));
  r.write(upgrade(target));
  if (more) r.write(more);
  return r;
}
const answer = (text) => ({ status: Number(text.slice(9, 12)), text: text.slice(text.indexOf('\r\n\r\n') + 4), head: text });
const refused = async (t, gw, target) => answer(await begin(t, gw, target).end());

test('handshake credential: accepted, and bound to the session', async (t) => {
  const gw = await start(t);
  const client = await open(t, gw, '?token=alice');
  assert.strictEqual(await ask(client, 'user'), 'alice');
  await gw.revoke('alice');
  assert.strictEqual(await client.next(), 'identity 3 alice');
  await gw.addToken({ token: 'brief', user: 'carol', expires: new Date(Date.now() + 300).toISOString() });
  assert.strictEqual(await (await open(t, gw, '?token=brief')).next(), 'identity 2 carol');
});

test('handshake credential: refused by the authenticator or, with the identity, by the dialect, and costs no place', async (t) => {
  const gw = await start(t, { connections: 1 });
  const { status, text, head } = await refused(t, gw, '/?token=unknown');
  assert.deepStrictEqual([status, /\r\nWWW-Authenticate: Bearer\r\n/.test(head)], [401, true]);
  assert.match(text, /^.*token.*\n$/i);
  const { status: other, text: why } = await refused(t, gw, '/?token=mallory');
  assert.deepStrictEqual([other, why], [403, 'probe: not you\n']);
  await open(t, gw, '?token=bob');
  assert.strictEqual((await refused(t, gw, '/?token=bob')).status, 503);
  await gw.counted(1, 'dragoman_sessions_opened_total');
});

test('handshake credential: the quotas of its user and of the address hold', async (t) => {
  const gw = await start(t, { connections_per_user: 1, connections_per_minute: 4, connections_per_address: 4 });
  const first = await open(t, gw, '?token=bob');
  assert.strictEqual((await refused(t, gw, '/?token=bob')).status, 429);
  assert.strictEqual((await refused(t, gw, '/?token=unknown')).status, 401);
  first.close();
  await waitFor('a free place', async () => (await gw.metric('dragoman_sessions_open')) === 0);
  await open(t, gw, '?token=bob');
  assert.strictEqual((await refused(t, gw, '/?token=alice')).status, 429, 'who is refused has tried as well');
});

test('handshake credential: a dialect that asks twice breaks the contract', async (t) => {
  const gw = await start(t);
  await begin(t, gw, '/?token=asks-again').end();
  assert.strictEqual((await gw.stop({ code: null })).signal, 'SIGABRT');
  assert.match(gw.log, /upgrade: a handshake is authenticated once/);
});

test('handshake credential: SockJS sessions are not asked for it, its WebSocket is', async (t) => {
  const gw = await startWith(t, 'authenticator: demo, transport: sockjs', listeners,
    'authenticators: {demo: {type: static, tokens: [{token: alice, user: alice}]}}');
  const polled = await request(gw.port('main'), 'POST', '/000/session1/xhr?token=unknown', { token: null });
  assert.deepStrictEqual([polled.status, polled.text], [200, 'o\n']);
  assert.strictEqual((await refused(t, gw, '/000/session2/websocket?token=unknown')).status, 401);
  const r = begin(t, gw, '/000/session3/websocket?token=alice');
  assert.match(await r.until('the first frame', (s) => s.endsWith('o')), /^HTTP\/1.1 101 /);
});

test('handshake credential: without an authenticator nobody can decide', async (t) => {
  const gw = await startWith(t, '', listeners);
  assert.strictEqual((await refused(t, gw, '/?token=alice')).status, 503);
  await open(t, gw);
});

// An issuer that keeps whoever asks for its keys waiting until release().
async function slowIssuer(t, { timeout = '10s', limits = {} } = {}) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'EdDSA', use: 'sig' };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'EdDSA', kid: 'k' })}.${part({ sub: 'alice', exp: Math.floor(Date.now() / 1000) + 600 })}`;
  const waiting = [];
  const idp = await startUpstream(t, (_, response) => waiting.push(response));
  const gw = await startWith(t, `authenticator: api, limits: ${JSON.stringify(limits)}`,
    `listeners: {main: {address: "127.0.0.1:0", handshake_timeout: ${timeout}}}`, `upstreams: {idp: {url: "${idp.url}"}}`,
    'authenticators: {api: {type: jwt, keys: [{upstream: idp, path: /keys}]}}');
  await idp.seen('/keys');
  const release = () => { for (const response of waiting.splice(0)) response.end(JSON.stringify({ keys: [jwk] })); };
  return { gw, release, target: `/?token=${text}.${crypto.sign(null, Buffer.from(text), privateKey).toString('base64url')}` };
}
const pending = (gw) => waitFor('the handshake to arrive', async () => (await gw.metric('dragoman_http_requests_total')) > 0);

test('handshake credential: what the client sends behind it waits with it', async (t) => {
  const { gw, release, target } = await slowIssuer(t);
  const r = begin(t, gw, target, frame(1, 'hello'));
  await pending(gw);
  r.write(frame(1, 'again'));
  assert.strictEqual(r.data.length, 0);
  release();
  const text = await r.until('both echoes', (s) => s.endsWith('echo again'));
  assert.match(text, /^HTTP\/1.1 101 [^]*\r\n\r\n[^]*echo hello[^]*echo again$/);
});

test('handshake credential: a client that leaves meanwhile gives its place back', async (t) => {
  const { gw, release, target } = await slowIssuer(t, { limits: { connections: 1 } });
  const r = begin(t, gw, target);
  await pending(gw);
  assert.strictEqual((await refused(t, gw, '/')).status, 503);
  r.socket.destroy();
  await waitFor('its place', async () => answer(await begin(t, gw, '/').until('an answer', (s) => s.includes('\r\n\r\n'))).status === 101);
  release();
  await waitFor('the other session only', async () => (await gw.metric('dragoman_sessions_opened_total')) === 1);
});

test('handshake credential: not known in time', async (t) => {
  const { gw, target } = await slowIssuer(t, { timeout: '300ms', limits: { connections: 1 } });
  const { status, text } = await refused(t, gw, target);
  assert.deepStrictEqual([status, text], [503, 'The check of the token took too long\n']);
  await open(t, gw);
});

test('handshake credential: the gateway ends meanwhile', async (t) => {
  const { gw, target } = await slowIssuer(t);
  const r = begin(t, gw, target);
  await pending(gw);
  const stopped = gw.stop();
  const { status, text } = answer(await r.end());
  assert.deepStrictEqual([status, text], [503, 'The gateway is shutting down\n']);
  r.socket.destroy();
  await stopped;
});
