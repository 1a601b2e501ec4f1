// SPDX-License-Identifier: Apache-2.0
// Plain HTTP on the paths of a mount: which route answers, what is refused, answers in parts, and how requests end.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const { startGateway, waitFor, request } = require('../support/gateway');
const { raw, connect, upgrade } = require('../support/client');
const { probeConfig } = require('./probe');

const routes = (options = {}) => probeConfig(options).replace('limits:', 'settings: {routes: true}, limits:');
const start = (t, options, more) => startGateway(t, routes(options), more);
const ask = (gw, method, target, more = {}) => request(gw.port('main'), method, target, { token: null, ...more });
const count = (gw, name) => gw.metric(`dragoman_plugin_probe_${name}_total`);
const closed = async (gw, n) => {
  await waitFor(`${n} requests to be closed`, async () => (await count(gw, 'requests_closed')) >= n);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.strictEqual(await count(gw, 'requests_closed'), n);
};
// What a sanitizer keeps of freed memory would count as the gateway's.
process.env.ASAN_OPTIONS ??= 'quarantine_size_mb=1';
const resident = (gw) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${gw.child.pid}/status`, 'utf8'))[1]) / 1024;
const letters = (n, bytes) => Array.from({ length: n }, (_, i) => String.fromCharCode(97 + (i % 26)).repeat(bytes)).join('');
const get = (target, extra = '', version = '1.1') => `GET ${target} HTTP/${version}\r\nHost: x\r\n${extra}\r\n`;
const answers = (s, n) => s.split('HTTP/1.1 200 ').length === n + 1;
// The chunks of a whole chunked body.
function unchunk(body) {
  let out = '';
  for (let at = 0; ;) {
    const line = body.indexOf('\r\n', at);
    const size = parseInt(body.slice(at, line), 16);
    assert.ok(size >= 0, body.slice(at, at + 20));
    if (size === 0) {
      assert.strictEqual(body.slice(line), '\r\n\r\n');
      return out;
    }
    out += body.slice(line + 2, line + 2 + size);
    assert.strictEqual(body.slice(line + 2 + size, line + 4 + size), '\r\n');
    at = line + 4 + size;
  }
}

test('routes: which one answers', async (t) => {
  const gw = await start(t);
  for (const [target, expected] of [
    ['/items', '/items?'],
    ['/items?a=b&c=%20', '/items?a=b&c=%20'],
    ['/items/7', '/items/7?'],
    ['/items/a%2Fb?x', '/items/a%2Fb?x'],
    ['/items/7/parts/8', '/items/7/parts/8?'],
    ['/both', '/both?'],
  ]) {
    const answer = await ask(gw, 'GET', target);
    assert.strictEqual(answer.status, 200, target);
    assert.strictEqual(answer.text, expected);
  }
  assert.strictEqual((await ask(gw, 'GET', '/items', { headers: { 'x-hEaDeR': 'here' } })).headers['x-header'], 'here');
  for (const target of ['/nowhere', '/items/', '/items/7/parts', '/items/7/parts/', '/items/7/8', '/items//parts/8', '/item', '/items/7/parts/8/9']) {
    assert.strictEqual((await ask(gw, 'GET', target)).status, 404, target);
  }
  for (const [method, body] of [['PUT', 'new'], ['DELETE', '']]) {
    assert.strictEqual((await ask(gw, method, '/items/7', { body })).text, `${method} ${body}`);
  }
  assert.strictEqual((await ask(gw, 'GET', '/empty')).status, 204);
  await gw.counted(8, 'dragoman_refused_total', 'reason="not_found"');
});

test('routes: below a path of the listener', async (t) => {
  const gw = await startGateway(t, routes().replace('path: "/"', 'path: "/below"'));
  assert.strictEqual((await ask(gw, 'GET', '/below/items/7')).status, 404, 'a path without a slash at its end is one path');
  const deep = await startGateway(t, routes().replace('path: "/"', 'path: "/below/"'));
  assert.strictEqual((await ask(deep, 'GET', '/below/items/7?q')).text, '/items/7?q');
  assert.strictEqual((await ask(deep, 'GET', '/items/7')).status, 404);
  assert.strictEqual((await ask(deep, 'GET', '/belowitems')).status, 404);
  const c = await connect(t, `ws://127.0.0.1:${deep.port('main')}/below`);
  c.send('hello');
  assert.strictEqual(await c.next(), 'echo hello');
});

test('routes: a place without sessions', async (t) => {
  const gw = await startGateway(t, routes().replace('path: "/"', 'path: "/", sessions: false'));
  assert.strictEqual((await ask(gw, 'GET', '/both')).text, '/both?');
  assert.strictEqual((await ask(gw, 'GET', '/')).status, 404, 'where sessions would be opened');
  for (const [path, status] of [['/', 404], ['/both', 200]]) {
    const r = raw(t, gw.port('main'));
    r.write(upgrade(path));
    assert.strictEqual(await r.status(), status);
  }
  // One that answers no HTTP.
  const silent = await startGateway(t, probeConfig().replace('path: "/"', 'path: "/", sessions: false'));
  const r = raw(t, silent.port('main'));
  r.write(upgrade('/'));
  assert.strictEqual(await r.status(), 404);
});

