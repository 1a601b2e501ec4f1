// SPDX-License-Identifier: Apache-2.0
// lavaboom digest section 8, row 20: HTTP beside the SockJS endpoint goes to the backend. Statement 48.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../../support/gateway');
const { raw } = require('../../support/client');
const { startRawUpstream } = require('../../support/upstream');
const l = require('./lavaboom');

const settings = { proxy_other_paths: true };
const names = (echo) => echo.headers.filter((_, i) => i % 2 === 0).map((n) => n.toLowerCase());

test('lavaboom: proxy', async (t) => {
  const { api, gw } = await l.world(t, { settings: { ...settings, max_response_body: '1MiB' }, limits: { message_bytes: '100KiB' } });
  const echo = async (method, target, options) => {
    const answer = await l.http(gw, method, target, options);
    assert.strictEqual(answer.status, 200, answer.text);
    return answer.json;
  };
  const tests = [
    t.test('lavaboom 48: GET /', async () => {
      const answer = await l.http(gw, 'GET', '/');
      assert.deepStrictEqual([answer.status, answer.json, answer.headers['content-type']], [200, l.root, 'application/json; charset=utf-8']);
    }),
    t.test('lavaboom 48: method, path, query, body and headers', async () => {
      const sent = await echo('POST', '/echo/48?a=b%20c', { body: '{"a":1}', headers: { 'Content-Type': 'application/json', Authorization: 'Bearer t', Cookie: 'c=1' } });
      assert.deepStrictEqual([sent.method, sent.url, sent.body], ['POST', '/echo/48?a=b%20c', '{"a":1}']);
      for (const [name, value] of [['content-type', 'application/json'], ['authorization', 'Bearer t'], ['cookie', 'c=1'], ['host', `127.0.0.1:${api.port}`], ['x-forwarded-for', '127.0.0.1']])
        assert.deepStrictEqual(l.sent(sent, name), [value]);
      for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) assert.strictEqual((await echo(method, '/echo/48')).method, method);
    }),
    t.test('lavaboom 48: HEAD', async () => {
      const head = await l.http(gw, 'HEAD', '/echo/head');
      assert.deepStrictEqual([head.status, head.text, head.headers['content-length']], [200, '', undefined]);
      assert.strictEqual(api.asked('/echo/head')[0].method, 'HEAD');
    }),
    t.test('lavaboom 48: status, headers and redirects of the backend', async () => {
      assert.deepStrictEqual((await l.http(gw, 'GET', '/cookies')).headers['set-cookie'], ['a=1', 'b=2']);
      for (const status of [204, 304, 302, 404, 500]) assert.strictEqual((await l.http(gw, 'GET', `/status/${status}`)).status, status);
      assert.strictEqual((await l.http(gw, 'GET', '/status/302')).headers.location, 'http://elsewhere.example/');
      assert.strictEqual((await l.http(gw, 'GET', '/secret')).status, 401);
    }),
    t.test('RFC 9110 7.6.1: headers of the connection stay on it', async (s) => {
      const r = raw(s, gw.port('l'));
      r.write('GET /echo/hop HTTP/1.1\r\nHost: x\r\nConnection: close, X-Hop , keep-alive\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nTrailer: X\r\nProxy-Authorization: Basic x\r\n' +
        'Proxy-Connection: close\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Host: evil\r\nX-Real-IP: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-End: 1\r\n\r\n');
      const text = await r.end();
      const sent = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
      for (const name of ['x-hop', 'te', 'trailer', 'proxy-authorization', 'proxy-connection', 'x-forwarded-host', 'x-real-ip', 'forwarded']) assert.ok(!names(sent).includes(name), name);
      assert.deepStrictEqual(l.sent(sent, 'x-end'), ['1']);
      assert.deepStrictEqual(l.sent(sent, 'x-forwarded-for'), ['127.0.0.1']);
    }),
    t.test('lavaboom 48: a client cannot take away what the gateway says of it', async (s) => {
      const r = raw(s, gw.port('l'));
      r.write('GET /echo/hop HTTP/1.1\r\nHost: x\r\nConnection: close, X-Forwarded-For\r\n\r\n');
      assert.match(await r.end(), /"X-Forwarded-For","127\.0\.0\.1"/);
    }),
    t.test('lavaboom 48: what is not allowed', async (s) => {
      for (const target of ['/a/../b', '/a/%2e%2e/b', '/a%']) assert.strictEqual((await l.http(gw, 'GET', target)).status, 400, target);
      assert.strictEqual((await l.http(gw, 'POST', '/echo/large', { body: 'x'.repeat(100 * 1024 + 1) })).status, 413);
      assert.strictEqual((await l.http(gw, 'GET', `/size/${(1 << 20) + 1}`)).status, 502);
      assert.strictEqual((await l.http(gw, 'GET', `/size/${1 << 20}`)).text.length, 1 << 20);
      const r = raw(s, gw.port('l'));
      r.write('CONNECT other.example:80 HTTP/1.1\r\nHost: x\r\n\r\n');
      assert.ok([400, 404, 405].includes(await r.status()));
      assert.strictEqual(api.asked('/echo/large').length, 0);
    }),
    t.test('lavaboom 48: the SockJS endpoint is still there', async (s) => {
      assert.strictEqual((await l.http(gw, 'GET', '/ws/')).text, 'Welcome to SockJS!\n');
      assert.strictEqual((await l.http(gw, 'GET', '/ws/nothing')).status, 404);
      const c = await l.open(s, gw);
      assert.strictEqual((await c.request('/')).status, 200);
      assert.ok(!api.requests.some((r) => r.url.startsWith('/ws')));
      const upgraded = raw(s, gw.port('l'));
      upgraded.write('GET /echo/up HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n');
      assert.strictEqual(await upgraded.status(), 200, 'an answer of the backend, which saw no upgrade');
    }),
  ];
  await Promise.all(tests);
});

test('lavaboom 48: without the setting there is nothing beside the endpoint', async (t) => {
  const { gw } = await l.world(t);
  assert.strictEqual((await l.http(gw, 'GET', '/')).status, 404);
});

test('lavaboom 48: a backend that is slow or broken, and a client that leaves', async (t) => {
  const closed = [];
  const upstream = await startRawUpstream(t, (socket, head) => {
    socket.on('close', () => closed.push(head.split(' ')[1]));
    if (head.includes('/broken')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab');
  });
  const gw = await l.start(t, { upstream: { url: upstream.url }, settings: { ...settings, request_timeout: '400ms' } });
  assert.strictEqual((await l.http(gw, 'GET', '/broken')).status, 502);
  assert.strictEqual((await l.http(gw, 'GET', '/never')).status, 504);
  await waitFor('the connection to be closed', () => closed.includes('/never'));
});

test('lavaboom 48: over plain WebSocket, sessions are opened at sockjs_prefix', async (t) => {
  const { gw } = await l.world(t, { settings, transport: 'websocket' });
  assert.deepStrictEqual((await l.http(gw, 'GET', '/')).json, l.root);
  const c = await l.open(t, gw, '/ws');
  assert.strictEqual((await c.request('/')).status, 200);
});

test('lavaboom: plain WebSocket', async (t) => {
  const { gw } = await l.world(t, { transport: 'websocket', path: '/ws' });
  const c = await l.open(t, gw, '/ws');
  assert.strictEqual((await c.request('/')).status, 200);
});
