// SPDX-License-Identifier: Apache-2.0
// SockJS digest statements 1-18: greeting, iframe page, info, CORS. 72, 73, 75: what is true of every answer.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const s = require('./sockjs');

const page = (url) => `<!DOCTYPE html>
<html>
<head>
  <meta http-equiv="X-UA-Compatible" content="IE=edge" />
  <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
  <script src="${url}"></script>
  <script>
    document.domain = document.domain;
    SockJS.bootstrap_iframe();
  </script>
</head>
<body>
  <h2>Don't panic!</h2>
  <p>This is a SockJS hidden iframe. It's used for cross domain magic.</p>
</body>
</html>`;
const url = 'https://cdn.example.org/sockjs.js?v=1&x=y';

test('sockjs: greeting, iframe, info, CORS', async (t) => {
  const gw = await s.start(t, { mounts: {
    echo: { sockjs: { script_url: url } },
    disabled: { sockjs: { websocket: false } },
    cookie: { sockjs: { cookie: true } },
    mixed: { plugin: 'probe', settings: { routes: true }, sockjs: { prefix: '/sock' } },
    deep: { path: '/a/b/', sockjs: { prefix: '/c/echo' } },
  } });
  const accepted = ['iframe.html', 'iframe-a.html', 'iframe-.html', 'iframe-0.1.2.html', 'iframe-0.1.2abc-dirty.2144.html'];
  await Promise.all([
    t.test('sockjs 1: the greeting', async (u) => {
      for (const path of ['/echo', '/echo/', '/echo?x=/y', '/echo/?x', '/a/b/c/echo', '/a/b/c/echo/', '/cookie/']) {
        const answer = await s.get(u, gw, path);
        assert.strictEqual(answer.status, 200, path);
        assert.strictEqual(answer.headers['content-type'], s.plain);
        assert.strictEqual(answer.headers['content-length'], '19');
        assert.strictEqual(answer.body, 'Welcome to SockJS!\n');
        assert.ok(!('set-cookie' in answer.headers));
      }
    }),
    t.test('sockjs 2: nothing else is there', async (u) => {
      for (const path of ['/a', '/a.html', '//', '///', '/a/a', '/a/a/', '/a/', '/info//', '/infos', '/websocket//', '/../echo/info', '/./info', '/%69nfo'])
        assert.strictEqual((await s.get(u, gw, `/echo${path}`)).status, 404, path);
      for (const path of ['/a/b/c/ech', '/a/b/c/echoes', '/a/b/info', '/a/b/c/info'])
        assert.strictEqual((await s.get(u, gw, path)).status, 404, path);
    }),
    t.test('sockjs 3: names of the iframe page', async (u) => {
      for (const name of accepted)
        for (const query of ['', '?t=1', '?']) {
          const answer = await s.get(u, gw, `/echo/${name}${query}`);
          assert.strictEqual(answer.status, 200, name + query);
          assert.strictEqual(answer.headers['content-type'], 'text/html; charset=UTF-8');
        }
    }),
    t.test('sockjs 4: the iframe page, with the configured address of the script', async (u) => {
      assert.strictEqual((await s.get(u, gw, '/echo/iframe.html?src=evil')).body.trim(), page(url));
      assert.strictEqual((await s.get(u, gw, '/disabled/iframe.html')).body.trim(), page('/sockjs.min.js'));
    }),
    t.test('sockjs 5: the iframe page may be cached', async (u) => {
      const answer = await s.get(u, gw, '/cookie/iframe-1.html');
      s.assertCachedForAYear(answer);
      assert.match(answer.headers.etag, /^"[^"]{16,}"$/);
      assert.ok(!('set-cookie' in answer.headers));
    }),
    t.test('sockjs 6: the iframe page has not changed', async (u) => {
      const first = await s.get(u, gw, '/echo/iframe.html');
      const second = await s.get(u, gw, '/echo/iframe-x.html');
      assert.strictEqual(first.headers.etag, second.headers.etag);
      assert.notStrictEqual((await s.get(u, gw, '/disabled/iframe.html')).headers.etag, first.headers.etag, 'another body');
      const same = await s.get(u, gw, '/echo/iframe.html', { 'If-None-Match': first.headers.etag });
      assert.strictEqual(same.status, 304);
      assert.strictEqual(same.body, '');
      assert.ok(!('content-type' in same.headers));
      // RFC 9110 13.1.2: a list, compared weakly, as proxies that compress make it.
      for (const known of [`W/${first.headers.etag}`, `"other", W/"x,y" ,${first.headers.etag}`, '*'])
        assert.strictEqual((await s.get(u, gw, '/echo/iframe.html', { 'If-None-Match': known })).status, 304, known);
      assert.strictEqual((await s.get(u, gw, '/echo/iframe.html', { 'If-None-Match': '"other"' })).status, 200);
    }),
    t.test('sockjs 7: other names are no iframe page', async (u) => {
      for (const name of ['iframe.htm', 'iframe', 'IFRAME.HTML', 'IFRAME', 'iframe.HTML', 'iframe.xml', 'iframe-/.html'])
        assert.strictEqual((await s.get(u, gw, `/echo/${name}`)).status, 404, name);
    }),
    t.test('sockjs 8, 9: info', async (u) => {
      for (const path of ['/echo/info', '/echo/info?t=123', '/cookie/info', '/a/b/c/echo/info']) {
        const answer = await s.get(u, gw, path, { Cookie: 'JSESSIONID=x' });
        assert.strictEqual(answer.status, 200, path);
        assert.strictEqual(answer.headers['content-type'], 'application/json; charset=UTF-8');
        s.assertNotCached(answer);
        assert.ok(!('set-cookie' in answer.headers));
        const info = JSON.parse(answer.body);
        assert.deepStrictEqual(Object.keys(info).sort(), ['cookie_needed', 'entropy', 'origins', 'websocket']);
        assert.deepStrictEqual(info.origins, ['*:*']);
        assert.ok(Number.isInteger(info.entropy) && info.entropy >= 0 && info.entropy < 2 ** 32);
      }
    }),
    t.test('sockjs 10: entropy is fresh', async (u) => {
      const seen = new Set();
      for (let i = 0; i < 4; ++i) seen.add(JSON.parse((await s.get(u, gw, '/echo/info')).body).entropy);
      assert.strictEqual(seen.size, 4);
    }),
    t.test('sockjs 11: info says what is switched off and on', async (u) => {
      const info = async (mount) => JSON.parse((await s.get(u, gw, `/${mount}/info`)).body);
      const [echo, disabled, cookie] = [await info('echo'), await info('disabled'), await info('cookie')];
      assert.deepStrictEqual([echo.websocket, echo.cookie_needed], [true, false]);
      assert.deepStrictEqual([disabled.websocket, disabled.cookie_needed], [false, false]);
      assert.deepStrictEqual([cookie.websocket, cookie.cookie_needed], [true, true]);
    }),
    t.test('sockjs 12: OPTIONS of info', async (u) => {
      const answer = await s.ask(u, gw, 'OPTIONS', '/echo/info', { headers: { Origin: 'test' } });
      assert.ok([200, 204].includes(answer.status));
      assert.strictEqual(answer.body, '');
      assert.strictEqual(answer.headers['access-control-allow-methods'], 'OPTIONS, GET');
      assert.ok(Number(answer.headers['access-control-max-age']) > 1000000);
      s.assertCachedForAYear(answer);
    }),
    t.test('sockjs 13, 14, 15, 18: whom the answer is for', async (u) => {
      const requests = () => [['GET', '/echo/info'], ['OPTIONS', '/echo/info'], ['POST', `${s.session()}/xhr`], ['POST', `${s.session()}/xhr_send`],
        ...['xhr', 'xhr_send', 'xhr_streaming'].map((x) => ['OPTIONS', `${s.session()}/${x}`])];
      for (const [origin, allowed] of [['test', 'test'], ['https://a.example:8', 'https://a.example:8'], ['null', 'null'], [undefined, '*']])
        for (const [method, path] of requests()) {
          const answer = await s.ask(u, gw, method, path, { headers: origin ? { Origin: origin } : {}, ...(method === 'POST' ? { body: '' } : {}) });
          assert.strictEqual(answer.headers['access-control-allow-origin'], allowed, `${method} ${path} ${origin}`);
          assert.strictEqual(answer.headers['access-control-allow-credentials'], origin ? 'true' : undefined);
          assert.strictEqual(answer.headers.vary, 'Origin');
        }
    }),
    t.test('sockjs 16: allowed headers', async (u) => {
      const ask = (value) => s.ask(u, gw, 'OPTIONS', `${s.session()}/xhr`, { headers: value === undefined ? {} : { 'Access-Control-Request-Headers': value } });
      assert.strictEqual((await ask('a, b, c')).headers['access-control-allow-headers'], 'a, b, c');
      for (const nothing of ['', undefined]) assert.ok(!('access-control-allow-headers' in (await ask(nothing)).headers));
    }),
    t.test('sockjs 17: OPTIONS of a session creates none', async (u) => {
      for (const name of ['xhr', 'xhr_send', 'xhr_streaming']) {
        const path = s.session();
        const answer = await s.ask(u, gw, 'OPTIONS', `${path}/${name}`);
        assert.ok([200, 204].includes(answer.status));
        assert.strictEqual(answer.body, '');
        s.assertCachedForAYear(answer);
        assert.strictEqual(answer.headers['access-control-allow-methods'], 'OPTIONS, POST');
        assert.ok(Number(answer.headers['access-control-max-age']) > 1000000);
        assert.strictEqual((await s.post(u, gw, `${path}/xhr_send`, '["x"]')).status, 404);
      }
    }),
    t.test('sockjs 72: no cookie where cookies are off', async (u) => {
      const path = s.session();
      for (const [method, target, body] of [['POST', `${path}/xhr`, ''], ['POST', `${path}/xhr_send`, '["x"]'], ['POST', `${path}/jsonp_send`, '["x"]'],
        ['GET', `${path}/jsonp?c=x`], ['OPTIONS', `${path}/xhr`], ['GET', '/echo/'], ['GET', '/echo/info'], ['GET', '/echo/nothing']]) {
        const answer = await s.ask(u, gw, method, target, { body, headers: { Cookie: 'JSESSIONID=mine' } });
        assert.ok(!('set-cookie' in answer.headers), `${method} ${target}`);
      }
    }),
    t.test('sockjs 73: the greeting over HTTP/1.0', async (u) => {
      const http = new s.Http(u, gw).send('GET', '/echo', { version: '1.0', headers: { Connection: 'keep-alive' } });
      const first = await http.answer();
      assert.strictEqual(first.body, 'Welcome to SockJS!\n');
      assert.ok(!('transfer-encoding' in first.headers));
      assert.match(first.headers.connection, /^(close|keep-alive)$/i);
      if (first.headers.connection.toLowerCase() !== 'close')
        assert.strictEqual((await http.send('GET', '/echo', { version: '1.0', headers: { Connection: 'keep-alive' } }).answer()).status, 200);
      const once = new s.Http(u, gw).send('GET', '/echo', { version: '1.0' });
      const second = await once.answer();
      assert.ok(!('transfer-encoding' in second.headers));
      assert.strictEqual(second.body + await once.rest(), 'Welcome to SockJS!\n', 'closed behind it');
    }),
    t.test('sockjs 75: two greetings on one connection', async (u) => {
      const http = new s.Http(u, gw);
      for (const headers of [{}, { Connection: 'Keep-Alive' }]) {
        const answer = await http.send('GET', '/echo', { headers }).answer();
        assert.strictEqual(answer.body, 'Welcome to SockJS!\n');
        assert.match(answer.headers.connection || 'keep-alive', /^keep-alive$/i);
      }
    }),
    t.test('sockjs section 1: beside the HTTP and the plain WebSocket of a dialect', async (u) => {
      assert.strictEqual((await s.get(u, gw, '/mixed/items?x')).body, '/items?x');
      assert.strictEqual((await s.get(u, gw, '/mixed/sock')).body, 'Welcome to SockJS!\n');
      assert.strictEqual((await s.get(u, gw, '/mixed/socks')).status, 404);
      assert.strictEqual((await s.get(u, gw, '/mixed/info')).status, 404);
      const bare = await s.websocket(u, gw, '/mixed/');
      bare.send('path');
      assert.strictEqual(await bare.next(), '/mixed/');
      const client = await s.websocket(u, gw, `/mixed/sock/000/${s.sid()}/websocket`);
      client.send('["path"]');
      assert.strictEqual(await client.next(), 'o');
      assert.strictEqual(await client.next(), 'a["/mixed/sock"]');
    }),
    t.test('sockjs section 17: wrong methods', async (u) => {
      for (const [method, path, allow] of [['POST', '/echo', 'GET'], ['POST', '/echo/iframe.html', 'GET'], ['DELETE', '/echo/info', 'OPTIONS, GET'], ['HEAD', '/echo/info', 'OPTIONS, GET'],
        ['GET', `${s.session()}/jsonp_send`, 'POST'], ['POST', `${s.session()}/eventsource`, 'GET'], ['POST', `${s.session()}/jsonp?c=x`, 'GET'], ['PUT', `${s.session()}/htmlfile?c=x`, 'GET']]) {
        const answer = await s.ask(u, gw, method, path);
        assert.strictEqual(answer.status, 405, path);
        assert.strictEqual(answer.headers.allow, allow);
        assert.ok(!('content-type' in answer.headers));
        assert.strictEqual(answer.body, '');
      }
    }),
  ]);
});
