// SPDX-License-Identifier: Apache-2.0
// SockJS digest statements 19-22: session URLs; 30-38: how sessions end; and what bounds them.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { setTimeout: sleep } = require('node:timers/promises');
const { waitFor } = require('../../support/gateway');
const s = require('./sockjs');

const goAway = 'c[3000,"Go away!"]';
const open2010 = 'c[2010,"Another connection still open"]';
const receivers = {
  xhr: { method: 'POST', skip: 0, wrap: (f) => `${f}\n` },
  xhr_streaming: { method: 'POST', skip: 1, wrap: (f) => `${f}\n` },
  eventsource: { method: 'GET', skip: 1, wrap: (f) => `data: ${f}\r\n\r\n` },
  'htmlfile?c=x': { method: 'GET', skip: 1, wrap: (f) => `<script>\np(${JSON.stringify(f)});\n</script>\r\n` },
  'jsonp?c=x': { method: 'GET', skip: 0, wrap: (f) => `/**/x(${JSON.stringify(f)});\r\n` },
};
// A receiving request; its chunks but for the prelude follow.
async function receive(u, gw, path, name, http = new s.Http(u, gw)) {
  http.send(receivers[name].method, `${path}/${name}`);
  assert.strictEqual((await http.head()).status, 200);
  if (receivers[name].skip) await http.chunk();
  return http;
}

