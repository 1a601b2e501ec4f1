// SPDX-License-Identifier: Apache-2.0
// SockJS digest statements 66-70: jsonp, jsonp_send and callbacks; 71: cookies of all session transports.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const s = require('./sockjs');

const form = 'application/x-www-form-urlencoded';

test('sockjs: jsonp', async (t) => {
  const gw = await s.start(t, { mounts: { echo: {}, cookie: { sockjs: { cookie: true } } } });
  const jsonp = (u, path, query = 'c=callback') => s.get(u, gw, `${path}/jsonp?${query}`);
  const send = (u, path, body, type = form) => s.post(u, gw, `${path}/jsonp_send?i=1`, body, type === null ? {} : { 'Content-Type': type });
  await Promise.all([
    t.test('sockjs 66: no callback', async (u) => {
      for (const name of ['jsonp', 'htmlfile'])
        for (const query of ['', '?c=', '?d=x', '?callback=', '?C=x']) {
          const path = s.session();
          const answer = await s.get(u, gw, `${path}/${name}${query}`);
          assert.strictEqual(answer.status, 500, name + query);
          assert.ok(answer.body.includes('"callback" parameter required'), answer.body);
          s.assertNotCached(answer);
          assert.strictEqual((await s.post(u, gw, `${path}/xhr_send`, '["x"]')).status, 404, 'no session');
        }
    }),
    t.test('sockjs 67: callbacks', async (u) => {
      for (const name of ['jsonp', 'htmlfile'])
        for (const value of ['%20', '*', 'abc(', 'abc%28', 'a%00b', '%3Cscript%3E', 'a+b', 'a%0d%0aX: y', 'caf%C3%A9', '%', 'x'.repeat(33)]) {
          const answer = await s.get(u, gw, `${s.session()}/${name}?c=${value.replaceAll(' ', '%20')}`);
          assert.strictEqual(answer.status, 500, value);
          assert.ok(answer.body.includes('invalid "callback" parameter'), answer.body);
          assert.strictEqual(answer.headers['content-type'], s.plain);
        }
      for (const [query, name] of [['c=_jp.a1', '_jp.a1'], ['callback=x', 'x'], ['t=1&c=%63all%2Dback', 'call-back'], ['c=x&c=y', 'x'], ['callback=y&c=x', 'x']])
        assert.strictEqual((await jsonp(u, s.session(), query)).body, `/**/${name}("o");\r\n`);
    }),
    t.test('sockjs 68: jsonp', async (u) => {
      const path = s.session();
      const answer = await jsonp(u, path);
      assert.strictEqual(answer.status, 200);
      assert.strictEqual(answer.headers['content-type'], s.script);
      assert.strictEqual(answer.headers['x-content-type-options'], 'nosniff');
      assert.ok(!('access-control-allow-origin' in answer.headers));
      s.assertNotCached(answer);
      assert.strictEqual(answer.body, '/**/callback("o");\r\n');
      assert.strictEqual((await send(u, path, `d=${encodeURIComponent(JSON.stringify(['x "\\\n', '\u2028']))}`)).body, 'ok');
      assert.strictEqual((await jsonp(u, path)).body, `/**/callback(${JSON.stringify('a["x \\"\\\\\\n","\\u2028"]')});\r\n`);
    }),
    t.test('sockjs 69: jsonp_send', async (u) => {
      const path = await s.opened(u, gw);
      const answer = await send(u, path, 'd=%5B%22x%22%5D');
      assert.strictEqual(answer.status, 200);
      assert.strictEqual(answer.headers['content-type'], s.plain);
      assert.strictEqual(answer.headers['content-length'], '2');
      s.assertNotCached(answer);
      assert.strictEqual(answer.body, 'ok');
      for (const [body, text] of [['', 'Payload expected.'], ['d=', 'Payload expected.'], ['p=p', 'Payload expected.'], ['d=%5B%22x', 'Broken JSON encoding.'], ['d=%7B%7D', 'Payload expected.'],
        ['d=%5B%22%ff%22%5D', 'Broken JSON encoding.'], ['d=%', 'Broken JSON encoding.'], ['%64', 'Payload expected.']]) {
        const refused = await send(u, path, body);
        assert.strictEqual(refused.status, 500, body);
        assert.ok(refused.body.includes(text), `${body}: ${refused.body}`);
      }
      assert.strictEqual((await send(u, path, 'd=%5B%5D')).body, 'ok');
      assert.strictEqual((await send(u, path, 'a=b&d=%5B%22a+b%22%5D&d=x', `${form}; charset=UTF-8`)).body, 'ok');
      assert.strictEqual((await jsonp(u, path)).body, `/**/callback(${JSON.stringify('a["x","a b"]')});\r\n`);
      assert.strictEqual((await send(u, s.session(), 'd=%5B%22x%22%5D')).status, 404);
    }),
    t.test('sockjs 70: jsonp_send of plain text', async (u) => {
      const path = await s.opened(u, gw);
      assert.strictEqual((await send(u, path, '["%61bc"]', 'text/plain')).body, 'ok');
      assert.strictEqual((await send(u, path, '["%62bc"]', 'Text/Plain;charset=UTF-8')).body, 'ok');
      assert.strictEqual((await send(u, path, '["none"]', null)).body, 'ok');
      assert.strictEqual(await s.poll(u, gw, path), 'a["%61bc","%62bc","none"]\n');
      assert.strictEqual((await send(u, path, '["x"]', 'application/json')).status, 500);
    }),
    t.test('sockjs section 11: the session is the same whatever the transport', async (u) => {
      const path = s.session();
      await jsonp(u, path);
      await s.send(u, gw, path, 'a');
      await send(u, path, '["b"]', 'text/plain');
      const source = new s.Http(u, gw).send('GET', `${path}/eventsource`);
      await source.head();
      assert.deepStrictEqual([await source.chunk(), await source.chunk()], ['\r\n', 'data: a["a","b"]\r\n\r\n']);
    }),
    t.test('sockjs 71: cookies', async (u) => {
      const cases = [[undefined, 'dummy'], ['a=b; JSESSIONID=mine; c=d', 'mine'], ['xJSESSIONID=no', 'dummy'], ['JSESSIONID=', 'dummy'], ['JSESSIONID=a,b', 'dummy'], [`JSESSIONID=${'x'.repeat(300)}`, 'dummy']];
      for (const [cookie, value] of cases) {
        const path = s.session('cookie');
        for (const [method, name, body] of [['POST', 'xhr', ''], ['POST', 'xhr_send', '["x"]'], ['GET', 'jsonp?c=x'], ['POST', 'jsonp_send', '["x"]'], ['POST', 'xhr_streaming', ''],
          ['GET', 'eventsource'], ['GET', 'htmlfile?c=x'], ['OPTIONS', 'xhr'], ['OPTIONS', 'xhr_send'], ['OPTIONS', 'xhr_streaming']]) {
          const http = new s.Http(u, gw).send(method, `${path}/${name}`, { body, headers: cookie ? { Cookie: cookie } : {} });
          assert.strictEqual((await http.head()).headers['set-cookie'], `JSESSIONID=${value}; path=/`, `${name} ${cookie}`);
          http.close();
        }
      }
    }),
  ]);
});
