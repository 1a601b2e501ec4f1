// SPDX-License-Identifier: Apache-2.0
// Reload of what mounts use: authenticators, upstreams, journals; and of SockJS clients over HTTP, which have no socket to stay on.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { startGateway, waitFor, request, adminToken } = require('../support/gateway');
const { connect } = require('../support/client');
const { reload, change } = require('../support/reload');
const { startUpstream } = require('../support/upstream');
const k = require('../dialects/kazoo/kazoo');
const s = require('../transports/sockjs/sockjs');

test('reload: an authenticator that asks elsewhere now is a new one, and its mounts have changed', async (t) => {
  const server = (name) => startUpstream(t, (request, response) => {
    const known = request.url === `/${name}`;
    response.writeHead(known ? 200 : 404, { 'Content-Type': 'application/json' });
    response.end(known ? JSON.stringify({ user: name }) : '');
  });
  const first = await server('first'), second = await server('second');
  const configuration = (from) => [
    'threads: 2',
    'listeners: {main: {address: "127.0.0.1:0"}}',
    'buses: {main: {plugin: embedded}}',
    `upstreams: {auth: {url: "${from.url}"}}`,
    'authenticators:',
    '  api: {type: http, upstream: auth, request: {path: "/{token}"}, identity: {user: /user}, cache: {ttl: 0s}}',
    '  listed: {type: static, tokens: [{token: t, user: u}]}',
    'mounts:',
    '  asked: {plugin: probe, listen: [{listener: main, path: "/asked"}], authenticator: api}',
    '  listed: {plugin: probe, listen: [{listener: main, path: "/listed"}], authenticator: listed}',
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
    '',
  ].join('\n');
  const gw = await startGateway(t, configuration(first));
  const open = (where) => connect(t, `ws://127.0.0.1:${gw.port('main')}/${where}`);
  const auth = async (client, token) => {
    client.send(`auth ${token}`);
    return client.next();
  };
  const old = await open('asked'), kept = await open('listed');
  assert.match(await auth(old, 'first'), /^auth 0/);
  assert.match(await auth(kept, 't'), /^auth 0/);
  const report = await reload(gw, configuration(second));
  assert.deepStrictEqual([['upstream', 'auth'], ['authenticator', 'api'], ['authenticator', 'listed'], ['mount', 'asked'], ['mount', 'listed']].map(([kind, name]) => change(report, kind, name)),
    ['changed', 'changed', 'kept', 'changed', 'kept']);
  assert.strictEqual((await old.closed()).code, 1001);
  const fresh = await open('asked');
  assert.match(await auth(fresh, 'second'), /^auth 0/);
  assert.doesNotMatch(await auth(fresh, 'first'), /^auth 0/);
  assert.match(await auth(kept, 't'), /^auth 0/);
  await waitFor('the old to end', () => /msg=drained mount=asked/.test(gw.log));
  // What the old ones have counted is still there when they are gone.
  assert.strictEqual(await gw.metric('dragoman_authentications_total', 'authenticator="api",outcome="accepted"'), 2);
  for (const from of [first, second, first]) await reload(gw, configuration(from));
  assert.match(await auth(await open('asked'), 'first'), /^auth 0/);
});

test('reload: signing keys that change end the sessions of the old ones', async (t) => {
  const jwk = { ...crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), kid: 'k' };
  const configuration = (secret) => [
    'listeners: {main: {address: "127.0.0.1:0"}}',
    'buses: {main: {plugin: embedded}}',
    `upstreams: {keys: {static: [{path: /jwks, body: ${JSON.stringify(JSON.stringify({ keys: [jwk] }))}}]}}`,
    `authenticators: {api: {type: jwt, require: [], keys: [{upstream: keys, path: /jwks}, {secret: "${secret.repeat(8)}"}]}}`,
    'mounts: {probe: {plugin: probe, listen: [{listener: main}], authenticator: api}}',
    'reload: {drain_rate: 1000}',
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
    '',
  ].join('\n');
  const gw = await startGateway(t, configuration('first'));
  for (const secret of ['other', 'third', 'first']) {
    const client = await connect(t, `ws://127.0.0.1:${gw.port('main')}/`);
    assert.strictEqual(change(await reload(gw, configuration(secret)), 'mount', 'probe'), 'changed');
    assert.strictEqual((await client.closed()).code, 1001);
  }
  await waitFor('the old to end', () => gw.log.match(/msg=drained/g)?.length === 3);
});

