// SPDX-License-Identifier: Apache-2.0
// lavaboom digest section 2: the endpoint that the document puts at /ws. Statements 1 to 5, 38, 41, 42, 44.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { raw } = require('../../support/client');
const l = require('./lavaboom');

test('lavaboom: the SockJS endpoint', async (t) => {
  const { gw } = await l.world(t, { sockjs: { heartbeat: '300ms' }, limits: { ping_interval: '300ms' } });
  const info = () => l.http(gw, 'GET', '/ws/info');
  const tests = [
    t.test('lavaboom 1: info', async () => {
      const { status, headers, json } = await info();
      assert.strictEqual(status, 200);
      assert.match(headers['content-type'], /^application\/json/);
      assert.match(headers['cache-control'], /no-store/);
      const { entropy, ...rest } = json;
      assert.deepStrictEqual(rest, { websocket: true, cookie_needed: false, origins: ['*:*'] });
      assert.ok(Number.isInteger(entropy) && entropy >= 0 && entropy < 2 ** 32);
    }),
    t.test('lavaboom 2: the entropy is fresh', async () => {
      assert.notStrictEqual((await info()).json.entropy, (await info()).json.entropy);
    }),
    t.test('lavaboom 3: the greeting', async () => {
      for (const target of ['/ws', '/ws/']) {
        const { status, text } = await l.http(gw, 'GET', target);
        assert.deepStrictEqual([status, text], [200, 'Welcome to SockJS!\n']);
      }
    }),
    t.test('lavaboom 4, 5: o, then h', async (s) => {
      const c = await l.framed(s, gw);
      assert.strictEqual(await c.next(), 'h');
    }),
    t.test('lavaboom 38: a frame that is no array or string ends the session; a string is a message, an empty frame nothing', async (s) => {
      const next = async (c) => {
        for (;;) {
          const frame = await c.next();
          if (frame !== 'h') return frame;
        }
      };
      for (const frame of ['{}', '5', '[', 'x', '[5]', 'null']) {
        const c = await l.framed(s, gw);
        c.send(frame);
        assert.notStrictEqual((await c.closed()).code, 1000, frame);
      }
      const c = await l.framed(s, gw);
      c.send('');
      c.send(JSON.stringify('{"type":"unsubscribe"}'));
      assert.strictEqual(await next(c), `a${JSON.stringify(['{"type":"error","error":"Not subscribed"}'])}`);
    }),
    t.test('lavaboom 41: a second poll', async (s) => {
      const target = '/ws/000/two';
      await l.http(gw, 'POST', `${target}/xhr`);
      const first = raw(s, gw.port('l'));
      first.write(`POST ${target}/xhr HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`);
      await first.until('the head of the first', (text) => text.includes('\r\n\r\n'));
      assert.strictEqual((await l.http(gw, 'POST', `${target}/xhr`)).text, 'c[2010,"Another connection still open"]\n');
    }),
    t.test('lavaboom 42: xhr_send', async () => {
      const sent = (name, body) => l.http(gw, 'POST', `/ws/000/${name}/xhr_send`, { body });
      assert.strictEqual((await sent('unknown', '["x"]')).status, 404);
      await l.http(gw, 'POST', '/ws/000/known/xhr');
      for (const [body, text] of [[undefined, 'Payload expected.'], ['[', 'Broken JSON encoding.']]) {
        const answer = await sent('known', body);
        assert.strictEqual(answer.status, 500);
        assert.ok(answer.text.includes(text), answer.text);
      }
      const answer = await sent('known', JSON.stringify(['{"type":"request","id":"1","method":"GET","path":"/"}']));
      assert.deepStrictEqual([answer.status, answer.text], [204, '']);
      assert.match((await l.http(gw, 'POST', '/ws/000/known/xhr')).text, /Lavaboom API/);
    }),
    t.test('lavaboom 44: the origin is echoed', async () => {
      const { headers } = await l.http(gw, 'POST', '/ws/000/cors/xhr', { headers: { Origin: 'https://mail.example' } });
      assert.deepStrictEqual([headers['access-control-allow-origin'], headers['access-control-allow-credentials']], ['https://mail.example', 'true']);
    }),
  ];
  await Promise.all(tests);
});
