// SPDX-License-Identifier: Apache-2.0
// lavaboom digest section 5: what becomes of a request and of its answer. Statements 6, 8 to 20, 23, 46.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const net = require('node:net');
const l = require('./lavaboom');
const { startRawUpstream } = require('../../support/upstream');

test('lavaboom: requests', async (t) => {
  const { api, gw } = await l.world(t, { settings: { request_timeout: '10s' } });
  const tests = [
    t.test('lavaboom 6: one frame with one string that holds the answer', async (s) => {
      const c = await l.framed(s, gw);
      c.send('["{\\"type\\":\\"request\\",\\"id\\":\\"1\\",\\"method\\":\\"GET\\",\\"path\\":\\"/\\"}"]');
      const frame = await c.next();
      assert.strictEqual(frame[0], 'a');
      const strings = JSON.parse(frame.slice(1));
      assert.strictEqual(strings.length, 1);
      const { type, id, status, body } = JSON.parse(strings[0]);
      assert.deepStrictEqual({ type, id, status, body }, { type: 'response', id: '1', status: 200, body: JSON.stringify(l.root) });
    }),
    t.test('lavaboom 8: the method reaches the backend in upper case; none is GET', async (s) => {
      const c = await l.open(s, gw);
      assert.strictEqual((await c.echo('/echo/8', { method: 'get' })).method, 'GET');
      assert.strictEqual((await c.echo('/echo/8', { method: 'Patch' })).method, 'PATCH');
      assert.strictEqual((await c.echo('/echo/8', { method: '' })).method, 'GET');
      assert.strictEqual((await c.echo('/echo/8', { method: undefined })).method, 'GET');
    }),
    t.test('lavaboom 9: body and Content-Type of a POST', async (s) => {
      const c = await l.open(s, gw);
      const body = '{"a": "é\\u0000\u{1f600}"}\r\n';
      const echo = await c.echo('/echo/9', { method: 'POST', body, headers: { 'Content-Type': 'application/json;charset=utf-8' } });
      assert.strictEqual(echo.body, body);
      assert.deepStrictEqual(l.sent(echo, 'content-type'), ['application/json;charset=utf-8']);
      assert.deepStrictEqual(l.sent(echo, 'content-length'), [String(Buffer.byteLength(body))]);
      assert.deepStrictEqual(l.sent(await c.echo('/echo/9', { method: 'PUT' }), 'content-length'), ['0']);
    }),
    t.test('lavaboom 10: values of headers become text', async (s) => {
      const c = await l.open(s, gw);
      const headers = { A: 5, B: -1.5e3, C: true, D: ['x', 7, null, ['y'], 'z'], E: null, F: { g: 1 }, G: 'é' };
      const text = JSON.stringify({ type: 'request', id: '1', method: 'GET', path: '/echo/10', headers }).replace('-1500', '-1.5e3');
      const echo = JSON.parse((await c.ask(text)).body);
      for (const [name, expected] of [['a', ['5']], ['b', ['-1.5e3']], ['c', ['true']], ['d', ['x', '7', 'z']], ['e', []], ['f', []]]) assert.deepStrictEqual(l.sent(echo, name), expected, name);
      assert.deepStrictEqual(l.sent(echo, 'g'), [Buffer.from('é').toString('latin1')]);
    }),
    t.test('lavaboom 11: headers that are the gateway\'s own', async (s) => {
      const c = await l.open(s, gw);
      const own = ['Host', 'Connection', 'Keep-Alive', 'Transfer-Encoding', 'Content-Length', 'Upgrade', 'TE', 'Trailer', 'Proxy-Authorization', 'Sec-WebSocket-Key',
        'Accept-Encoding', 'Expect', 'Forwarded', 'X-Forwarded-Host', 'X-Real-IP', 'x_forwarded_for', 'cOnTeNt_LeNgTh'];
      const headers = Object.fromEntries(own.map((name) => [name, 'evil']));
      const echo = await c.echo('/echo/11', { method: 'POST', body: 'b', headers: { ...headers, 'X-Forwarded-For': '6.6.6.6', 'X-Mine': 'good', 'bad name': 'x', 'X-Bad': 'a\r\nInjected: 1', '': 'x' } });
      assert.ok(!JSON.stringify(echo.headers).includes('evil'), echo.headers);
      assert.deepStrictEqual(l.sent(echo, 'x-mine'), ['good']);
      assert.deepStrictEqual(l.sent(echo, 'x-bad'), []);
      assert.deepStrictEqual(l.sent(echo, 'injected'), []);
      assert.deepStrictEqual(l.sent(echo, 'host'), [`127.0.0.1:${api.port}`]);
      assert.deepStrictEqual(l.sent(echo, 'x-forwarded-for'), ['127.0.0.1']);
      assert.deepStrictEqual(l.sent(echo, 'accept-encoding'), ['identity']);
      assert.deepStrictEqual(l.sent(echo, 'content-length'), ['1']);
    }),
    t.test('lavaboom 12: the body null of GET, HEAD and DELETE is none', async (s) => {
      const c = await l.open(s, gw);
      for (const [method, body, expected] of [['GET', 'null', ''], ['DELETE', 'null', ''], ['GET', '', ''], ['GET', 'nulls', 'nulls'], ['DELETE', '{"a":1}', '{"a":1}'], ['POST', 'null', 'null']]) {
        const echo = await c.echo('/echo/12', { method, body });
        assert.strictEqual(echo.body, expected, `${method} ${body}`);
        assert.deepStrictEqual(l.sent(echo, 'content-length'), expected ? [String(expected.length)] : []);
      }
      const head = await c.request('/echo/12/head', { method: 'HEAD', body: 'null' });
      assert.deepStrictEqual([head.status, head.body, api.asked('/echo/12/head')[0].body], [200, '', '']);
    }),
    t.test('lavaboom 13: headers of the answer are arrays under canonical names', async (s) => {
      const c = await l.open(s, gw);
      const { headers } = await c.request('/cookies');
      delete headers.Date;
      assert.deepStrictEqual(headers, { 'Set-Cookie': ['a=1', 'b=2'], 'X-Mixed-Case': ['v'] }, 'without those of the connection and the length');
    }),
    t.test('lavaboom 14: 404 and 500 are answers', async (s) => {
      const c = await l.open(s, gw);
      const { type, id, status, body } = await c.request('/nowhere');
      assert.deepStrictEqual({ type, id, status, body }, { type: 'response', id: '1', status: 404, body: '{"success":false,"message":"Not found"}' });
      for (const code of [204, 419, 500, 599]) assert.strictEqual((await c.request(`/status/${code}`)).status, code);
    }),
    t.test('lavaboom 15: a redirect is returned', async (s) => {
      const c = await l.open(s, gw);
      for (const code of [301, 302, 307]) {
        const answer = await c.request(`/status/${code}`);
        assert.strictEqual(answer.status, code);
        assert.deepStrictEqual(answer.headers.Location, ['http://elsewhere.example/']);
      }
    }),
    t.test('lavaboom 18: the path never leads to another host', async (s) => {
      const other = await startRawUpstream(s, (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
      const host = `127.0.0.1:${other.port}`;
      const c = await l.open(s, gw);
      for (const path of [`@${host}/`, `http://${host}/`, `:${other.port}/`, `.${host}`, '', ' /', `\\\\${host}/`]) l.assertFailure(await c.request(path), 400);
      for (const path of [`//${host}/`, `/@${host}/`, `/http://${host}/`, `///${host}`]) {
        assert.strictEqual((await c.request(path)).status, 404, path);
        assert.strictEqual(api.asked(path).length, 1, path);
      }
      assert.strictEqual(other.connections, 0);
    }),
    t.test('lavaboom 19: no header is injected through the path', async (s) => {
      const c = await l.open(s, gw);
      for (const bad of ['\r\n', '\n', '\r', '\0', ' ', '\t', '\x7f']) l.assertFailure(await c.request(`/echo/19${bad}X-Injected: 1`), 400);
      for (const path of ['/../echo/19', '/echo/%2e%2e/19', '/echo/19/%2E%2e', '/echo/19%', '/echo/19%zz', '/echo/..\\19']) l.assertFailure(await c.request(path), 400);
      assert.ok(!api.requests.some((r) => r.headers['x-injected'] || r.url.includes('echo/19')));
      l.assertFailure(await c.request('/echo/19', { method: 'GET / HTTP/1.1\r\nX-Injected: 1\r\n\r\nGET' }), 400);
      l.assertFailure(await c.request('/echo/19', { method: 'CONNECT' }), 400);
    }),
    t.test('lavaboom 5.2: a path of the SockJS endpoint is refused', async (s) => {
      const c = await l.open(s, gw);
      for (const path of ['/ws', '/ws/', '/ws/info', '/ws?x', '/%77s/info', '//ws', '/./ws']) l.assertFailure(await c.request(path), 400);
      assert.strictEqual((await c.request('/wsx')).status, 404);
    }),
    t.test('lavaboom 20: the query stays as it is; a fragment is not sent', async (s) => {
      const c = await l.open(s, gw);
      assert.strictEqual((await c.echo('/echo/keys?user=a%20b&c=%2F../..&d=?')).url, '/echo/keys?user=a%20b&c=%2F../..&d=?');
      assert.strictEqual((await c.echo('/echo/é?ü#there')).url, '/echo/%C3%A9?%C3%BC');
    }),
    t.test('lavaboom 23: non-ASCII text arrives intact, and what is not UTF-8 is replaced', async (s) => {
      const c = await l.open(s, gw);
      const body = 'Grüße, 世界, \u{1f4e7}, \u2028\u2029 "\\"';
      assert.strictEqual((await c.echo('/echo/23', { method: 'POST', body })).body, body);
      assert.strictEqual((await c.request('/bytes')).body, 'A\ufffdé\ufffd');
      const f = await l.framed(s, gw);
      f.send(JSON.stringify([JSON.stringify({ type: 'request', id: 'é\u2028', method: 'POST', path: '/echo/23', body })]));
      const answer = JSON.parse(JSON.parse((await f.next()).slice(1))[0]);
      assert.strictEqual(answer.id, 'é\u2028');
      assert.strictEqual(JSON.parse(answer.body).body, body);
    }),
    t.test('lavaboom 46: the backend\'s 401', async (s) => {
      const c = await l.open(s, gw);
      const { status, body } = await c.request('/secret');
      assert.deepStrictEqual({ status, body }, { status: 401, body: '{"success":false,"message":"Missing auth token"}' });
      assert.strictEqual((await c.request('/secret', { headers: { Authorization: 'Bearer t' } })).status, 404);
    }),
    t.test('lavaboom row 18: the id comes back as it was', async (s) => {
      const c = await l.open(s, gw);
      for (const [id, expected] of [['7', '7'], ['"x"', '"x"'], ['1.50e1', '1.50e1'], ['12345678901234567890123', '12345678901234567890123'], ['null', 'null'], ['{"a": [1, 2]}', '{"a": [1, 2]}']]) {
        c.send(`{"type":"request","id":${id},"method":"GET","path":"/"}`);
        assert.ok((await c.client.next()).includes(`"id":${expected},"status":200`), id);
      }
      assert.strictEqual((await c.ask({ type: 'request', method: 'GET', path: '/' })).id, '');
    }),
    t.test('lavaboom row 13: a request that cannot be built is answered with its id', async (s) => {
      const c = await l.open(s, gw);
      for (const bad of [{ method: 5 }, { method: 'GE T' }, { path: 5 }, { path: undefined }, { body: {} }, { headers: [] }, { headers: 'x' }, { method: 'é' }])
        l.assertFailure(await c.request('/', { id: 'i', ...bad }), 400, 'i');
      l.assertFailure(await c.request('/', { headers: { A: Array(300).fill('x') } }), 413);
      l.assertFailure(await c.request('/', { headers: { A: 'x'.repeat(70000) } }), 413);
    }),
  ];
  await Promise.all(tests);
});

test('lavaboom 16: a backend that is down', async (t) => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  const gw = await l.start(t, { upstream: { url: `http://127.0.0.1:${port}` } });
  const c = await l.open(t, gw);
  l.assertFailure(await c.request('/', { id: 'down' }), 502, 'down');
  l.assertFailure(await c.request('/', { id: 'again' }), 502, 'again');
});

test('lavaboom 17: a backend that never answers', async (t) => {
  const { api, gw } = await l.world(t, { settings: { request_timeout: '200ms' } });
  const c = await l.open(t, gw);
  l.assertFailure(await c.request('/gate/17', { id: 'late' }), 504, 'late');
  assert.strictEqual((await c.request('/')).status, 200, 'and the session goes on');
  assert.strictEqual(api.asked('/gate/17').length, 1);
});