test('reload: journals come and go, and say what needs a restart', async (t) => {
  const configuration = (journals, journal) => [
    'listeners: {h: {address: "127.0.0.1:0"}}',
    'buses: {main: {plugin: embedded}}',
    `journals: ${JSON.stringify(journals)}`,
    `mounts: {honeytrap: {plugin: honeytrap, listen: [{listener: h, path: "/"}], journal: ${journal}, settings: {ingest: {token: x}}}}`,
    'reload: {drain_rate: 1000}',
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
    '',
  ].join('\n');
  const file = (name) => ({ plugin: 'sqlite', settings: { path: `@DIR@/${name}` } });
  const gw = await startGateway(t, configuration({ z: file('z') }, 'z'));
  const push = (n) => gw.publish({ channel: 'honeytrap', key: 'e', id: `id.${n}`, body: { type: 3, sensor: 'ping', n } });
  const total = async () => {
    const { status, json } = await request(gw.port('h'), 'GET', '/events', { token: null });
    return [status, json && json.total];
  };
  let report = await reload(gw, configuration({ a: file('a') }, 'a'));
  assert.deepStrictEqual([change(report, 'journal', 'a'), change(report, 'mount', 'honeytrap')], ['added', 'changed']);
  await push(1);
  assert.deepStrictEqual(await total(), [200, 1]);
  const { errors } = await reload(gw, configuration({ a: { ...file('a'), append_timeout: '1s' } }, 'a'), { expect: 422 });
  assert.deepStrictEqual(errors, ['journals.a cannot change without a restart']);
  report = await reload(gw, configuration({ b: file('b') }, 'b'));
  assert.deepStrictEqual([change(report, 'journal', 'a'), change(report, 'journal', 'b')], ['removed', 'added']);
  assert.deepStrictEqual(await total(), [200, 0]);
  // Until it has ended the mount before keeps what comes in its own.
  await waitFor('the mounts before to end', () => gw.log.match(/msg=drained/g)?.length === 2);
  await push(2);
  // Back to the first, once nobody uses it any more: what it has stored is there.
  fs.writeFileSync(path.join(gw.directory, 'dragoman.yaml'), configuration({ a: file('a') }, 'a').replaceAll('@DIR@', gw.directory));
  await waitFor('the first journal to be free', async () => (await gw.request('POST', '/reload')).status === 200);
  assert.deepStrictEqual(await total(), [200, 1]);
});

test('reload: SockJS clients over HTTP find their session in the mount that has changed, until they are closed', async (t) => {
  const configuration = (limit, rate) => s.config({ mounts: { echo: { limits: { subscriptions: limit } } }, extra: [`reload: {drain_rate: ${rate}}`] });
  const gw = await s.start(t, { mounts: { echo: { limits: { subscriptions: 10 } } }, extra: ['reload: {drain_rate: 1}'] });
  const old = [await s.opened(t, gw), await s.opened(t, gw), await s.opened(t, gw), await s.opened(t, gw)];
  assert.strictEqual(change(await reload(gw, configuration(11, 1)), 'mount', 'echo'), 'changed');
  // At least one is not closed yet after so short a time.
  let echoed = 0;
  for (const session of old.reverse()) {
    const sent = await s.post(t, gw, `${session}/xhr_send`, '["x"]');
    assert.ok([204, 404].includes(sent.status), `${sent.status}`);
    const body = await s.poll(t, gw, session);
    if (body === 'a["x"]\n') echoed += 1;
    else assert.match(body, /^(c\[1001,""\]|o)\n$/);
  }
  assert.ok(echoed > 0);
  const fresh = await s.opened(t, gw);
  await s.send(t, gw, fresh, 'y');
  assert.strictEqual(await s.poll(t, gw, fresh), 'a["y"]\n');
  for (const session of old) {
    let body = '';
    await waitFor('the close', async () => /^c\[|^o/.test(body = await s.poll(t, gw, session)));
  }
});

test('reload: the dialect finds the sessions of the mount before it, and so does the admin', async (t) => {
  const gw = await k.start(t, { settings: {} });
  const old = await k.open(t, gw);
  await old.subscribe('call.*.*', { name: 'old' });
  const yaml = `${k.config({ limits: { subscriptions: 500 } })}reload: {drain_rate: 1}\n`;
  const second = await k.open(t, gw);
  await second.subscribe('call.*.*', { name: 'second' });
  const third = await k.open(t, gw);
  await third.subscribe('call.*.*', { name: 'third' });
  assert.strictEqual(change(await reload(gw, yaml), 'mount', 'kazoo'), 'changed');
  const fresh = await k.open(t, gw);
  await fresh.subscribe('call.*.*', { name: 'fresh' });
  const { json } = await k.api(gw, `/accounts/${k.A}/websockets`, { token: 'demo-account-token' });
  const names = JSON.stringify(json);
  assert.ok(names.includes('fresh'), names);
  assert.ok(names.includes('old') || names.includes('second') || names.includes('third'), names);
  const listed = (await gw.request('GET', '/mounts/kazoo/sessions')).json.sessions;
  assert.strictEqual(listed.filter((entry) => !entry.draining).length, 1);
  assert.ok(listed.some((entry) => entry.draining));
});
