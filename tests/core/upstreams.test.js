// SPDX-License-Identifier: Apache-2.0
// Upstreams, asked through the tunnelled requests of a lavaboom mount: the keys of docs/configuration.md one by one, connections, TLS, name look-up.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const l = require('../dialects/lavaboom/lavaboom');
const { waitFor, startGateway } = require('../support/gateway');
const { makeCertificates, startRawUpstream } = require('../support/upstream');

const ok = (body) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const outcomes = (gw, outcome) => gw.metric('dragoman_upstream_requests_total', `outcome="${outcome}"`);

test('upstreams: a path of the url is in front of all requests', async (t) => {
  const api = await l.startApi(t);
  const gw = await l.start(t, { upstream: { url: `${api.url}/echo/v1/` } });
  const c = await l.open(t, gw);
  assert.strictEqual((await c.echo('/a?b')).url, '/echo/v1/a?b');
  l.assertFailure(await c.request('/../../a'), 400);
});

test('upstreams: methods and paths', async (t) => {
  const { api, gw } = await l.world(t, { upstream: { methods: ['GET', 'HEAD'], paths: ['/echo/a', '/echo/b/'] } });
  const c = await l.open(t, gw);
  for (const [target, method, status] of [
    ['/echo/a', 'GET', 200], ['/echo/a', 'HEAD', 200], ['/echo/a', 'POST', 400], ['/echo/a?q', 'GET', 200], ['/echo/a/deep', 'GET', 200], ['/echo/ab', 'GET', 400],
    ['/echo/b', 'GET', 400], ['/echo/b/', 'GET', 200], ['/echo/b/c', 'GET', 200], ['/', 'GET', 400], ['/echo/%61', 'GET', 400], ['/echo/a/%2e%2e/c', 'GET', 400],
    ['/echo/a/..;x/c', 'GET', 400], ['/echo/a%5c..%5cc', 'GET', 400], ['/echo/a%00', 'GET', 400], ['//echo/a', 'GET', 400],
  ]) assert.strictEqual((await c.request(target, { method })).status, status, `${method} ${target}`);
  assert.ok(api.requests.every((r) => r.url.startsWith('/echo/')));
  assert.ok(await outcomes(gw, 'denied') > 0 && await outcomes(gw, 'invalid') > 0 && await outcomes(gw, '2xx') > 0);
});

test('upstreams: TRACE would show the headers that are added; it has to be allowed by name', async (t) => {
  const { api, gw } = await l.world(t, { upstream: { request_headers: { add: { 'X-Secret': 's' } } } });
  const c = await l.open(t, gw);
  for (const method of ['TRACE', 'trace', 'CONNECT']) l.assertFailure(await c.request('/echo/trace', { method }), 400);
  assert.strictEqual(api.requests.length, 0);
  const asked = await l.world(t, { upstream: { methods: ['TRACE'] } });
  assert.strictEqual((await (await l.open(t, asked.gw)).request('/echo/trace', { method: 'TRACE' })).status, 200);
});

test('upstreams: headers are added and removed', async (t) => {
  const { gw } = await l.world(t, { upstream: {
    request_headers: { add: { 'X-Added': 'a b', authorization: 'Bearer ours' }, remove: ['x-GONE', 'X-Forwarded-For'] }, response_headers: { remove: ['Set-cookie', 'DATE'] } } });
  const c = await l.open(t, gw);
  const echo = await c.echo('/echo', { headers: { Authorization: 'Bearer theirs', 'X-Gone': '1', 'X-Kept': '2', 'x-added': 'theirs', Connection: 'X-Added, Authorization' } });
  for (const [name, expected] of [['x-added', ['a b']], ['authorization', ['Bearer ours']], ['x-gone', []], ['x-kept', ['2']], ['x-forwarded-for', []]]) assert.deepStrictEqual(l.sent(echo, name), expected, name);
  const { headers } = await c.request('/cookies');
  assert.deepStrictEqual(headers, { 'X-Mixed-Case': ['v'] });
});