test('routes: other methods are answered 405 with those that are known', async (t) => {
  const gw = await start(t);
  const sorted = (answer) => answer.headers.allow.split(', ').sort().join(' ');
  const items = await ask(gw, 'DELETE', '/items');
  assert.strictEqual(items.status, 405);
  assert.strictEqual(sorted(items), 'GET HEAD POST');
  const item = await ask(gw, 'PATCH', '/items/7');
  assert.strictEqual(item.status, 405);
  assert.strictEqual(sorted(item), 'DELETE GET HEAD PUT');
  assert.strictEqual((await ask(gw, 'HEAD', '/echo')).status, 405);
  assert.strictEqual((await ask(gw, 'OPTIONS', '/items')).status, 405);
});

test('routes: HEAD', async (t) => {
  const gw = await start(t);
  // Every answer must end where its head ends, or the next one is not understood.
  const r = raw(t, gw.port('main'));
  const head = (target) => `HEAD ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;
  r.write(head('/items/7?q') + head('/stream?parts=2&bytes=5') + head('/nowhere') + head('/echo') + get('/items'));
  const all = await r.until('the last answer', (s) => s.endsWith('/items?'));
  const parts = all.split(/(?=HTTP\/1\.1 )/);
  assert.deepStrictEqual(parts.map((p) => Number(p.slice(9, 12))), [200, 200, 404, 405, 200], all);
  for (const part of parts.slice(0, 4)) assert.ok(part.endsWith('\r\n\r\n') && part.split('\r\n\r\n').length === 2, part);
  assert.match(parts[0], /Content-Length: 15\r\n/, 'as GET: "/items/7?q" and " head"');
  assert.match(parts[1], /Transfer-Encoding: chunked/);
});

test('routes: bodies', async (t) => {
  const gw = await start(t, { limits: { message_bytes: 100000 } });
  const large = 'x'.repeat(100000);
  assert.strictEqual((await ask(gw, 'POST', '/echo', { body: large })).text, `POST ${large}`);
  const chunked = await ask(gw, 'POST', '/echo', { headers: { 'Transfer-Encoding': 'chunked' }, body: large });
  assert.strictEqual(chunked.text, `POST ${large}`);
  for (const head of [`Content-Length: 100001\r\n\r\n`, `Transfer-Encoding: chunked\r\n\r\n186a1\r\n${large}y\r\n0\r\n\r\n`]) {
    const r = raw(t, gw.port('main'));
    r.write(`POST /echo HTTP/1.1\r\nHost: x\r\n${head}`);
    assert.match(await r.end(), /^HTTP\/1\.1 413 [^]*Connection: close/);
  }
  const expecting = raw(t, gw.port('main'));
  expecting.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expecting.write('abc');
  assert.match(await expecting.until('the answer', (s) => s.includes('POST')), /POST abc$/);
});

test('routes: a mount takes no larger bodies because another one does', async (t) => {
  const small = routes({ limits: { message_bytes: 1024 } });
  const two = small.replace(/mounts: \{probe: (.*)\}\n/, (_, mount) =>
    `mounts: {probe: ${mount}, large: ${mount.replace('path: "/"', 'path: "/large/"').replace('1024', '65536')}}\n`);
  const gw = await startGateway(t, two);
  const body = 'x'.repeat(2000);
  assert.strictEqual((await ask(gw, 'POST', '/large/echo', { body })).status, 200);
  assert.strictEqual((await ask(gw, 'POST', '/echo', { body })).status, 413);
  assert.strictEqual((await ask(gw, 'POST', '/echo', { body: 'x'.repeat(1024) })).status, 200);
  assert.strictEqual((await ask(gw, 'POST', '/large/echo', { body: 'x'.repeat(65537) })).status, 413);
});

test('routes: connections are kept, requests in a row are answered in order', async (t) => {
  const gw = await start(t);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const accepted = await gw.metric('dragoman_connections_accepted_total', 'listener="main"');
  for (let i = 0; i < 20; ++i) {
    const text = await new Promise((resolve, reject) => http.get({ port: gw.port('main'), path: `/items/${i}`, agent }, (res) => {
      let all = '';
      res.on('data', (d) => { all += d; });
      res.on('end', () => resolve(all));
    }).on('error', reject));
    assert.strictEqual(text, `/items/${i}?`);
  }
  await gw.counted(accepted + 1, 'dragoman_connections_accepted_total', 'listener="main"');

  const r = raw(t, gw.port('main'));
  // Slow ones among quick ones, and answers in parts.
  const targets = Array.from({ length: 40 }, (_, i) => (i % 10 === 3 ? '/wait?ms=20' : i % 10 === 7 ? '/stream?parts=3&bytes=4' : `/items/${i}`));
  r.write(targets.map((target) => get(target)).join(''));
  const all = await r.until('all answers', (s) => answers(s, 40) && s.endsWith('/items/39?'));
  const bodies = all.split(/(?=HTTP\/1\.1 )/).map((p) => p.slice(p.indexOf('\r\n\r\n') + 4));
  assert.deepStrictEqual(bodies, targets.map((target, i) =>
    (i % 10 === 3 ? 'waited' : i % 10 === 7 ? '4\r\naaaa\r\n4\r\nbbbb\r\n4\r\ncccc\r\n0\r\n\r\n' : `${target}?`)));
  const last = raw(t, gw.port('main'));
  last.write(get('/items/1', 'Connection: close\r\n') + get('/items/2'));
  assert.ok(answers(await last.end(), 1), 'nothing is answered behind Connection: close');
  await closed(gw, 61);
});

test('routes: HTTP/1.0', async (t) => {
  const gw = await start(t);
  const plain = raw(t, gw.port('main'));
  plain.write(get('/items', '', '1.0'));
  assert.match(await plain.end(), /^HTTP\/1\.1 200 [^]*Connection: close\r\n[^]*\/items\?$/);
  const streamed = raw(t, gw.port('main'));
  streamed.write(get('/stream?parts=5&bytes=1000', 'Connection: keep-alive\r\n', '1.0'));
  const all = await streamed.end();
  assert.ok(!/chunked|Content-Length/i.test(all), 'the body ends with the connection');
  assert.strictEqual(all.slice(all.indexOf('\r\n\r\n') + 4), letters(5, 1000));
});

test('routes: an answer in parts', async (t) => {
  const gw = await start(t);
  await t.test('whole, whatever the size', async () => {
    for (const [parts, bytes] of [[1, 1], [1, 65536], [100, 1], [200, 65536]]) {
      const answer = await ask(gw, 'GET', `/stream?parts=${parts}&bytes=${bytes}`);
      assert.strictEqual(answer.headers['transfer-encoding'], 'chunked');
      assert.ok(answer.text === letters(parts, bytes), `${parts} parts of ${bytes}`);
    }
  });
  await t.test('a slow reader costs no memory and gets everything', async (s) => {
    const before = resident(gw);
    const writable = await count(gw, 'requests_writable');
    const r = raw(s, gw.port('main'));
    r.socket.pause();
    r.write(get('/stream?parts=2000&bytes=65536', 'Connection: close\r\n'));
    await waitFor('the answer to begin', async () => (await gw.metric('dragoman_plugin_probe_requests_opened_total')) > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(resident(gw) - before < 16, `${resident(gw) - before} MiB more with nothing read`);
    let size = 0;
    const counted = new Promise((resolve) => r.socket.on('end', resolve));
    r.socket.removeAllListeners('data');
    r.socket.on('data', (d) => { size += d.length; });
    r.socket.resume();
    await counted;
    assert.ok(size > 2000 * 65536 && size < 2000 * 65550, String(size));
    assert.ok(resident(gw) - before < 16, `${resident(gw) - before} MiB more at the end`);
    assert.ok((await count(gw, 'requests_writable')) > writable);
  });
  await t.test('a dialect that does not heed the pressure loses nothing', async () => {
    const answer = await ask(gw, 'GET', '/heedless?parts=200&bytes=65536');
    assert.ok(answer.text === letters(200, 65536));
  });
  await t.test('through TLS', async (s) => {
    const secure = await startGateway(s, routes().replace('"127.0.0.1:0"', '"127.0.0.1:0", tls: {self_signed: true}'));
    const r = raw(s, secure.port('main'), { secure: true });
    r.write(get('/stream?parts=100&bytes=65536', 'Connection: close\r\n'));
    const all = await r.end();
    assert.ok(unchunk(all.slice(all.indexOf('\r\n\r\n') + 4)) === letters(100, 65536));
  });
});

test('routes: a client that stops reading is cut off after a while', async (t) => {
  const gw = await startGateway(t, routes().replace('"127.0.0.1:0"', '"127.0.0.1:0", idle_timeout: 500ms'));
  const r = raw(t, gw.port('main'));
  r.socket.pause();
  r.write(get('/stream?parts=2000&bytes=65536'));
  await closed(gw, 1);
  // The dialect's own time is not the client's.
  const patient = await ask(gw, 'GET', '/wait?ms=1200');
  assert.strictEqual(patient.text, 'waited');
});

test('routes: abort cuts the connection', async (t) => {
  const gw = await start(t);
  for (const target of ['/abort?parts=0&bytes=1', '/abort?parts=3&bytes=100']) {
    const r = raw(t, gw.port('main'));
    r.write(get(target) + get('/items'));
    const all = await r.end();
    assert.ok(answers(all, 1), all);
    assert.ok(!all.includes('\r\n0\r\n\r\n'), 'the client sees that the end is missing');
    await assert.rejects(ask(gw, 'GET', target));
  }
  await closed(gw, 4);
});

test('routes: mistakes of a dialect', async (t) => {
  const gw = await start(t);
  await t.test('an exception', async () => {
    const nothing = await ask(gw, 'GET', '/throw');
    assert.strictEqual(nothing.status, 500);
    assert.ok(!nothing.text.includes('probe'), nothing.text);
    assert.strictEqual((await ask(gw, 'GET', '/throw?after=respond')).text, 'answered');
    for (const after of ['begin', 'part']) await assert.rejects(ask(gw, 'GET', `/throw?after=${after}`), after);
    const r = raw(t, gw.port('main'));
    r.write(get('/throw') + get('/throw?after=respond') + get('/items'));
    const all = await r.until('the answer behind it', (s) => s.endsWith('/items?'));
    assert.deepStrictEqual(all.split(/(?=HTTP\/1\.1 )/).map((p) => p.slice(9, 12)), ['500', '200', '200']);
    await closed(gw, 1);
    assert.strictEqual(await count(gw, 'requests_opened'), 7);
  });
  await t.test('two answers', async () => {
    const gone = await count(gw, 'answers_gone');
    assert.strictEqual((await ask(gw, 'GET', '/twice')).text, 'first');
    assert.strictEqual(await count(gw, 'answers_gone'), gone + 2);
    await closed(gw, 2);
  });
});

test('routes: a client that goes', async (t) => {
  const gw = await start(t);
  await t.test('in the middle of an answer in parts', async (s) => {
    const r = raw(s, gw.port('main'));
    r.write(get('/stream?parts=5000&bytes=65536'));
    await r.until('the beginning', (x) => x.length > 100);
    r.socket.destroy();
    await closed(gw, 1);
  });
  await t.test('before its answer comes', async (s) => {
    const r = raw(s, gw.port('main'));
    r.write(get('/wait?ms=200'));
    await waitFor('the request', async () => (await count(gw, 'requests_opened')) === 2);
    r.socket.destroy();
    await closed(gw, 2);
  });
  await t.test('having said all that it has to say, it gets its answer', async (s) => {
    const r = raw(s, gw.port('main'));
    r.socket.allowHalfOpen = true;
    r.socket.end(get('/wait?ms=200', 'Connection: close\r\n'));
    assert.match(await r.end(), /waited$/);
    await closed(gw, 3);
  });
  assert.strictEqual((await ask(gw, 'GET', '/items')).status, 200);
});

test('routes: the gateway ends while requests wait', async (t) => {
  const gw = await start(t, { extra: ['shutdown_timeout: 1s'] });
  const never = raw(t, gw.port('main'));
  never.write(get('/wait?ms=0'));
  const soon = raw(t, gw.port('main'));
  soon.write(get('/wait?ms=150'));
  const stuck = raw(t, gw.port('main'));
  stuck.socket.pause();
  stuck.write(get('/stream?parts=2000&bytes=65536'));
  await waitFor('the requests', async () => (await count(gw, 'requests_opened')) === 3);
  const ended = gw.stop({ code: 3 });
  const answer = await soon.end();
  assert.match(answer, /waited$/, 'what is answered in time arrives');
  assert.match(answer, /Connection: close/);
  assert.strictEqual(await never.end(), '');
  await ended;
});

test('routes: sessions beside them', async (t) => {
  const gw = await start(t);
  const port = gw.port('main');
  for (const path of ['/', '/both']) {
    const c = await connect(t, `ws://127.0.0.1:${port}${path}`);
    c.send('hello');
    assert.strictEqual(await c.next(), 'echo hello');
  }
  assert.strictEqual((await ask(gw, 'GET', '/both')).text, '/both?');
  assert.strictEqual((await ask(gw, 'GET', '/')).status, 426, 'this path knows sessions only');
  const post = await ask(gw, 'POST', '/both');
  assert.strictEqual(post.status, 405);
  const r = raw(t, port);
  r.write(upgrade('/items'));
  assert.match(await r.until('an answer', (s) => s.endsWith('/items?')), /^HTTP\/1\.1 200 /, 'a route without sessions');
  const kept = raw(t, port);
  kept.write(get('/items') + upgrade('/both'));
  await kept.until('the upgrade on a kept connection', (s) => s.includes('HTTP/1.1 101 '));
  const refused = raw(t, port);
  refused.write(upgrade('/nowhere'));
  assert.strictEqual(await refused.status(), 404);
});
