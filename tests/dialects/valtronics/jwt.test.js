// SPDX-License-Identifier: Apache-2.0
// Tokens of the platform, and the quotas of the document (valtronics digest sections 3 and 6).
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { startGateway, waitFor } = require('../../support/gateway');
const { raw, upgrade } = require('../../support/client');
const v = require('./valtronics');

const { secret, jwt: token } = v;
// As config/demo.yaml has it.
const authenticator = { type: 'jwt', keys: [{ secret, algorithms: ['HS256'] }], require: [], identity: { user: ['/sub', '/user_id', '/username'] } };
const start = (t, options = {}) =>
  startGateway(t, v.config(options).replace(/authenticators: .*/, `authenticators: {demo: ${JSON.stringify(authenticator)}}`));
async function refusal(t, gw, sent) {
  const client = await v.connect(t, v.url(gw));
  v.auth(client, sent);
  const { message, ...rest } = await v.read(client);
  assert.deepStrictEqual(rest, { type: 'auth_response', success: false, error: 'invalid_token' });
  await v.settled(client);
  return message;
}
async function handshake(t, gw, path = '/ws') {
  const r = raw(t, gw.port('v'));
  r.write(upgrade(path));
  const head = await r.until('an answer', (s) => s.includes('\r\n\r\n'));
  return { status: Number(head.slice(9, 12)), retry: Number(/Retry-After: (\d+)\r/.exec(head)?.[1]), socket: r.socket };
}

test('valtronics 2: a valid HS256 token', async (t) => {
  const gw = await start(t);
  await v.session(t, gw, { token: token() });
  await v.session(t, gw, { token: token({ sub: undefined, exp: undefined, username: 'bob' }) });
});

test('valtronics 3, 4, 5, 6: refused tokens, each with its reason, and the socket stays', async (t) => {
  const gw = await start(t);
  assert.strictEqual(await refusal(t, gw, token({}, { key: 'another secret, as long as it should be' })), 'Signature verification failed');
  assert.strictEqual(await refusal(t, gw, token({ exp: 1 })), 'Token has expired');
  assert.strictEqual(await refusal(t, gw, token({}, { alg: 'none' })), 'Algorithm is not allowed');
  assert.strictEqual(await refusal(t, gw, 'zzz'), 'Token is malformed');
  assert.ok(await refusal(t, gw, ''));
  assert.ok(await refusal(t, gw, token({ type: 'refresh' })));
});

test('valtronics 55: permissions of the token', async (t) => {
  const gw = await start(t);
  const client = await v.session(t, gw, { token: token({ permissions: ['telemetry:read'] }) });
  await v.subscribe(client, 'telemetry');
  client.send({ type: 'subscribe', channel: 'alerts' });
  await v.expectError(client, 'forbidden', { channel: 'alerts' });
});

test('valtronics 46: the eleventh handshake within a minute from one address', async (t) => {
  const gw = await startGateway(t, v.config().replace('"connections_per_minute":0', ''));
  for (let i = 0; i < 10; ++i) {
    const { status, socket } = await handshake(t, gw);
    assert.strictEqual(status, 101);
    socket.destroy();
  }
  const { status, retry } = await handshake(t, gw);
  assert.strictEqual(status, 429);
  assert.ok(retry >= 1 && retry <= 60);
});

test('valtronics 47: 1000 open connections, then 503', async (t) => {
  const gw = await start(t);
  let open = 0;
  // In waves: a listener's backlog is not what is tested.
  while (open < 1000) {
    const wave = await Promise.all(Array.from({ length: 100 }, () => handshake(t, gw, open % 200 ? '/ws' : '/ws/alerts')));
    for (const { status } of wave) assert.strictEqual(status, 101);
    open += wave.length;
  }
  const { status, retry } = await handshake(t, gw);
  assert.strictEqual(status, 503);
  assert.ok(retry >= 1);
});

test('valtronics 48: connections of a user', async (t) => {
  const gw = await start(t, { limits: { connections_per_user: 2 } });
  const first = await v.session(t, gw, { token: token() });
  await v.session(t, gw, { token: token({ jti: 'another token' }), path: '/ws/alerts' });
  const third = await v.connect(t, v.url(gw));
  v.auth(third, token());
  await v.expectRefusal(third, 'connection_limit_exceeded');
  assert.strictEqual((await third.closed()).code, 1008);
  await v.session(t, gw, { token: token({ sub: 'bob' }) });
  await v.settled(first);
  first.socket.close();
  await waitFor('a free place', async () => (await gw.metric('dragoman_sessions_open')) === 2);
  await v.session(t, gw, { token: token() });
});

test('valtronics section 3: a token that names nobody stands for its user', async (t) => {
  const gw = await start(t, { limits: { connections_per_user: 1 } });
  const [one, other] = [1, 2].map((n) => token({ sub: undefined, jti: `token ${n}` }));
  const client = await v.listening(t, gw, 'alerts', {}, { token: one });
  const second = await v.connect(t, v.url(gw));
  v.auth(second, one);
  await v.expectRefusal(second, 'connection_limit_exceeded');
  v.auth(client, other);
  assert.deepStrictEqual(await v.read(client), v.welcome);
  client.send({ type: 'unsubscribe', channel: 'alerts' });
  await v.expectError(client, 'not_subscribed', { channel: 'alerts' });
  await v.session(t, gw, { token: one });
});

test('valtronics section 3: the quota of a user whose token comes with the handshake', async (t) => {
  const gw = await start(t, { settings: { handshake_token: true }, limits: { connections_per_user: 1 } });
  const path = (claims) => `/ws?token=${token(claims)}`;
  await v.connect(t, v.url(gw, path({})));
  assert.strictEqual((await handshake(t, gw, path({}))).status, 429);
  assert.strictEqual((await handshake(t, gw, path({ exp: 1 }))).status, 401);
  assert.strictEqual((await handshake(t, gw, path({ sub: 'bob' }))).status, 101);
});

test('valtronics section 6: 100 connections of a user unless configured', async (t) => {
  const gw = await start(t);
  for (let i = 0; i < 100; ++i) await v.session(t, gw, { token: token({ sub: 'many' }) });
  const more = await v.connect(t, v.url(gw));
  v.auth(more, token({ sub: 'many' }));
  await v.expectRefusal(more, 'connection_limit_exceeded');
});
