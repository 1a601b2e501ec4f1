// SPDX-License-Identifier: Apache-2.0
// SockJS digest statement 21 on a gateway with many shards: a request finds its session wherever its connection was accepted. And how a gateway with sessions ends.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const s = require('./sockjs');

const shutdown = 'c[1001,""]';

for (const tls of [false, true])
  test(`sockjs 21: requests on any connection${tls ? ', encrypted' : ''}`, async (t) => {
    const gw = await s.start(t, { threads: 5, listener: tls ? ', tls: {self_signed: true}' : '', mounts: { echo: {}, plain: { plugin: 'probe' } } });
    const http = (u) => new s.Http(u, gw, { secure: tls });
    const post = async (on, path, body, expect) => {
      const answer = await on.send('POST', path, { body }).answer();
      assert.strictEqual(answer.status, expect, answer.body);
      return answer.body;
    };
    await Promise.all([
      t.test('sockjs 21: a connection for each request', async (u) => {
        await Promise.all(Array.from({ length: 24 }, async () => {
          const path = s.session();
          assert.strictEqual(await post(http(u), `${path}/xhr`, '', 200), 'o\n');
          for (let i = 0; i < 3; ++i) {
            const parked = http(u).send('POST', `${path}/xhr`, { body: '' });
            await parked.head();
            await post(http(u), `${path}/xhr_send`, `["${i}"]`, 204);
            assert.deepStrictEqual(await parked.chunks(), [`a["${i}"]\n`]);
          }
        }));
      }),
      t.test('sockjs 21: a connection for many sessions', async (u) => {
        const one = http(u);
        const paths = Array.from({ length: 24 }, () => s.session());
        for (const path of paths) assert.strictEqual(await post(one, `${path}/xhr`, '', 200), 'o\n');
        for (const path of paths) await post(one, `${path}/xhr_send`, '["x"]', 204);
        for (const path of paths) assert.strictEqual(await post(one, `${path}/xhr`, '', 200), 'a["x"]\n');
      }),
      t.test('sockjs 21: the same without waiting for the answers', async (u) => {
        const one = http(u);
        const paths = Array.from({ length: 24 }, () => s.session());
        for (const path of paths) one.send('POST', `${path}/xhr`, { body: '' }).send('POST', `${path}/xhr_send`, { body: '["x"]' }).send('GET', '/echo').send('GET', `${path}/jsonp?c=x`);
        for (let i = 0; i < paths.length; ++i) {
          assert.strictEqual((await one.answer()).body, 'o\n');
          assert.strictEqual((await one.answer()).status, 204);
          assert.strictEqual((await one.answer()).body, 'Welcome to SockJS!\n');
          assert.strictEqual((await one.answer()).body, '/**/x("a[\\"x\\"]");\r\n');
        }
      }),
      t.test('sockjs 37: readers that leave, wherever they are', async (u) => {
        await Promise.all(Array.from({ length: 24 }, async (_, i) => {
          const path = s.session();
          const stream = http(u).send('POST', `${path}/xhr_streaming`, { body: '' });
          await stream.head();
          assert.strictEqual((await stream.chunk()).length, 2049);
          assert.strictEqual(await stream.chunk(), 'o\n');
          if (i % 2 || tls) stream.close();
          else stream.reset();
          assert.match(await post(http(u), `${path}/xhr`, '', 200), /^(o|c\[1002,"Connection interrupted"\])\n$/);
        }));
      }),
      t.test('sockjs 38: a connection that leaves on its way', async (u) => {
        for (let i = 0; i < 40; ++i) {
          const one = http(u);
          await new Promise((resolve) => { one.raw.socket.once(tls ? 'secureConnect' : 'connect', resolve); });
          one.send('POST', `${s.session()}/xhr`, { body: '' });
          setImmediate(() => one.close());
        }
        assert.strictEqual(await post(http(u), `${s.session()}/xhr`, '', 200), 'o\n');
      }),
    ]);
  });

test('sockjs section 8: sessions of an address are counted over all shards', async (t) => {
  const gw = await s.start(t, { threads: 5, mounts: { echo: { sockjs: { sessions_per_address: 10 } } } });
  const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await s.post(t, gw, `${s.session()}/xhr`, '')).status));
  assert.strictEqual(statuses.filter((x) => x === 200).length, 10);
  assert.strictEqual(statuses.filter((x) => x === 429).length, 30);
});

test('sockjs section 8: an orderly stop tells everyone who listens', async (t) => {
  // Those who do not listen must not be waited for.
  const gw = await s.start(t, { mounts: { probe: { plugin: 'probe', sockjs: { disconnect_delay: '3600s' } } }, extra: ['shutdown_timeout: 30s'] });
  const readers = [];
  for (const [method, name, skip, wrap] of [['POST', 'xhr_streaming', 2, (f) => `${f}\n`], ['GET', 'eventsource', 2, (f) => `data: ${f}\r\n\r\n`],
    ['GET', 'htmlfile?c=x', 2, (f) => `<script>\np(${JSON.stringify(f)});\n</script>\r\n`], ['POST', 'xhr', 0, (f) => `${f}\n`], ['GET', 'jsonp?c=x', 0, (f) => `/**/x(${JSON.stringify(f)});\r\n`]]) {
    const path = skip ? s.session('probe') : await s.opened(t, gw, 'probe');
    const http = new s.Http(t, gw).send(method, `${path}/${name}`);
    assert.strictEqual((await http.head()).status, 200);
    for (let i = 0; i < skip; ++i) await http.chunk();
    readers.push({ http, wrap });
  }
  const client = await s.websocket(t, gw, `${s.session('probe')}/websocket`);
  assert.strictEqual(await client.next(), 'o');
  const raw = await s.websocket(t, gw, '/probe/websocket');
  await s.opened(t, gw, 'probe');
  const closed = await s.opened(t, gw, 'probe');
  await s.send(t, gw, closed, 'one', 'close 3000 Go away!');
  const began = Date.now();
  const end = gw.stop();
  for (const { http, wrap } of readers) assert.deepStrictEqual(await http.chunks(), [wrap(shutdown)]);
  assert.strictEqual(await client.next(), shutdown);
  assert.strictEqual((await client.closed()).code, 1000);
  assert.deepStrictEqual(await raw.closed(), { code: 1001, reason: '' });
  await end;
  assert.ok(Date.now() - began < 25000, 'long before the deadline');
});

test('sockjs section 8: an orderly stop waits for a slow reader', async (t) => {
  const gw = await s.start(t, { mounts: { probe: { plugin: 'probe', limits: { queue_bytes: '64MiB' }, sockjs: { response_bytes: '1GiB' } } } });
  const path = s.session('probe');
  const stream = await s.streaming(t, gw, path);
  stream.raw.socket.pause();
  await s.send(t, gw, path, 'flood 300 100000');
  const end = gw.stop();
  await new Promise((resolve) => { setTimeout(resolve, 200); });
  stream.raw.socket.resume();
  let messages = 0;
  let last;
  for (let chunk = await stream.chunk(); chunk; chunk = await stream.chunk()) {
    last = chunk;
    if (chunk[0] === 'a') messages += JSON.parse(chunk.slice(1)).length;
  }
  assert.strictEqual(messages, 300);
  assert.strictEqual(last, `${shutdown}\n`);
  await end;
});
