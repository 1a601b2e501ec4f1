// SPDX-License-Identifier: Apache-2.0
// kazoo digest section 8: the HTTP API, as the document's curl commands ask it.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const k = require('./kazoo');
const { waitFor, request } = require('../../support/gateway');
const { raw, upgrade } = require('../../support/client');

const token = 'demo-account-token';
const ping = (name = token) => ({ action: 'ping', auth_token: name });
const idOf = (socket) => `127.0.0.1:${socket.client.socket._socket.localPort}`;
const curl = (...args) => execFileSync('curl', ['-s', ...args], { encoding: 'utf8' });
// The members of an error beside those that every answer has.
function assertError(answer, status, text, cause) {
  assert.strictEqual(answer.status, status, answer.text);
  const { data, error, message, status: said } = answer.json;
  assert.deepStrictEqual({ data, error, message, said },
    { data: { message: text, ...(cause && { cause }) }, error: String(status), message: text.replaceAll(' ', '_'), said: 'error' });
  for (const name of ['request_id', 'node', 'timestamp', 'version']) assert.strictEqual(typeof answer.json[name], 'string', name);
}

test('kazoo: the HTTP API', async (t) => {
  const gw = await k.start(t, { settings: { version: '9.9' } });
  const tests = [
    t.test('kazoo 46: the bindings there are', async () => {
      const answer = await k.api(gw, '/websockets');
      assert.deepStrictEqual([answer.status, answer.headers['content-type'], answer.headers['access-control-allow-origin']], [200, 'application/json', '*']);
      assert.deepStrictEqual(Object.keys(answer.json), ['data', 'node', 'request_id', 'status', 'timestamp', 'version'], 'as the document prints them');
      const { data, node, request_id, status, timestamp, version, ...rest } = answer.json;
      assert.deepStrictEqual(Object.entries(data).map(([name, list]) => [name, list.length]), [['call', 9], ['conference', 2], ['fax', 2], ['object', 30]]);
      assert.deepStrictEqual([node, status, version, rest], ['node.example', 'success', '9.9', {}]);
      assert.match(request_id, /^[0-9a-f]{32}$/);
      assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      assert.deepStrictEqual(data.call.slice(0, 2), ['call.CHANNEL_CREATE.{CALL_ID}', 'call.CHANNEL_ANSWER.{CALL_ID}']);
    }),
    t.test('kazoo 47: no token, and one that is not known', async () => {
      assertError(await k.api(gw, `/accounts/${k.A}/websockets`), 401, 'invalid credentials');
      assertError(await k.api(gw, `/accounts/${k.A}/websockets`, { token: 'zzz' }), 401, 'invalid credentials');
      assertError(await k.api(gw, `/accounts/${k.A}/websockets/x`), 401, 'invalid credentials');
    }),
    t.test('kazoo section 8: places of the token', async () => {
      const path = `/accounts/${k.A}/websockets`;
      assert.strictEqual((await k.api(gw, path, { headers: { Authorization: `Bearer ${token}` } })).status, 200);
      assert.strictEqual((await k.api(gw, `${path}?auth_token=${token}`)).status, 200);
      const answer = await k.api(gw, path, { token });
      assert.deepStrictEqual([answer.status, answer.json.auth_token], [200, token]);
    }),
    t.test('kazoo section 8: accounts outside of the tree', async () => {
      for (const account of [k.parent, k.system, 'e'.repeat(32), '*', '%2A', 'x']) {
        assertError(await k.api(gw, `/accounts/${account}/websockets`, { token: 'b-token' }), 403, 'forbidden');
        assertError(await k.api(gw, `/accounts/${account}/websockets/x`, { token: 'b-token' }), 403, 'forbidden');
      }
      assertError(await k.api(gw, '/accounts/*/websockets', { token: 'demo-admin-token' }), 403, 'forbidden');
    }),
    t.test('kazoo 52: other methods', async () => {
      for (const path of ['/websockets', `/accounts/${k.A}/websockets`, `/accounts/${k.A}/websockets/x`])
        for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
          const answer = await k.api(gw, path, { method, token });
          assertError(answer, 405, 'method not allowed');
          assert.strictEqual(answer.headers.allow, 'GET, HEAD, OPTIONS');
        }
      const head = await k.api(gw, '/websockets', { method: 'HEAD' });
      assert.deepStrictEqual([head.status, head.text, head.headers['content-type']], [200, '', 'application/json']);
    }),
    t.test('kazoo section 8: paths that are not there', async () => {
      for (const path of ['', '/', '/about', '/user_auth', '/accounts', `/accounts/${k.A}`, `/accounts/${k.A}/users`, '/accounts//websockets', '/websockets/x', `/accounts/${k.A}/websockets/x/y`])
        for (const method of ['GET', 'PUT', 'POST']) {
          const answer = await k.api(gw, path, { method, token });
          assertError(answer, 404, 'not found');
          assert.deepStrictEqual([answer.headers['content-type'], answer.headers['access-control-allow-origin'], answer.json.auth_token], ['application/json', '*', token]);
        }
      assert.strictEqual((await k.api(gw, '/about', { method: 'OPTIONS' })).status, 200);
      assert.strictEqual((await k.api(gw, '/websockets/')).status, 200, 'a slash at the end is nothing');
      assert.strictEqual((await k.api(gw, `/accounts/${k.A}/websockets/`, { token })).status, 200);
    }),
    t.test('kazoo section 2, 8: no socket is opened beside the HTTP API', async (s) => {
      for (const path of ['/v2/', '/v2/about']) {
        const r = raw(s, gw.port('web'));
        r.write(upgrade(path));
        assert.strictEqual(await r.status(), 404);
      }
    }),
    t.test('kazoo section 8: CORS', async () => {
      const answer = await k.api(gw, `/accounts/${k.A}/websockets`, { method: 'OPTIONS', headers: { Origin: 'http://page.example', 'Access-Control-Request-Method': 'GET' } });
      assert.strictEqual(answer.status, 200);
      assert.strictEqual(answer.headers['access-control-allow-origin'], '*');
      assert.match(answer.headers['access-control-allow-headers'], /content-type.*x-auth-token/);
      assert.match(answer.headers['access-control-allow-methods'], /GET/);
    }),
  ];
  await Promise.all(tests);
});

