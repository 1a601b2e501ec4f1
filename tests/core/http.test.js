// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 on a listener: what is refused, with which status, and what is kept alive.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { startGateway, wazoConfig } = require('../support/gateway');
const { raw, upgrade, connect } = require('../support/client');

const good = upgrade('/?token=some-token-id');
const refusals = [
  ['Content-Length twice', good.replace('\r\n\r\n', '\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n'), 400],
  ['conflicting Content-Length', good.replace('\r\n\r\n', '\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'), 400],
  ['Content-Length with Transfer-Encoding', good.replace('\r\n\r\n', '\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n'), 400],
  ['a body on an upgrade', good.replace('\r\n\r\n', '\r\nContent-Length: 3\r\n\r\nabc'), 400],
  ['a body in chunks on an upgrade', good.replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'), 400],
  ['another method with a body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc', 400],
  ['another method that would send a large body', 'PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999999999\r\n\r\n', 400],
  ['another method with a body in chunks', 'DELETE / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n', 400],
  ['no upgrade, with a body', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc', 426],
  ['wrong Sec-WebSocket-Version', good.replace('Version: 13', 'Version: 8'), 400],
  ['no Sec-WebSocket-Version', good.replace('Sec-WebSocket-Version: 13\r\n', ''), 400],
  ['no key', good.replace(/Sec-WebSocket-Key: .*\r\n/, ''), 400],
  ['a broken key', good.replace(/Sec-WebSocket-Key: .*\r\n/, 'Sec-WebSocket-Key: abc\r\n'), 400],
  ['two keys', good.replace(/(Sec-WebSocket-Key: .*\r\n)/, '$1$1'), 400],
  ['no Host', good.replace('Host: x\r\n', ''), 400],
  ['two Hosts', good.replace('Host: x\r\n', 'Host: x\r\nHost: y\r\n'), 400],
  ['a Host with a blank', good.replace('Host: x', 'Host: a b'), 400],
  ['a Host with a path', good.replace('Host: x', 'Host: a/b'), 400],
  ['a Host with a user', good.replace('Host: x', 'Host: u@x'), 400],
  ['a folded header', good.replace('Host: x\r\n', 'Host: x\r\nA: b\r\n c\r\n'), 400],
  ['a blank before the colon', good.replace('Host: x\r\n', 'Host : x\r\n'), 400],
  ['a bare line feed', good.replace('Host: x\r\n', 'Host: x\n'), 400],
  ['oversized headers', good.replace('Host: x\r\n', `Host: x\r\nA: ${'a'.repeat(20000)}\r\n`), 431],
  ['oversized headers without an end', `GET / HTTP/1.1\r\nA: ${'a'.repeat(20000)}`, 431],
  ['too many headers', good.replace('Host: x\r\n', `Host: x\r\n${'A: b\r\n'.repeat(300)}`), 431],
  ['an unknown version', good.replace('HTTP/1.1', 'HTTP/3.7'), 505],
  ['rubbish', '\x16\x03\x01\x00\xa5\x01\r\n\r\n', 400],
  ['no upgrade', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 426],
];

test('http: refusals', async (t) => {
  const gw = await startGateway(t, wazoConfig());
  await Promise.all(refusals.map(([what, request, status]) => t.test(`${status}: ${what}`, async (s) => {
    const r = raw(s, gw.port('wazo'));
    r.write(request);
    const answer = await r.end();
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), answer);
    assert.match(answer, /\r\nConnection: close\r\n/);
    if (what.includes('Version')) assert.match(answer, /\r\nSec-WebSocket-Version: 13\r\n/);
  })));
});

test('http: what a Host may be', async (t) => {
  const gw = await startGateway(t, wazoConfig());
  for (const host of ['localhost:8443', '[::1]', '[::1]:8443', '127.0.0.1', '']) {
    const r = raw(t, gw.port('wazo'));
    r.write(good.replace('Host: x', `Host: ${host}`));
    await r.until('a session', (s) => s.startsWith('HTTP/1.1 101 ') && s.includes('"init"'));
  }
});

test('http: a body where nothing is mounted', async (t) => {
  const gw = await startGateway(t, wazoConfig().replace('path: "/"', 'path: "/ws"'));
  const r = raw(t, gw.port('wazo'));
  r.write('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nGET');
  const answer = await r.end();
  assert.match(answer, /^HTTP\/1\.1 404 [^]*\r\nConnection: close\r\n/);
  assert.strictEqual(answer.split('HTTP/1.1').length, 2, 'the body is no request');
});

test('http: a slow handshake is ended', async (t) => {
  const gw = await startGateway(t, wazoConfig().replace('"127.0.0.1:0"', '"127.0.0.1:0", handshake_timeout: 300ms'));
  const silent = raw(t, gw.port('wazo'));
  const half = raw(t, gw.port('wazo'));
  half.write('GET / HTTP/1.1\r\nHost: x\r\n');
  assert.strictEqual(await silent.end(), '');
  assert.match(await half.end(), /^HTTP\/1\.1 408 /);
});