test('upstreams: static answers', async (t) => {
  const gw = await l.start(t, { settings: { proxy_other_paths: true }, upstream: { paths: ['/', '/never'], static: [
    { path: '/both', status: 201, headers: { 'X-A': '1', 'Content-Type': 'text/x' }, body: 'text' },
    { method: 'POST', path: '/json', body: { a: [1, 'é'] } },
    { method: 'GET', path: '/below/*', body: 'below' },
    { path: '/below/late', body: 'not reached by GET' },
    { method: 'GET', path: '/empty', status: 204 },
  ] } });
  const c = await l.open(t, gw);
  for (const [method, target, status, body, headers] of [
    ['GET', '/both', 201, 'text', { 'X-A': ['1'], 'Content-Type': ['text/x'] }], ['DELETE', '/both?q', 201, 'text'], ['HEAD', '/both', 201, ''],
    ['POST', '/json', 200, '{"a":[1,"é"]}', { 'Content-Type': ['application/json'] }], ['GET', '/json', 404, ''], ['GET', '/below/late', 200, 'below'], ['HEAD', '/below/x', 200, ''],
    ['PUT', '/below/late', 200, 'not reached by GET'], ['GET', '/below', 404, ''], ['GET', '/empty', 204, ''], ['GET', '/nowhere', 404, '', {}], ['GET', '/below/../both', 400],
  ]) {
    const answer = await c.request(target, { method });
    assert.strictEqual(answer.status, status, `${method} ${target}`);
    if (body !== undefined) assert.strictEqual(answer.body, body, `${method} ${target}`);
    if (headers) assert.deepStrictEqual(answer.headers, headers);
  }
  assert.strictEqual((await l.http(gw, 'GET', '/both')).text, 'text');
});

test('upstreams: connections are kept, used again and bounded', async (t) => {
  const { api, gw } = await l.world(t, { threads: 1, upstream: { connections: 2, queue: 2 }, settings: { max_parallel_requests: 10 } });
  const c = await l.open(t, gw);
  for (let i = 0; i < 5; i += 1) await c.request('/');
  assert.strictEqual(api.connections, 1);
  for (let i = 0; i < 5; i += 1) c.send({ type: 'request', id: `${i}`, method: 'GET', path: `/gate/${i}` });
  l.assertFailure(await c.next(), 503, '4');
  await api.seen('/gate/1');
  assert.strictEqual(api.asked('/gate/2').length, 0, 'two run, two wait');
  for (let i = 0; i < 4; i += 1) api.open(`${i}`);
  const ids = [];
  while (ids.length < 4) ids.push((await c.next()).id);
  assert.deepStrictEqual(ids.sort(), ['0', '1', '2', '3']);
  assert.strictEqual(api.connections, 2);
  assert.strictEqual(await outcomes(gw, 'queue_full'), 1);
});

test('upstreams: a request that waits too long for a connection', async (t) => {
  const { api, gw } = await l.world(t, { threads: 1, upstream: { connections: 1, timeout: '5s' }, settings: { max_parallel_requests: 2, request_timeout: '300ms' } });
  const c = await l.open(t, gw);
  c.send({ type: 'request', id: 'a', method: 'GET', path: '/gate/a' });
  c.send({ type: 'request', id: 'b', method: 'GET', path: '/gate/b' });
  l.assertFailure(await c.next(), 504, 'a');
  l.assertFailure(await c.next(), 504, 'b');
  assert.strictEqual((await c.request('/')).status, 200, 'the connection of the late one is free');
});

test('upstreams: idle connections', async (t) => {
  const off = await l.world(t, { threads: 1, upstream: { idle: 0 } });
  const c = await l.open(t, off.gw);
  for (let i = 0; i < 3; i += 1) assert.deepStrictEqual(l.sent(await c.echo('/echo'), 'connection'), ['close']);
  assert.strictEqual(off.api.connections, 3);
  const short = await l.world(t, { threads: 1, upstream: { idle: '100ms' } });
  assert.strictEqual((await (await l.open(t, short.gw)).request('/')).status, 200);
  await waitFor('the connection to be closed', () => short.api.sockets.size === 0);
  assert.strictEqual(await short.gw.metric('dragoman_upstream_connections', 'upstream="lavaboom"'), 0);
});

test('upstreams: Connection: close and HTTP/1.0 are honoured', async (t) => {
  const upstream = await startRawUpstream(t, (socket, head, n) => socket.write(head.includes('/old') ? `HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n${n}` : `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n${n}`));
  const gw = await l.start(t, { threads: 1, upstream: { url: upstream.url } });
  const c = await l.open(t, gw);
  for (const target of ['/old', '/old', '/new', '/new']) assert.strictEqual((await c.request(target)).body, '0');
});

test('upstreams: timeouts', async (t) => {
  const { gw } = await l.world(t, { upstream: { timeout: '10s' }, settings: { request_timeout: '200ms' } });
  l.assertFailure(await (await l.open(t, gw)).request('/gate/x'), 504);
  // An address that nothing answers at: what is sent there comes to nobody (RFC 5737).
  const far = await l.start(t, { upstream: { url: 'http://192.0.2.1:81', connect_timeout: '200ms' } });
  l.assertFailure(await (await l.open(t, far)).request('/'), 502);
});