test('kazoo: sockets in the HTTP API', async (t) => {
  // More shards than one, so that sockets are found on others.
  const gw = await k.start(t, { threads: 4 });
  const quiet = await k.open(t, gw);
  const socket = await k.open(t, gw);
  const listed = () => k.sockets(gw);
  assert.deepStrictEqual(await listed(), [], 'kazoo 49: nobody has authenticated');
  await socket.succeed(ping());

  await t.test('kazoo 48, 49: an authenticated socket without bindings', async () => {
    const [one, ...others] = await listed();
    assert.deepStrictEqual(others, []);
    const { timestamp, ...rest } = one;
    assert.deepStrictEqual(rest, { bindings: [], websocket_session_id: idOf(socket), destination: 'node.example', source: '127.0.0.1' });
    assert.ok(timestamp > 63000000000 && Math.abs(timestamp - 62167219200 - Date.now() / 1000) < 60, String(timestamp));
  });
  await t.test('kazoo 50, row 17: one socket, from its first binding to its end', async (s) => {
    const other = await k.open(s, gw);
    const binding = 'object.doc_created.user';
    const own = idOf(other);
    const show = (id = own) => k.api(gw, `/accounts/${k.A}/websockets/${id}`, { token });
    await other.subscribe(binding);
    for (const id of [own, own.replace(':', '%3A')]) assert.deepStrictEqual((await show(id)).json.data.bindings, [binding]);
    assert.deepStrictEqual((await listed()).find((x) => x.websocket_session_id === own).bindings, [binding]);
    await other.unsubscribe(binding);
    assert.deepStrictEqual((await show()).json.data.bindings, []);
    other.client.socket.close();
    await waitFor('its end', async () => (await listed()).length === 1);
    assertError(await show(), 404, 'bad identifier', own);
  });
  await t.test('kazoo section 3, row 6: name and metadata, the last that were given', async (s) => {
    const other = await k.open(s, gw);
    const own = async () => (await listed()).find((x) => x.websocket_session_id === idOf(other));
    await other.succeed({ ...ping(), name: 'top', metadata: { a: [1.50] } });
    await other.subscribe('call.*.*', { data: { account_id: k.A, binding: 'call.*.*', name: 'inside' } });
    const { name, metadata, bindings } = await own();
    assert.deepStrictEqual({ name, metadata, bindings }, { name: 'inside', metadata: { a: [1.5] }, bindings: ['call.*.*'] });
    await other.refused({ action: 'subscribe', name: 'refused', data: { account_id: k.A, binding: 'zzz' } }, 'no available subscriptions to requested binding');
    assert.strictEqual((await own()).name, 'inside');
  });
  await t.test('kazoo 51: a parent sees its own sockets under its child', async (s) => {
    const other = await k.open(s, gw);
    await other.succeed(ping('demo-parent-token'));
    const ids = (await k.sockets(gw, { token: 'demo-parent-token' })).map((x) => x.websocket_session_id);
    assert.deepStrictEqual([ids.includes(idOf(other)), ids.includes(idOf(socket))], [true, true]);
    assert.ok(!(await listed()).some((x) => x.websocket_session_id === idOf(other)), 'the child does not');
    assert.deepStrictEqual((await k.api(gw, `/accounts/${k.A}/websockets/${idOf(other)}`, { token: 'demo-parent-token' })).json.data.source, '127.0.0.1');
  });
  await t.test('kazoo row 18: sockets of other accounts', async (s) => {
    const other = await k.open(s, gw);
    await other.succeed(ping('b-token'));
    assertError(await k.api(gw, `/accounts/${k.A}/websockets/${idOf(other)}`, { token }), 404, 'bad identifier', idOf(other));
    assertError(await k.api(gw, `/accounts/${k.A}/websockets/${idOf(quiet)}`, { token }), 404, 'bad identifier', idOf(quiet));
    assert.strictEqual((await k.sockets(gw, { account: k.B, token: 'b-token' })).length, 1);
    assert.strictEqual((await k.sockets(gw, { account: k.B, token: 'demo-admin-token' })).length, 1);
  });
  await t.test('kazoo 53: tokens of sockets are shown to nobody', async (s) => {
    const other = await k.open(s, gw);
    await other.subscribe('call.*.*', { token: 'claims-token' });
    const texts = [`/accounts/${k.A}/websockets`, `/accounts/${k.A}/websockets/${idOf(other)}`].map((path) => k.api(gw, path, { token }));
    for (const answer of await Promise.all(texts)) assert.ok(answer.status === 200 && !answer.text.includes('claims-token'));
    assert.ok(!gw.log.includes('claims-token'));
  });
  await t.test('kazoo 50: listing is exact once a socket has ended', async (s) => {
    const many = await Promise.all(Array.from({ length: 20 }, () => k.open(s, gw)));
    await Promise.all(many.map((one) => one.succeed(ping('b-token'))));
    const list = () => k.sockets(gw, { account: k.B, token: 'b-token' });
    assert.deepStrictEqual(new Set((await list()).map((x) => x.websocket_session_id)), new Set(many.map(idOf)));
    for (const one of many) one.client.close();
    await waitFor('their end', async () => (await list()).length === 0);
  });
});

