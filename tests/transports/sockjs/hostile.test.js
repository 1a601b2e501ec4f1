// SPDX-License-Identifier: Apache-2.0
// SockJS under hostile input: every refusal is an answer, every bound holds, nobody else notices.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { waitFor } = require('../../support/gateway');
const s = require('./sockjs');

const MiB = 1 << 20;
// The most memory that the gateway has ever used, in bytes.
const peak = (gw) => Number(/VmHWM:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${gw.child.pid}/status`, 'utf8'))[1]) * 1024;

test('sockjs: hostile input', async (t) => {
  const gw = await s.start(t, { listener: ', handshake_timeout: 500ms', mounts: {
    echo: {}, probe: { plugin: 'probe' }, small: { limits: { message_bytes: 1000 } }, large: { plugin: 'probe', limits: { message_bytes: '8MiB' } },
  } });
  const works = async (u, path) => {
    await s.send(u, gw, path, 'still');
    assert.strictEqual(await s.poll(u, gw, path), 'a["still"]\n');
  };
  await Promise.all([
    t.test('sockjs 55: broken JSON of all kinds', async (u) => {
      const path = await s.opened(u, gw);
      const bodies = ['[', '["', '["\\', '["\\u', '["\\u12"]', '["\\x"]', '["a" "b"]', '[,]', '["a",,"b"]', '\ufeff["a"]', 'undefined', '[undefined]', '["a"', "['a']", '["a"];', '[NaN]',
        '["\n"]', '["\0"]', '\0', '["a"]\0', '[["a"]]', '[{"a":"b"}]', '[true]', '[null]', '["x",["y"]]', '['.repeat(100000), '[[]]', '{"a":'.repeat(50000), '//', '["a"]/**/', '[/**/"a"]',
        Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), Buffer.from([0x5b, 0x22, 0xc0, 0x80, 0x22, 0x5d]), Buffer.from([0x5b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x5d]), Buffer.from([0x5b, 0x22, 0xf4, 0x90, 0x80, 0x80, 0x22, 0x5d]),
        Buffer.from([0x5b, 0x22, 0xe2, 0x82, 0x22, 0x5d]), Buffer.from('["a"]', 'utf16le')];
      for (const body of bodies) {
        const answer = await s.post(u, gw, `${path}/xhr_send`, body);
        assert.strictEqual(answer.status, 500, String(body).slice(0, 40));
        assert.ok(answer.body.includes('Broken JSON encoding.'), `${String(body).slice(0, 40)}: ${answer.body}`);
      }
      await works(u, path);
    }),
    t.test('sockjs section 12: bodies that are too large', async (u) => {
      const small = await s.opened(u, gw, 'small');
      const fits = await s.post(u, gw, `${small}/xhr_send`, JSON.stringify(['x'.repeat(990)]));
      assert.strictEqual(fits.status, 204);
      const above = await s.post(u, gw, `${small}/xhr_send`, JSON.stringify(['x'.repeat(1000)]), { Origin: 'test' });
      assert.strictEqual(above.status, 413, 'the limit of this mount');
      assert.strictEqual(above.headers['access-control-allow-origin'], 'test');
      const chunked = new s.Http(u, gw).write(`POST ${small}/xhr_send HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n["${'x'.repeat(1996)}"]\r\n0\r\n\r\n`);
      assert.strictEqual((await chunked.answer()).status, 413);
      assert.strictEqual(await s.poll(u, gw, small), `${s.aFrame('x'.repeat(990))}\n`);
      const announced = new s.Http(u, gw).write(`POST ${small}/xhr_send HTTP/1.1\r\nHost: x\r\nContent-Length: ${1 << 30}\r\n\r\n`);
      assert.strictEqual((await announced.answer()).status, 413, 'before it comes');
      const endless = new s.Http(u, gw).write(`POST ${small}/xhr_send HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
      const chunk = Buffer.from(`100000\r\n${'x'.repeat(MiB)}\r\n`);
      const more = setInterval(() => endless.write(chunk), 5);
      u.after(() => clearInterval(more));
      assert.strictEqual(await endless.raw.status(), 413);
      clearInterval(more);
    }),
    t.test('sockjs section 12: a body that does not come', async (u) => {
      const path = await s.opened(u, gw);
      const http = new s.Http(u, gw).write(`POST ${path}/xhr_send HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n["`);
      assert.strictEqual((await http.answer()).status, 408);
      const dripping = new s.Http(u, gw).write(`POST ${path}/xhr_send HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n["`);
      const drip = setInterval(() => dripping.write('x'), 20);
      u.after(() => clearInterval(drip));
      assert.strictEqual(await dripping.raw.status(), 408);
      clearInterval(drip);
      await works(u, path);
    }),
    t.test('sockjs 20: targets no client asks for', async (u) => {
      for (const target of ['/echo/../probe/a/b/xhr', '/echo/./a/b/xhr', '/echo/a/../xhr', '/echo/a%2Fb/xhr', '/echo/000/%00.%00/xhr', '//echo/a/b/xhr', '/echo\\a\\b\\xhr', '/ECHO/a/b/xhr', '/echo/a/b/xhr%20', '/echo/a/b/xhr;x'])
        assert.strictEqual((await s.post(u, gw, target, '')).status, 404, target);
      for (const target of ['/echo/a/\0/xhr', '/echo/a b/c/xhr', '/echo/\x7f/a/xhr', '/echo/a\tb/c/xhr']) {
        const http = new s.Http(u, gw).write(`POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`);
        assert.ok([400, 505].includes((await http.answer()).status), JSON.stringify(target));
      }
      const long = new s.Http(u, gw).send('POST', `/echo/0/${'x'.repeat(20000)}/xhr`, { body: '' });
      assert.ok([414, 431].includes((await long.answer()).status));
    }),
    t.test('sockjs section 12: more messages than anyone needs', async (u) => {
      const path = await s.opened(u, gw, 'large');
      const before = peak(gw);
      const count = 2 * MiB;
      const bodies = [[`[${'"",'.repeat(count)}""]`, 'Too many messages.'], [`[${'1,'.repeat(3 * MiB)}1]`, 'Broken JSON encoding.'], [`{${'"a":1,'.repeat(count / 2)}"a":1}`, 'Payload expected.'],
        [`[${'"\\ud800",'.repeat(count / 4)}1]`, 'Too many messages.'], [`["${'\\ud800'.repeat(count / 2)}`, 'Broken JSON encoding.']];
      for (const [body, text] of bodies) {
        const answer = await s.post(u, gw, `${path}/xhr_send`, body);
        assert.strictEqual(answer.status, 500, answer.body);
        assert.ok(answer.body.includes(text), answer.body);
      }
      const client = await s.websocket(u, gw, `${path}/websocket`);
      assert.strictEqual(await client.next(), 'o');
      client.send(bodies[0][0]);
      assert.deepStrictEqual(await client.closed(), { code: 3000, reason: 'Broken framing.' });
      assert.ok(peak(gw) - before < 100 * MiB, `${(peak(gw) - before) / MiB} MiB`);
    }),
    t.test('sockjs section 12: messages that nobody takes', async (u) => {
      const path = await s.opened(u, gw, 'probe');
      await s.send(u, gw, path, 'pause 60000');
      const big = JSON.stringify(['x'.repeat(500000)]);
      const http = new s.Http(u, gw);
      const send = async (body) => (await http.send('POST', `${path}/xhr_send`, { body }).answer()).status;
      let taken = 0;
      while (await send(big) === 204) assert.ok(++taken < 10, 'some have to wait, but not all');
      assert.ok(taken >= 2);
      assert.strictEqual(await send(big), 503);
      const many = await s.opened(u, gw, 'probe');
      await s.send(u, gw, many, 'pause 60000');
      const empty = JSON.stringify(Array(1000).fill(''));
      let sent = 0;
      while ((await s.post(u, gw, `${many}/xhr_send`, empty)).status === 204) assert.ok(++sent < 20);
      assert.ok(sent >= 10);
    }),
    t.test('sockjs section 11: a reader that talks', async (u) => {
      const path = s.session();
      const stream = await s.streaming(u, gw, path);
      const before = peak(gw);
      const garbage = Buffer.alloc(MiB, 'x');
      for (let i = 0; i < 20; ++i) stream.write(garbage);
      await s.send(u, gw, path, 'x');
      assert.strictEqual(await stream.chunk(), 'a["x"]\n');
      assert.ok(stream.raw.socket.writableLength > MiB, 'nobody reads on');
      assert.ok(peak(gw) - before < 100 * MiB);
      stream.close();
      await waitFor('its end, with the next frames at the latest', async () => (await s.post(u, gw, `${path}/xhr_send`, '["x"]')).status === 404);
    }),
    t.test('sockjs section 11: a reader that asks for more while it listens', async (u) => {
      const path = s.session();
      const stream = await s.streaming(u, gw, path);
      stream.send('GET', '/echo').send('POST', `${s.session()}/xhr`, { body: '' });
      await s.send(u, gw, path, 'x'.repeat(131072));
      assert.strictEqual(await stream.chunk(), `${s.aFrame('x'.repeat(131072))}\n`);
      assert.strictEqual(await stream.chunk(), '');
      assert.strictEqual((await stream.answer()).body, 'Welcome to SockJS!\n', 'afterwards, in order');
      assert.strictEqual((await stream.answer()).body, 'o\n');
    }),
    t.test('sockjs section 2: what comes back in headers is one header', async (u) => {
      const http = new s.Http(u, gw).write('GET /echo/info HTTP/1.1\r\nHost: x\r\nOrigin: a\x01b\r\n\r\n');
      const answer = await http.answer();
      assert.ok(answer.status === 400 || !/\x01/.test(answer.names.join()), 'no control character becomes a header of its own');
      const folded = new s.Http(u, gw).write('OPTIONS /echo/info HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Headers: a\r\n Set-Cookie: b\r\n\r\n');
      assert.ok(!('set-cookie' in (await folded.answer()).headers));
    }),
    t.test('sockjs section 8: a dialect that throws', async (u) => {
      const path = await s.opened(u, gw, 'probe');
      await s.send(u, gw, path, 'throw');
      assert.strictEqual(await s.poll(u, gw, path), 'c[1011,""]\n');
      const refused = s.session('probe');
      const stream = new s.Http(u, gw).send('POST', `${refused}/xhr_streaming?throw`, { body: '' });
      assert.strictEqual((await stream.head()).status, 200);
      assert.deepStrictEqual((await stream.chunks()).slice(1), ['o\n', 'c[1011,""]\n']);
      const client = await s.websocket(u, gw, `${s.session('probe')}/websocket?throw`);
      assert.strictEqual(await client.next(), 'o');
      assert.strictEqual(await client.next(), 'c[1011,""]');
      assert.strictEqual((await client.closed()).code, 1000);
    }),
  ]);
  assert.strictEqual(await s.poll(t, gw, s.session()), 'o\n');
});
