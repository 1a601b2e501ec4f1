// SPDX-License-Identifier: Apache-2.0
// SockJS digest statements 39-52: WebSocket with the frames of SockJS, and raw.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { raw, upgrade, frame } = require('../../support/client');
const s = require('./sockjs');

const broken = { code: 3000, reason: 'Broken framing.' };

test('sockjs: WebSocket', async (t) => {
  const gw = await s.start(t, { mounts: {
    echo: {}, squeezed: { compression: true }, disabled: { sockjs: { websocket: false } }, probe: { plugin: 'probe' }, cookie: { sockjs: { cookie: true } },
    patient: { plugin: 'probe', limits: { close_timeout: '1h' } }, lively: { limits: { ping_interval: '200ms' } }, small: { limits: { message_bytes: 1000 } }, choosy: { allowed_origins: ['https://a.example'] },
  } });
  await Promise.all([
    t.test('sockjs 39: the handshake', async (u) => {
      for (const path of [`${s.session()}/websocket`, '/echo/websocket', `${s.session('cookie')}/websocket/`]) {
        const http = new s.Http(u, gw).write(upgrade(path).replace(/(Sec-WebSocket-Key: )[^\r]+/, '$1x3JJHMbDL1EzLkh9GBhXDw=='));
        const answer = await http.head();
        assert.strictEqual(answer.status, 101);
        assert.strictEqual(answer.headers['sec-websocket-accept'], 'HSmrc0sMlYUkAGmm5OPpG2HaGWk=');
        assert.strictEqual(answer.headers.upgrade.toLowerCase(), 'websocket');
        assert.strictEqual(answer.headers.connection.toLowerCase(), 'upgrade');
        for (const name of ['content-length', 'transfer-encoding', 'set-cookie']) assert.ok(!(name in answer.headers), name);
      }
    }),
    t.test('sockjs 40: open, and an echo', async (u) => {
      for (const mount of ['echo', 'squeezed', 'cookie']) {
        const client = await s.websocket(u, gw, `${s.session(mount)}/websocket`);
        assert.strictEqual(await client.next(), 'o');
        client.send('["a"]');
        assert.strictEqual(await client.next(), 'a["a"]');
        client.send(JSON.stringify(['x'.repeat(500), 'y']));
        assert.strictEqual(await client.next(), s.aFrame('x'.repeat(500)));
        assert.strictEqual(await client.next(), s.aFrame('y'));
      }
    }),
    t.test('sockjs 41, 42: nothing, no messages, a bare string, an array in a binary message', async (u) => {
      const client = await s.websocket(u, gw);
      assert.strictEqual(await client.next(), 'o');
      client.send('');
      client.send('[]');
      client.send('"a"');
      assert.strictEqual(await client.next(), 'a["a"]');
      client.send(Buffer.from('["b"]'));
      assert.strictEqual(await client.next(), 'a["b"]');
    }),
    t.test('sockjs 43: what is no array of strings ends the connection', async (u) => {
      for (const message of ['["a', '"a', '[1]', '[["a"]]', '{"a":1}', '1', 'null', '["a"]["b"]', '["a"]x', Buffer.from([0x22, 0xff, 0x22]), `["${'\\u12'}"]`, '["\u0001"]']) {
        const client = await s.websocket(u, gw);
        assert.strictEqual(await client.next(), 'o');
        client.send(message);
        assert.deepStrictEqual(await client.closed(), broken, String(message));
        assert.deepStrictEqual(client.messages, []);
      }
    }),
    t.test('sockjs 43: more messages than anyone needs, and more octets', async (u) => {
      const many = await s.websocket(u, gw);
      many.send(JSON.stringify(Array(1001).fill('')));
      assert.deepStrictEqual(await many.closed(), broken);
      const long = await s.websocket(u, gw, `${s.session('small')}/websocket`);
      long.send(JSON.stringify(['x'.repeat(1000)]));
      assert.strictEqual((await long.closed()).code, 1009);
    }),
    t.test('sockjs 44: the dialect closes', async (u) => {
      const client = await s.websocket(u, gw, `${s.session('probe')}/websocket`);
      assert.strictEqual(await client.next(), 'o');
      client.send('["close 3000 Go away!"]');
      assert.strictEqual(await client.next(), 'c[3000,"Go away!"]');
      assert.deepStrictEqual(await client.closed(), { code: 1000, reason: 'Normal closure' });
    }),
    t.test('sockjs 44: what follows a close in the same array is not heard', async (u) => {
      const client = await s.websocket(u, gw, `${s.session('probe')}/websocket`);
      client.send('["one","close 3000 Go away!","two"]');
      for (const expected of ['o', 'a["echo one"]', 'c[3000,"Go away!"]']) assert.strictEqual(await client.next(), expected);
      assert.strictEqual((await client.closed()).code, 1000);
    }),
    t.test('sockjs section 9: messages behind a pause wait, in their order', async (u) => {
      const client = await s.websocket(u, gw, `${s.session('probe')}/websocket`);
      client.send('["pause 50","one","two"]');
      client.send('["three"]');
      for (const expected of ['o', 'a["resumed"]', 'a["echo one"]', 'a["echo two"]', 'a["echo three"]']) assert.strictEqual(await client.next(), expected);
    }),
    t.test('sockjs 44: who is closed while messages wait behind a pause may answer', async (u) => {
      const client = await s.websocket(u, gw, `${s.session('patient')}/websocket`);
      client.send('["pause 1","close 3000 Go away!","two"]');
      assert.strictEqual((await client.closed()).code, 1000);
    }),
    t.test('sockjs section 9: a message in parts is one frame', async (u) => {
      const client = await s.websocket(u, gw, `${s.session('probe')}/websocket`);
      client.send('["parts 3 2 20"]');
      assert.strictEqual(await client.next(), 'o');
      assert.strictEqual(await client.next(), 'a["aabbcc"]');
    }),
    t.test('sockjs 45: an id may be used twice, and again', async (u) => {
      const path = `${s.session()}/websocket`;
      const open = async () => {
        const client = await s.websocket(u, gw, path);
        assert.strictEqual(await client.next(), 'o');
        return client;
      };
      const both = [await open(), await open()];
      for (const [i, client] of both.entries()) client.send(`["${i}"]`);
      for (const [i, client] of both.entries()) assert.strictEqual(await client.next(), `a["${i}"]`);
      both[0].socket.close();
      await both[0].closed();
      const again = await open();
      again.send('["again"]');
      assert.strictEqual(await again.next(), 'a["again"]');
      both[1].send('["still"]');
      assert.strictEqual(await both[1].next(), 'a["still"]');
    }),
    t.test('sockjs 46: no upgrade', async (u) => {
      for (const path of [`${s.session()}/websocket`, '/echo/websocket'])
        for (const headers of [{}, { Upgrade: 'WebSocket', Connection: 'close' }, { Upgrade: 'WebSocket' }, { Connection: 'Upgrade' }])
          assert.strictEqual((await s.get(u, gw, path, headers)).status, 400, JSON.stringify(headers));
    }),
    t.test('sockjs 47: POST', async (u) => {
      for (const path of [`${s.session()}/websocket`, '/echo/websocket'])
        for (const headers of [{}, { Upgrade: 'WebSocket', Connection: 'Upgrade' }]) {
          const answer = await s.post(u, gw, path, '', headers);
          assert.strictEqual(answer.status, 405);
          assert.strictEqual(answer.headers.allow, 'GET');
          assert.ok(!('content-type' in answer.headers));
          assert.strictEqual(answer.body, '');
        }
    }),
    t.test('sockjs 48: the id of a WebSocket is no session for HTTP', async (u) => {
      const path = s.session();
      const client = await s.websocket(u, gw, `${path}/websocket`);
      assert.strictEqual(await client.next(), 'o');
      assert.strictEqual((await s.post(u, gw, `${path}/xhr_send`, '["x"]')).status, 404);
    }),
    t.test('sockjs 49: a sign of life; none in the messages of a raw WebSocket', async (u) => {
      const client = await s.websocket(u, gw, `${s.session('lively')}/websocket`);
      for (const expected of ['o', 'h', 'h']) assert.strictEqual(await client.next(), expected);
      const bare = await s.websocket(u, gw, '/lively/websocket');
      await new Promise((resolve) => { bare.socket.once('ping', resolve); });
      bare.send('x');
      assert.strictEqual(await bare.next(), 'x');
      assert.deepStrictEqual(bare.messages, []);
    }),
    t.test('sockjs 50: raw', async (u) => {
      const client = await s.websocket(u, gw, '/echo/websocket');
      for (const message of ['\uffff', '["a"]', '', '"', '100%']) {
        client.send(message);
        assert.strictEqual(await client.next(), message);
      }
      client.send(Buffer.from([0, 255, 10]));
      assert.deepStrictEqual(await client.next(), Buffer.from([0, 255, 10]));
    }),
    t.test('sockjs 51: raw, the dialect closes', async (u) => {
      const client = await s.websocket(u, gw, '/probe/websocket');
      client.send('close 3000 Go away!');
      assert.deepStrictEqual(await client.closed(), { code: 3000, reason: 'Go away!' });
      assert.deepStrictEqual(client.messages, []);
    }),
    t.test('sockjs 52: switched off', async (u) => {
      for (const path of [`${s.session('disabled')}/websocket`, '/disabled/websocket'])
        for (const request of [upgrade(path), `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`, `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`])
          assert.strictEqual((await new s.Http(u, gw).write(request).answer()).status, 404, request);
      assert.strictEqual(await s.poll(u, gw, s.session('disabled')), 'o\n', 'the others are on');
    }),
    t.test('sockjs section 9: origins that are not allowed', async (u) => {
      for (const path of [`${s.session('choosy')}/websocket`, '/choosy/websocket']) {
        const status = async (extra) => (await new s.Http(u, gw).write(upgrade(path, extra)).head()).status;
        assert.strictEqual(await status('Origin: https://b.example\r\n'), 403);
        assert.strictEqual(await status('Origin: https://a.example\r\n'), 101);
      }
      assert.strictEqual((await s.post(u, gw, `${s.session('choosy')}/xhr`, '', { Origin: 'https://b.example' })).status, 403);
      assert.strictEqual((await s.post(u, gw, `${s.session('choosy')}/xhr`, '', { Origin: 'https://a.example' })).status, 200);
    }),
    t.test('sockjs section 9: a frame that breaks the protocol of WebSocket', async (u) => {
      const http = raw(u, gw.port('main'));
      http.write(Buffer.concat([Buffer.from(upgrade(`${s.session()}/websocket`)), frame(1, '["a"]', { masked: false })]));
      const all = await http.end();
      assert.match(all, /\x81\x01o/);
      assert.match(all, /\x88.\x03\xea/, 'closed with 1002');
      assert.doesNotMatch(all, /c\[/);
    }),
  ]);
});
