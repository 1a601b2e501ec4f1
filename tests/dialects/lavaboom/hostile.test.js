// SPDX-License-Identifier: Apache-2.0
// Backends that answer wrongly, slowly or not at all, and clients that ask for too much. Nothing of it may reach another request.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../../support/gateway');
const { startRawUpstream } = require('../../support/upstream');
const l = require('./lavaboom');

const ok = (body, extra = '') => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${extra}\r\n${body}`;
// What a backend writes at a path, ended or not, and what the client gets: a status, or a body and some headers.
const broken = {
  nothing: [''],
  halfHead: ['HTTP/1.1 200 OK\r\nContent-Le'],
  halfBody: ['HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'],
  negative: ['HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc'],
  noNumber: ['HTTP/1.1 200 OK\r\nContent-Length: 3x\r\n\r\nabc'],
  plus: ['HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc'],
  hugeNumber: ['HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabc'],
  twoLengths: ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
  sameLengths: ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc'],
  lengthList: ['HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc'],
  lengthAndChunked: ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'],
  chunkedAndLength: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n'],
  otherCoding: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  identity: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nabc'],
  chunkedTwice: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  chunkGarbage: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n'],
  chunkNegative: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n'],
  chunkOverflow: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n'],
  chunkTooLong: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n'],
  chunkMissingEnd: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
  chunkEndlessLine: [`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;${'x'.repeat(100000)}`, false],
  endlessTrailer: [`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ${'x'.repeat(100000)}`, false],
  longHead: [`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70000)}\r\n\r\n`, false],
  endlessHead: [`HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(20000)}`, false],
  manyHeaders: [`HTTP/1.1 200 OK\r\nContent-Length: 0\r\n${'X: y\r\n'.repeat(300)}\r\n`, false],
  bareLf: ['HTTP/1.1 200 OK\nContent-Length: 3\n\nabc'],
  folded: ['HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 3\r\n\r\nabc'],
  blankBeforeColon: ['HTTP/1.1 200 OK\r\nContent-Length : 3\r\n\r\nabc'],
  noColon: ['HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 3\r\n\r\nabc'],
  nul: ['HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 3\r\n\r\nabc'],
  bareCr: ['HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: evil=1\r\nContent-Length: 3\r\n\r\nabc'],
  status99: ['HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n'],
  status600: ['HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n'],
  statusText: ['HTTP/1.1 OK\r\n\r\n'],
  http2: ['HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ssh: ['SSH-2.0-OpenSSH_9.2\r\n', false],
  binary: ['\x16\x03\x01\x02\x00\x01\x00', false],
  upgrade: ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n', false],
  interim: ['HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000), false],
  onlyInterim: ['HTTP/1.1 100 Continue\r\n\r\n'],
  tooLarge: [`HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n`, false],
  tooLargeChunks: [`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${`2710\r\n${'x'.repeat(10000)}\r\n`.repeat(11)}`, false],
  tooLargeToTheEnd: [`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(100001)}`, false],
};
const good = {
  plain: [ok('abc'), 'abc'],
  interimBefore: [`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok('abc')}`, 'abc'],
  toTheEnd: ['HTTP/1.1 200 OK\r\n\r\nabc', 'abc', true],
  http10: ['HTTP/1.0 200 OK\r\n\r\nabc', 'abc', true],
  chunked: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a="b\\"c"\r\na\r\n0002\r\nbc\r\n0\r\n\r\n', 'abc'],
  trailers: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Trailer\r\n\r\n3\r\nabc\r\n0\r\nX-Trailer: evil\r\nSet-Cookie: evil=1\r\n\r\n', 'abc'],
  hopByHop: [ok('abc', 'Connection: keep-alive, X-Hop\r\nX-Hop: evil\r\nKeep-Alive: evil\r\nProxy-Authenticate: evil\r\nProxy-Connection: evil\r\nTE: evil\r\nTrailer: evil\r\nUpgrade: evil\r\n'), 'abc'],
  noContent: ['HTTP/1.1 204 No Content\r\n\r\n', ''],
  notModified: ['HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', ''],
  noReason: ['HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\nabc', 'abc'],
  latin1: [ok('abc', 'X: \xe9\r\n'), 'abc'],
};

test('hostile: answers', async (t) => {
  const upstream = await startRawUpstream(t, (socket, head) => {
    const [, how, name] = head.split(' ')[1].split('/');
    const [bytes, ...rest] = (broken[name] || good[name]);
    const ends = broken[name] ? rest[0] !== false : rest[1] === true;
    if (how === 'slowly') {
      // One byte at a time, as fast as the socket takes them in pieces.
      socket.setNoDelay(true);
      const data = Buffer.from(bytes, 'latin1').subarray(0, 3000);
      let i = 0;
      const step = () => {
        if (socket.destroyed) return;
        if (i === data.length) {
          if (ends) socket.end();
          return;
        }
        socket.write(data.subarray(i, i + 1));
        i += 1;
        setImmediate(step);
      };
      step();
    } else if (ends) {
      socket.end(bytes, 'latin1');
    } else {
      socket.write(bytes, 'latin1');
    }
  });
  const gw = await l.start(t, { upstream: { url: upstream.url, max_body: 100000, connections: 64 }, settings: { request_timeout: '8s' } });
  const c = await l.open(t, gw);
  for (const name of Object.keys(broken)) await t.test(`hostile: ${name}`, async () => l.assertFailure(await c.request(`/at-once/${name}`), 502));
  for (const how of ['at-once', 'slowly']) {
    for (const [name, [, body]] of Object.entries(good)) {
      await t.test(`hostile: ${name} is taken, ${how}`, async () => {
        const answer = await c.request(`/${how}/${name}`);
        assert.strictEqual(answer.body, body, JSON.stringify(answer));
        assert.ok(!JSON.stringify(answer).includes('evil'), JSON.stringify(answer));
      });
    }
  }
  await t.test('hostile: broken answers byte by byte', async (s) => {
    const names = Object.entries(broken).filter(([, [bytes, ends]]) => bytes.length < 3000 && ends !== false).map(([name]) => name);
    await Promise.all(names.map(async (name) => {
      const own = await l.open(s, gw);
      l.assertFailure(await own.request(`/slowly/${name}`), 502);
    }));
  });
});

test('hostile: what follows an answer does not become the next one', async (t) => {
  const upstream = await startRawUpstream(t, (socket, head, n) => {
    if (head.includes('/pair')) socket.write(ok('first') + ok('evil'));
    else if (head.includes('/later')) socket.write(ok('first'), () => setTimeout(() => socket.write(ok('evil')), 20));
    else socket.write(ok(`good ${n}`));
  });
  const gw = await l.start(t, { upstream: { url: upstream.url }, threads: 1 });
  const c = await l.open(t, gw);
  for (const path of ['/pair', '/later']) {
    assert.strictEqual((await c.request(path)).body, 'first');
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.strictEqual((await c.request('/next')).body, 'good 0', 'on a new connection');
  }
});

test('hostile: a kept connection that the backend has left', async (t) => {
  const upstream = await startRawUpstream(t, (socket, head, n) => {
    if (n === 0) socket.write(ok(head.split(' ')[1]));
    else socket.destroy();
  });
  const gw = await l.start(t, { upstream: { url: upstream.url }, threads: 1 });
  const c = await l.open(t, gw);
  for (const [method, status] of [['GET', 200], ['PUT', 200], ['DELETE', 200], ['POST', 502], ['PATCH', 502]]) {
    assert.strictEqual((await c.request('/first')).status, 200);
    assert.strictEqual((await c.request('/second', { method })).status, status, method);
  }
  assert.strictEqual(upstream.requests.filter((r) => r.startsWith('POST')).length, 1, 'never sent twice');
  assert.strictEqual(upstream.requests.filter((r) => r.startsWith('PUT')).length, 2);
});

test('hostile: a backend that drips past the deadline', async (t) => {
  let timer;
  t.after(() => clearInterval(timer));
  const upstream = await startRawUpstream(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n');
    timer = setInterval(() => socket.write('x'), 10);
  });
  const gw = await l.start(t, { upstream: { url: upstream.url }, settings: { request_timeout: '300ms' } });
  const c = await l.open(t, gw);
  l.assertFailure(await c.request('/'), 504);
});

test('hostile: clients', async (t) => {
  const { api, gw } = await l.world(t);
  api.tokens.a = l.token('a');
  const tests = [
    t.test('hostile: a client that leaves while the backend works', async (s) => {
      const c = await l.open(s, gw);
      c.send({ type: 'request', id: '1', method: 'GET', path: '/gate/left' });
      const request = await api.seen('/gate/left');
      c.close();
      await waitFor('the connection to be closed', () => request.socket.destroyed);
    }),
    t.test('hostile: as many headers as are allowed', async (s) => {
      const c = await l.open(s, gw);
      const echo = await c.echo('/echo/many', { headers: { A: Array(255).fill('x') } });
      assert.strictEqual(l.sent(echo, 'a').length, 255);
    }),
    t.test('hostile: names, methods and paths that are too long', async (s) => {
      const c = await l.open(s, gw);
      l.assertFailure(await c.request('/', { method: 'M'.repeat(5000) }), 400);
      l.assertFailure(await c.request('/', { headers: { ['N'.repeat(5000)]: 'x' } }), 413);
      l.assertFailure(await c.request(`/${'p'.repeat(70000)}`), 413);
      l.assertFailure(await c.request(`/${'é'.repeat(20000)}`), 413);
    }),
    t.test('hostile: an id that fills the queue', async (s) => {
      const c = await l.open(s, gw);
      const id = 'i'.repeat((1 << 20) - 100);
      c.send({ type: 'request', id, path: 'x' });
      assert.strictEqual((await c.closed()).code, 1009);
    }),
    t.test('hostile: a member that comes twice counts at its last place', async (s) => {
      const c = await l.open(s, gw);
      c.send('{"type":"subscribe","type":"request","id":"1","path":"no slash","path":"/echo/last","m\\u0065thod":"put","headers":{"A":"1","a":"2"}}');
      const echo = JSON.parse((await c.next()).body);
      assert.deepStrictEqual([echo.method, echo.url, l.sent(echo, 'a')], ['PUT', '/echo/last', ['2']]);
    }),
    t.test('hostile: an owner or id that nothing can carry', async (s) => {
      const c = await l.open(s, gw);
      await c.subscribe('a');
      api.tokens.long = l.token('o'.repeat(5000));
      const long = await l.open(s, gw);
      assert.deepStrictEqual(await long.ask({ type: 'subscribe', token: 'long' }), l.invalidToken);
      for (const extra of [{ owner: 'o'.repeat(5000), name: 'n' }, { id: 'i'.repeat(100000) }]) await l.delivery(gw, { id: 'e', owner: 'a', ...extra });
      await l.delivery(gw, { id: 'after', owner: 'a', name: 'n' });
      assert.strictEqual((await c.next()).id, 'after');
    }),
  ];
  await Promise.all(tests);
  assert.doesNotMatch(gw.log, /level=error/);
});

test('hostile: the gateway stops while backends are asked', async (t) => {
  const { api, gw } = await l.world(t);
  api.tokens.a = l.token('a');
  for (let i = 0; i < 5; i += 1) {
    const c = await l.open(t, gw);
    await c.subscribe('a');
    c.send({ type: 'request', id: '1', method: 'GET', path: `/gate/${i}` });
    await api.seen(`/gate/${i}`);
  }
  await gw.stop();
});