test('upstreams: a name is looked up; one that is unknown or has several addresses', async (t) => {
  const api = await l.startApi(t);
  const gw = await l.start(t, { upstream: { url: `http://localhost:${api.port}` } });
  const c = await l.open(t, gw);
  assert.deepStrictEqual(l.sent(await c.echo('/echo'), 'host'), [`localhost:${api.port}`]);
  const lost = await l.start(t, { upstream: { url: 'http://no-such-host.invalid' } });
  const d = await l.open(t, lost);
  l.assertFailure(await d.request('/'), 502);
  l.assertFailure(await d.request('/'), 502);
});

test('upstreams: a large body goes up and comes down', async (t) => {
  const { api, gw } = await l.world(t, { limits: { message_bytes: '20MiB', queue_bytes: '64MiB' } });
  const c = await l.open(t, gw);
  const body = 'é'.repeat(2 << 20);
  assert.strictEqual((await c.echo('/echo', { method: 'POST', body })).body, body);
  assert.strictEqual((await c.request(`/size/${16 << 20}`)).body.length, 16 << 20);
  l.assertFailure(await c.request(`/size/${(16 << 20) + 1}`), 502);
  assert.strictEqual(api.requests.length, 3);
});

test('upstreams: a backend that answers before it has read the request', async (t) => {
  const upstream = await startRawUpstream(t, (socket) => {
    socket.pause();
    socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno');
  });
  const gw = await l.start(t, { upstream: { url: upstream.url }, limits: { message_bytes: '20MiB' } });
  const c = await l.open(t, gw);
  const answer = await c.request('/', { method: 'POST', body: 'x'.repeat(10 << 20) });
  assert.deepStrictEqual([answer.status, answer.body], [413, 'no']);
  assert.strictEqual((await c.request('/')).status, 413);
  assert.strictEqual(upstream.connections, 2, 'on a new connection: the old one still holds the rest of the first request');
});

test('upstreams: TLS', async (t) => {
  const certificates = makeCertificates(t);
  const { ca } = certificates;
  const good = await l.startApi(t, { tls: certificates.good });
  const expired = await l.startApi(t, { tls: certificates.expired });
  const stranger = await l.startApi(t, { tls: certificates.stranger });
  const old = await l.startApi(t, { tls: { ...certificates.good, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } });
  const plain = await l.startApi(t);
  const localhost = (api) => api.url.replace('127.0.0.1', 'localhost');
  const tests = [
    ['its own authority', { url: good.url, ca }, 200], ['by name', { url: localhost(good), ca }, 200], ['the system\'s authorities do not know it', { url: good.url }, 502, /unable to get local issuer certificate/],
    ['not verified', { url: good.url, verify: false }, 200], ['expired', { url: expired.url, ca }, 502, /certificate has expired/], ['expired but not verified', { url: expired.url, verify: false }, 200],
    ['a certificate for another address', { url: stranger.url, ca }, 502, /IP address mismatch/], ['a certificate for another name', { url: localhost(stranger), ca }, 502, /hostname mismatch/],
    ['too old a protocol', { url: old.url, ca }, 502], ['no TLS there', { url: plain.url.replace('http:', 'https:'), ca }, 502], ['TLS there', { url: good.url.replace('https:', 'http:') }, 502],
  ].map(([name, upstream, status, why]) => t.test(`upstreams: TLS, ${name}`, async (s) => {
    const gw = await l.start(s, { upstream, threads: 1 });
    const c = await l.open(s, gw);
    for (let i = 0; i < 2; i += 1) assert.strictEqual((await c.request('/')).status, status);
    if (why) await waitFor(`${why}`, () => why.test(gw.log));
  }));
  await Promise.all(tests);
  assert.deepStrictEqual([stranger.requests.length, expired.requests.length], [0, 2], 'nothing is sent to a server that is not trusted');
});

test('upstreams: over TLS only a close in order ends a body', async (t) => {
  const certificates = makeCertificates(t);
  const api = await l.startApi(t, { tls: certificates.good });
  api.answer = (request) => {
    const { socket } = request;
    const head = 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n';
    if (request.url === '/whole') socket.end(`${head}whole`);
    // Below TLS: an end that anybody on the way could have made.
    else socket.write(`${head}half`, () => socket._parent ? socket._parent.end() : socket.destroy());
  };
  const gw = await l.start(t, { upstream: { url: api.url, ca: certificates.ca } });
  const c = await l.open(t, gw);
  const whole = await c.request('/whole');
  assert.deepStrictEqual([whole.status, whole.body], [200, 'whole']);
  l.assertFailure(await c.request('/half'), 502);
});

test('upstreams: a file that holds no authority is refused at the start', async (t) => {
  const end = await startGateway(t, l.config({ upstream: { url: 'https://127.0.0.1:1', ca: path.resolve(__filename) } }), { expectExit: true });
  assert.strictEqual(end.code, 1);
  assert.match(end.log, /upstreams\.test\.js cannot be used/);
});