test('sockjs: sessions', async (t) => {
  const gw = await s.start(t, { mounts: {
    echo: {}, other: {}, probe: { plugin: 'probe' }, gone: { sockjs: { disconnect_delay: '200ms' } }, sending: { sockjs: { disconnect_delay: '200ms' } },
    reading: { sockjs: { disconnect_delay: '200ms', heartbeat: '100ms' } }, closing: { plugin: 'probe', sockjs: { disconnect_delay: '300ms' } },
    few: { sockjs: { sessions_per_address: 2 } }, full: { limits: { connections: 1 } }, idle: { limits: { idle: '200ms' } },
  } });
  await Promise.all([
    t.test('sockjs 19: ids', async (u) => {
      for (const id of ['a', '_', '1', 'abcdefgh_i-j%20', '~!$&\'()*+,;=:@', '%2e%2E', 'x'.repeat(4000)])
        assert.strictEqual(await s.poll(u, gw, `/echo/${id}/${id}`), 'o\n', id);
    }),
    t.test('sockjs 20: what is no session URL', async (u) => {
      for (const path of ['//', '/a./a', '/a/a.', '/./.', '/../..', '///', '//a', '/a/', '/a', '/a/b/c', '/.a/b', '', '/a/b/'])
        for (const name of ['xhr', 'jsonp?c=x', 'xhr_streaming', 'eventsource', 'xhr_send', 'websocket', 'x', '', 'XHR', 'xhr//', 'xhr/x']) {
          if (path === '' && ['websocket', ''].includes(name)) continue;
          for (const method of ['GET', 'POST']) assert.strictEqual((await s.ask(u, gw, method, `/echo${path}/${name}`, { body: '' })).status, 404, `${method} ${path}/${name}`);
        }
    }),
    t.test('sockjs 21: the server id is not looked at', async (u) => {
      const id = s.sid();
      assert.strictEqual(await s.poll(u, gw, `/echo/000/${id}`), 'o\n');
      await s.send(u, gw, `/echo/xyz/${id}`, 'x');
      assert.strictEqual(await s.poll(u, gw, `/echo/999/${id}`), 'a["x"]\n');
    }),
    t.test('sockjs 22: ids of different services do not meet', async (u) => {
      const id = s.sid();
      assert.strictEqual(await s.poll(u, gw, `/echo/0/${id}`), 'o\n');
      assert.strictEqual((await s.post(u, gw, `/other/0/${id}/xhr_send`, '["x"]')).status, 404);
      assert.strictEqual(await s.poll(u, gw, `/other/0/${id}`), 'o\n');
      await s.send(u, gw, `/other/0/${id}`, 'x');
      await s.send(u, gw, `/echo/0/${id}`, 'y');
      assert.strictEqual(await s.poll(u, gw, `/echo/0/${id}`), 'a["y"]\n');
    }),
    t.test('sockjs section 6: the dialect does not learn the id', async (u) => {
      const path = await s.opened(u, gw, 'probe');
      await s.send(u, gw, path, 'path');
      assert.strictEqual(await s.poll(u, gw, path), 'a["/probe"]\n');
      const client = await s.websocket(u, gw, `${path}/websocket`);
      client.send('["path"]');
      assert.strictEqual(await client.next(), 'o');
      assert.strictEqual(await client.next(), 'a["/probe"]');
    }),
    t.test('sockjs 30: a session that nobody reads is gone', async (u) => {
      const path = await s.opened(u, gw, 'gone');
      await waitFor('its end', async () => await gw.metric('dragoman_sessions_ended_total', 'mount="gone",reason="lost"') === 1);
      assert.strictEqual((await s.post(u, gw, `${path}/xhr_send`, '["x"]')).status, 404);
      assert.strictEqual(await s.poll(u, gw, path), 'o\n');
    }),
    t.test('sockjs 31: sends do not keep it alive', async (u) => {
      const path = await s.opened(u, gw, 'sending');
      const http = new s.Http(u, gw);
      let sent = 0;
      await waitFor('its end', async () => {
        const { status } = await http.send('POST', `${path}/xhr_send`, { body: '[]' }).answer();
        if (status === 204) sent += 1;
        return status === 404;
      });
      assert.ok(sent > 0);
    }),
    t.test('sockjs 31: a reader does', async (u) => {
      const path = s.session('reading');
      const stream = await receive(u, gw, path, 'xhr_streaming');
      assert.strictEqual(await stream.chunk(), 'o\n');
      for (let i = 0; i < 5; ++i) assert.strictEqual(await stream.chunk(), 'h\n');
      await s.send(u, gw, path, 'x');
      for (let chunk; chunk !== 'a["x"]\n';) chunk = await stream.chunk();
    }),
    ...Object.entries(receivers).map(([name, { wrap }]) => t.test(`sockjs 33: a second reader, ${name}`, async (u) => {
      const path = await s.opened(u, gw);
      const first = await receive(u, gw, path, name);
      for (const [again, other] of Object.entries(receivers)) {
        const second = await receive(u, gw, path, again);
        assert.deepStrictEqual(await second.chunks(), [other.wrap(open2010)], again);
      }
      await s.send(u, gw, path, 'x');
      assert.strictEqual(await first.chunk(), wrap('a["x"]'));
    })),
    t.test('sockjs 34: every reader of a closed session learns it', async (u) => {
      const path = await s.opened(u, gw, 'probe');
      await s.send(u, gw, path, 'close 3000 Go away!');
      for (let i = 0; i < 3; ++i) assert.strictEqual(await s.poll(u, gw, path), `${goAway}\n`);
      await s.send(u, gw, path, 'path');
      for (const [name, { wrap }] of Object.entries(receivers)) assert.deepStrictEqual(await (await receive(u, gw, path, name)).chunks(), [wrap(goAway)], name);
    }),
    t.test('sockjs 34: until the delay has passed', async (u) => {
      const path = await s.opened(u, gw, 'closing');
      await s.send(u, gw, path, 'close 3000 Go away!');
      assert.strictEqual(await s.poll(u, gw, path), `${goAway}\n`);
      await waitFor('its end', async () => (await s.post(u, gw, `${path}/xhr_send`, '["x"]')).status === 404);
      assert.strictEqual(await s.poll(u, gw, path), 'o\n', 'a new one');
    }),
    t.test('sockjs 35: messages before the close', async (u) => {
      const polled = await s.opened(u, gw, 'probe');
      await s.send(u, gw, polled, 'one', 'two', 'close 3000 Go away!', 'three');
      assert.strictEqual(await s.poll(u, gw, polled), 'a["echo one","echo two"]\n');
      assert.strictEqual(await s.poll(u, gw, polled), `${goAway}\n`);
      const streamed = s.session('probe');
      const stream = await receive(u, gw, streamed, 'eventsource');
      await s.send(u, gw, streamed, 'one', 'close 3000 Go away!');
      assert.deepStrictEqual(await stream.chunks(), ['o', 'a["echo one"]', goAway].map(receivers.eventsource.wrap));
    }),
    t.test('sockjs 36: a stream that is opened right after the close', async (u) => {
      for (let i = 0; i < 10; ++i) {
        const path = s.session('probe');
        const stream = await receive(u, gw, path, 'xhr_streaming');
        assert.strictEqual(await stream.chunk(), 'o\n');
        await s.send(u, gw, path, 'close 3000 Go away!');
        assert.strictEqual(await stream.chunk(), `${goAway}\n`);
        const again = await receive(u, gw, path, 'xhr_streaming');
        assert.strictEqual(await again.chunk(), `${goAway}\n`);
        assert.strictEqual(await stream.chunk(), '', 'the end of the first');
      }
    }),
    ...['close', 'reset'].map((way) => t.test(`sockjs 37: the reader's connection breaks (${way}), the next one comes at once`, async (u) => {
      for (let i = 0; i < 20; ++i)
        for (const name of Object.keys(receivers)) {
          const path = await s.opened(u, gw);
          const first = await receive(u, gw, path, name);
          first[way]();
          assert.match(await s.poll(u, gw, path), /^(o|c\[1002,"Connection interrupted"\])\n$/, name);
        }
    })),
    t.test('sockjs 37: the connection breaks while the session writes to it', async (u) => {
      for (const name of Object.keys(receivers)) {
        const path = await s.opened(u, gw, 'probe');
        const reader = await receive(u, gw, path, name);
        const sender = new s.Http(u, gw).send('POST', `${path}/xhr_send`, { body: '["slow 200"]' });
        await sleep(50);
        reader.reset();
        assert.ok([204, 404].includes((await sender.answer()).status));
        await waitFor('its end', async () => (await s.post(u, gw, `${path}/xhr_send`, '[]')).status === 404);
      }
    }),
    t.test('sockjs 37: the client leaves before its request is looked at', async (u) => {
      // The shard of the session is busy meanwhile, so the request and the end of its connection are seen together.
      const busy = await s.opened(u, gw, 'probe');
      const sender = new s.Http(u, gw).send('POST', `${busy}/xhr_send`, { body: '["slow 200"]' });
      const left = Array.from({ length: 30 }, () => s.session('probe'));
      for (const path of left) {
        const http = new s.Http(u, gw).send('POST', `${path}/xhr_streaming`, { body: '' });
        await new Promise((resolve) => { http.raw.socket.once('connect', () => setImmediate(() => { http.reset(); resolve(); })); });
      }
      await sender.answer();
      for (const path of left) await waitFor('its end', async () => (await s.post(u, gw, `${path}/xhr_send`, '[]')).status === 404);
    }),
    t.test('sockjs section 8: sessions of one address', async (u) => {
      const first = s.session('few');
      const stream = await receive(u, gw, first, 'xhr_streaming');
      const second = await s.opened(u, gw, 'few');
      for (const [name, { method }] of Object.entries(receivers)) {
        const refused = await s.ask(u, gw, method, `${s.session('few')}/${name}`);
        assert.strictEqual(refused.status, 429, name);
        assert.match(refused.headers['retry-after'], /^\d+$/);
        s.assertNotCached(refused);
        assert.strictEqual(refused.headers['access-control-allow-origin'], /^(xhr|event)/.test(name) ? '*' : undefined);
      }
      await s.send(u, gw, second, 'x');
      assert.strictEqual(await s.poll(u, gw, second), 'a["x"]\n', 'those that are there go on');
      const client = await s.websocket(u, gw, `${s.session('few')}/websocket`);
      assert.strictEqual(await client.next(), 'o', 'a WebSocket costs its client a connection');
      const elsewhere = new s.Http(u, gw, { localAddress: '127.0.0.2' }).send('POST', `${s.session('few')}/xhr`, { body: '' });
      assert.strictEqual((await elsewhere.answer()).body, 'o\n', 'another address');
      stream.close();
      await waitFor('room', async () => (await s.post(u, gw, `${s.session('few')}/xhr`, '')).status === 200);
    }),
    t.test('sockjs section 8: sessions of a mount', async (u) => {
      const stream = await receive(u, gw, s.session('full'), 'eventsource');
      const refused = await s.post(u, gw, `${s.session('full')}/xhr`, '');
      assert.strictEqual(refused.status, 503);
      stream.close();
      await waitFor('room', async () => (await s.post(u, gw, `${s.session('full')}/xhr`, '')).status === 200);
    }),
    t.test('sockjs section 8: a client that says nothing', async (u) => {
      const stream = await receive(u, gw, s.session('idle'), 'xhr_streaming');
      assert.deepStrictEqual(await stream.chunks(), ['o\n', 'c[1001,"idle"]\n']);
      const path = s.session('probe');
      const told = await receive(u, gw, path, 'xhr_streaming');
      await s.send(u, gw, path, 'expect 100');
      assert.deepStrictEqual(await told.chunks(), ['o\n', 'c[4000,"say something"]\n']);
    }),
  ]);
});