test('kazoo, the document: its curl commands', async (t) => {
  const gw = await k.start(t);
  const base = `http://127.0.0.1:${gw.port('web')}/v2`;
  const ask = (...args) => JSON.parse(curl(...args));
  assert.strictEqual(ask('-v', '-X', 'GET', `${base}/websockets`).data.object.length, 30);
  const socket = await k.open(t, gw);
  await socket.subscribe('object.doc_created.user');
  const list = ask('-v', '-X', 'GET', '-H', `X-Auth-Token: ${token}`, `${base}/accounts/${k.A}/websockets`);
  assert.deepStrictEqual([list.status, list.data.length, list.data[0].bindings], ['success', 1, ['object.doc_created.user']]);
  const one = ask('-v', '-X', 'GET', '-H', `X-Auth-Token: ${token}`, `${base}/accounts/${k.A}/websockets/${list.data[0].websocket_session_id}`);
  assert.deepStrictEqual(one.data, list.data[0]);
});

test('kazoo section 8: the admin sees the sockets too', async (t) => {
  const gw = await k.start(t);
  const socket = await k.open(t, gw);
  await socket.subscribe('call.*.*');
  const { json } = await gw.request('GET', '/mounts/kazoo/sessions');
  assert.ok(JSON.stringify(json).includes(idOf(socket)));
  const direct = await request(gw.port('l'), 'GET', '/websockets', { token: null });
  assert.strictEqual(direct.status, 200, 'the API is below the path of the mount');
});