test('http: a connection that was refused nothing is kept', async (t) => {
  const yaml = wazoConfig().replace('path: "/"', 'path: "/ws"');
  const gw = await startGateway(t, yaml);
  const r = raw(t, gw.port('wazo'));
  r.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n');
  await r.until('two answers', (s) => s.split('HTTP/1.1 404 ').length === 3);
  r.write(upgrade('/ws?token=some-token-id'));
  await r.until('a session on the same connection', (s) => s.includes('"init"'));
  const slash = await connect(t, `ws://127.0.0.1:${gw.port('wazo')}/ws/?token=some-token-id`);
  assert.match(await slash.next(), /"init"/);
});

test('http: a client that waits for 100 before it sends a body', async (t) => {
  const gw = await startGateway(t, wazoConfig().replace('admin: {', 'admin: {body_bytes: 1KiB, '));
  const post = (length, more = '') => `POST /publish HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer test-admin\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${more}\r\n`;
  const event = JSON.stringify({ channel: 'xivo', key: 'k', body: {} });
  const r = raw(t, gw.adminPort);
  r.write(post(event.length, 'Expect: 100-continue\r\n'));
  await r.until('100', (s) => s === 'HTTP/1.1 100 Continue\r\n\r\n');
  r.write(event.slice(0, 5));
  r.write(event.slice(5) + post(event.length, 'Expect: 100-Continue\r\n') + event);
  await r.until('two answers, the second without asking', (s) => s.split('HTTP/1.1 200 ').length === 3);
  assert.strictEqual(r.data.toString().split('100 Continue').length, 2);
  const large = raw(t, gw.adminPort);
  large.write(post(2048, 'Expect: 100-continue\r\n'));
  assert.match(await large.end(), /^HTTP\/1\.1 413 /);
});

test('http: HTTP/1.0 is told that its connection is kept', async (t) => {
  const gw = await startGateway(t, wazoConfig());
  const r = raw(t, gw.adminPort);
  for (const answers of [1, 2]) {
    r.write('GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    await r.until('an answer', (s) => s.split('HTTP/1.1 200 ').length === answers + 1 && s.endsWith('\n'));
    assert.strictEqual(r.data.toString().split(/\r\nConnection: keep-alive\r\n/).length, answers + 1);
  }
  r.write('GET /healthz HTTP/1.0\r\n\r\n');
  assert.match(await r.end(), /\r\nConnection: close\r\n/);
});

test('http: origins and the limit of connections', async (t) => {
  const gw = await startGateway(t, wazoConfig({ limits: { connections: 2 }, mount: '    allowed_origins: ["https://good.example"]' }));
  const origin = (o) => upgrade('/?token=some-token-id', o ? `Origin: ${o}\r\n` : '');
  for (const bad of [null, 'https://bad.example', 'https://good.example.bad']) {
    const r = raw(t, gw.port('wazo'));
    r.write(origin(bad));
    assert.match(await r.end(), /^HTTP\/1\.1 403 /);
  }
  const open = [];
  for (let i = 0; i < 2; ++i) {
    const r = raw(t, gw.port('wazo'));
    r.write(origin('https://good.example'));
    await r.until('init', (s) => s.includes('"init"'));
    open.push(r);
  }
  const third = raw(t, gw.port('wazo'));
  third.write(origin('https://good.example'));
  assert.match(await third.end(), /^HTTP\/1\.1 503 [^]*Retry-After/);
  await gw.counted(1, 'dragoman_refused_total', 'reason="mount_full"');
  open[0].socket.destroy();
  const { waitFor } = require('../support/gateway');
  await waitFor('a free place', async () => (await gw.metric('dragoman_sessions_open', 'mount="wazo"')) === 1);
  const again = raw(t, gw.port('wazo'));
  again.write(origin('https://good.example'));
  await again.until('init', (s) => s.includes('"init"'));
});

test('http: a listener takes no more connections than it may, sessions included', async (t) => {
  const { waitFor } = require('../support/gateway');
  const gw = await startGateway(t, wazoConfig().replace('"127.0.0.1:0"', '"127.0.0.1:0", max_connections: 2'));
  const session = await connect(t, `ws://127.0.0.1:${gw.port('wazo')}/?token=some-token-id`);
  assert.match(await session.next(), /"init"/);
  const waiting = raw(t, gw.port('wazo'));
  waiting.write('GET / HTTP/1.1\r\n');
  await waitFor('both to be accepted', async () => (await gw.metric('dragoman_connections_accepted_total', 'listener="wazo"')) === 2);
  assert.strictEqual(await raw(t, gw.port('wazo')).end(), '');
  await gw.counted(1, 'dragoman_refused_total', 'reason="listener_full"');
  session.close();
  await waitFor('a free place', async () => (await gw.metric('dragoman_sessions_open', 'mount="wazo"')) === 0);
  const again = await connect(t, `ws://127.0.0.1:${gw.port('wazo')}/?token=some-token-id`);
  assert.match(await again.next(), /"init"/);
});