test('sockjs 38: the dialect is told of each end once', async (t) => {
  const gw = await s.start(t, { mounts: { probe: { plugin: 'probe', sockjs: { disconnect_delay: '300ms' } } } }, { debug: true });
  const lines = (text) => gw.lines.filter((l) => l.includes(text)).length;
  const ids = [];
  const fresh = () => {
    ids.push(s.session('probe'));
    return ids.at(-1);
  };
  // Broken off, forgotten, closed by the dialect with and without a reader, thrown in a hook, over WebSocket; and two that last until shutdown.
  for (const way of ['close', 'reset']) (await receive(t, gw, fresh(), 'xhr_streaming'))[way]();
  assert.strictEqual(await s.poll(t, gw, fresh()), 'o\n');
  for (const command of ['close 3000 Go away!', 'throw']) {
    const path = fresh();
    assert.strictEqual(await s.poll(t, gw, path), 'o\n');
    await s.send(t, gw, path, command);
    const read = fresh();
    const stream = await receive(t, gw, read, 'xhr_streaming');
    await s.send(t, gw, read, command);
    assert.match((await stream.chunks()).at(-1), /^c\[/);
  }
  const client = await s.websocket(t, gw, `${fresh()}/websocket`);
  client.socket.close();
  await waitFor('their ends', () => lines('session closed') === 8);
  await receive(t, gw, fresh(), 'eventsource');
  await s.websocket(t, gw, `${fresh()}/websocket`);
  await waitFor('two more', () => lines('session opened') === 10);
  await gw.stop();
  assert.strictEqual(lines('session opened'), 10);
  assert.strictEqual(lines('session closed'), 10);
  for (const path of ids) assert.ok(!gw.log.includes(path.split('/').at(-1)), 'ids are secrets');
});

test('sockjs section 8: a reader that is too slow', async (t) => {
  const gw = await s.start(t, { listener: ', idle_timeout: 1s', mounts: { probe: { plugin: 'probe', limits: { queue_bytes: 200000 }, sockjs: { response_bytes: '1GiB', disconnect_delay: '1s' } } } });
  const body = 'x'.repeat(100000);
  const subscribed = async (name = 'xhr_streaming') => {
    const path = s.session('probe');
    const stream = await receive(t, gw, path, name);
    await s.send(t, gw, path, 'sub c * 1');
    let chunk = '';
    while (!chunk.includes('subscribed')) chunk = await stream.chunk();
    stream.raw.socket.pause();
    return stream;
  };
  const closed = () => gw.metric('dragoman_sessions_ended_total', 'mount="probe",reason="slow_reader"');
  const flood = async () => {
    const before = await closed();
    await waitFor('the session to be closed', async () => {
      for (let i = 0; i < 10; ++i) await gw.publish({ channel: 'c', key: 'k', body });
      return await closed() > before;
    });
  };
  await t.test('sockjs section 8: is closed when its queue is full, and can read so', async () => {
    const stream = await subscribed();
    await flood();
    stream.raw.socket.resume();
    let last;
    for (let chunk = await stream.chunk(); chunk; chunk = await stream.chunk()) {
      assert.ok(chunk.length < 500000);
      last = chunk;
    }
    assert.strictEqual(last, 'c[1008,"too slow"]\n');
    assert.ok(await gw.metric('dragoman_drops_total', 'mount="probe",reason="slow_reader_closed"') > 0);
  });
  await t.test('sockjs section 8: is cut off when it takes nothing at all', async () => {
    await subscribed('eventsource');
    await flood();
    await waitFor('the end of the session', async () => await gw.metric('dragoman_sessions_open', 'mount="probe"') === 0);
  });
  await t.test('sockjs section 8: a flood is closed, a message in parts has the same bound', async () => {
    for (const [command, close] of [['flood 400 1000', 'c[1008,"too slow"]\n'], ['heedless 30 10000', 'c[1009,"the message is too large for this transport"]\n']]) {
      const path = s.session('probe');
      const stream = await receive(t, gw, path, 'xhr_streaming');
      await s.send(t, gw, path, command);
      let got = '';
      while (!got.startsWith('c')) got = await stream.chunk();
      assert.strictEqual(got, close);
    }
  });
});
