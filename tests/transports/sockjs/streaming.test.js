// SPDX-License-Identifier: Apache-2.0
// SockJS digest statements 59-65: xhr_streaming, eventsource, htmlfile; 32, 74, 75: streams stay open and end in order.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const s = require('./sockjs');

const htmlHead = (callback) => `<!doctype html>
<html><head>
  <meta http-equiv="X-UA-Compatible" content="IE=edge" />
  <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
</head><body><h2>Don't panic!</h2>
  <script>
    document.domain = document.domain;
    var c = parent.${callback};
    c.start();
    function p(d) {c.message(d);};
    window.onload = function() {c.stop();};
  </script>`;
const inScript = (frame) => `<script>\np(${JSON.stringify(frame).replaceAll('<', '\\u003c')});\n</script>\r\n`;

// The streams: how to ask, what comes before the first frame, what a frame looks like.
const kinds = {
  xhr_streaming: { method: 'POST', type: s.script, prelude: (x) => assert.strictEqual(x, `${'h'.repeat(2048)}\n`), wrap: (f) => `${f}\n` },
  eventsource: { method: 'GET', type: 'text/event-stream', prelude: (x) => assert.strictEqual(x, '\r\n'), wrap: (f) => `data: ${f.replaceAll('%', '%25')}\r\n\r\n` },
  htmlfile: {
    method: 'GET', type: 'text/html; charset=UTF-8', query: '?c=%63allback', wrap: inScript,
    prelude: (x) => {
      assert.strictEqual(x.trim(), htmlHead('callback'));
      assert.ok(x.length > 1024 && x.endsWith('</script>' + ' '.repeat(x.length - htmlHead('callback').length - 4) + '\r\n\r\n'), `${x.length} octets`);
    },
  },
};
// Asks for the stream and reads up to the first frame.
async function begin(u, gw, path, name, options = {}) {
  const kind = kinds[name];
  const http = new s.Http(u, gw).send(kind.method, `${path}/${name}${kind.query || ''}`, options);
  const head = await http.head();
  assert.strictEqual(head.status, 200);
  kind.prelude(await http.chunk());
  return { http, head };
}

test('sockjs: streaming', async (t) => {
  const gw = await s.start(t, { mounts: {
    echo: { sockjs: { response_bytes: 4096 } }, probe: { plugin: 'probe' }, lively: { sockjs: { heartbeat: '200ms' } },
  } });
  await Promise.all([
    ...Object.entries(kinds).map(([name, kind]) => t.test(`sockjs 59, 61, 64, 75: ${name}, one chunk for each frame`, async (u) => {
      const path = s.session();
      const { http, head } = await begin(u, gw, path, name, { headers: { Origin: 'https://a.example' } });
      assert.strictEqual(head.headers['content-type'], kind.type);
      assert.strictEqual(head.headers['transfer-encoding'], 'chunked');
      assert.ok(!('content-length' in head.headers));
      s.assertNotCached(head);
      assert.strictEqual(head.headers['access-control-allow-origin'], name === 'htmlfile' ? undefined : 'https://a.example');
      assert.strictEqual(await http.chunk(), kind.wrap('o'));
      for (const message of ['x', '"\\\n\u2028\u{1F600}', '', '%41 100%', '</script><!--', 'é']) {
        await s.send(u, gw, path, message);
        const frame = `a[${JSON.stringify(message).replace('\u2028', '\\u2028').replace('\u{1F600}', '\\ud83d\\ude00')}]`;
        assert.strictEqual(await http.chunk(), kind.wrap(frame));
      }
    })),
    ...Object.entries(kinds).map(([name, kind]) => t.test(`sockjs 60, 75: ${name} ends at the limit, and the session lives on`, async (u) => {
      const path = s.session();
      const { http } = await begin(u, gw, path, name);
      const frame = kind.wrap(s.aFrame('x'.repeat(128)));
      const first = kind.wrap('o').length;
      assert.strictEqual(await http.chunk(), kind.wrap('o'));
      const fit = Math.ceil((4096 - first) / frame.length);
      if (name === 'xhr_streaming') assert.strictEqual(fit, 31);
      for (let i = 0; i < fit; ++i) {
        await s.send(u, gw, path, 'x'.repeat(128));
        assert.strictEqual(await http.chunk(), frame);
      }
      assert.strictEqual(await http.chunk(), '', 'the end');
      await s.send(u, gw, path, 'more');
      const next = await begin(u, gw, path, name);
      assert.strictEqual(await next.http.chunk(), kind.wrap('a["more"]'));
      assert.strictEqual((await http.send('GET', '/echo').answer()).status, 200, 'the connection is free again');
    })),
    ...Object.entries(kinds).map(([name, kind]) => t.test(`sockjs 63: ${name}, a message above the limit comes whole`, async (u) => {
      const path = s.session();
      const { http } = await begin(u, gw, path, name);
      assert.strictEqual(await http.chunk(), kind.wrap('o'));
      await s.send(u, gw, path, 'x'.repeat(4096));
      assert.deepStrictEqual(await http.chunks(), [kind.wrap(s.aFrame('x'.repeat(4096)))]);
    })),
    ...Object.entries(kinds).map(([name, kind]) => t.test(`sockjs 74: ${name} over HTTP/1.0`, async (u) => {
      const path = s.session();
      const http = new s.Http(u, gw).send(kind.method, `${path}/${name}${kind.query || ''}`, { version: '1.0', headers: { Connection: 'Keep-Alive' } });
      const head = await http.head();
      for (const header of ['content-length', 'transfer-encoding']) assert.ok(!(header in head.headers));
      assert.strictEqual(head.headers.connection, 'close');
      await http.raw.until('the open frame', (x) => x.endsWith(kind.wrap('o')));
      await s.send(u, gw, path, 'x'.repeat(4096));
      const all = await http.rest();
      const tail = kind.wrap('o') + kind.wrap(s.aFrame('x'.repeat(4096)));
      assert.ok(all.endsWith(tail));
      kind.prelude(all.slice(0, -tail.length));
    })),
    ...Object.entries(kinds).map(([name, kind]) => t.test(`sockjs 32: ${name} shows life again and again`, async (u) => {
      const path = s.session('lively');
      const { http } = await begin(u, gw, path, name);
      assert.strictEqual(await http.chunk(), kind.wrap('o'));
      for (let i = 0; i < 2; ++i) assert.strictEqual(await http.chunk(), kind.wrap('h'));
      await s.send(u, gw, path, 'x');
      let next = await http.chunk();
      while (next === kind.wrap('h')) next = await http.chunk();
      assert.strictEqual(next, kind.wrap('a["x"]'));
    })),
    t.test('sockjs 32: a parked poll is answered with a sign of life', async (u) => {
      for (const [method, name, body] of [['POST', 'xhr', 'h\n'], ['GET', 'jsonp?c=x', '/**/x("h");\r\n']]) {
        const path = await s.opened(u, gw, 'lively');
        assert.strictEqual((await s.ask(u, gw, method, `${path}/${name}`)).body, body);
        await s.send(u, gw, path, 'x');
        assert.strictEqual(await s.poll(u, gw, path), 'a["x"]\n');
      }
    }),
    t.test('sockjs 62: eventsource escapes what the client decodes', async (u) => {
      const path = s.session();
      const { http } = await begin(u, gw, path, 'eventsource');
      await http.chunk();
      await s.send(u, gw, path, '100%');
      assert.strictEqual(await http.chunk(), 'data: a["100%25"]\r\n\r\n');
      await s.send(u, gw, path, '%0A\r\n\0');
      assert.strictEqual(await http.chunk(), 'data: a["%250A\\r\\n\\u0000"]\r\n\r\n');
    }),
    t.test('sockjs 65: htmlfile, no script of the message', async (u) => {
      const path = s.session();
      const { http } = await begin(u, gw, path, 'htmlfile');
      await http.chunk();
      for (const message of ['</script>', '</SCRIPT ', '<!--<script>', '\u2028</script>']) {
        await s.send(u, gw, path, message);
        const chunk = await http.chunk();
        assert.strictEqual(chunk.indexOf('<', 1), chunk.indexOf('</script>\r\n'), chunk);
        assert.ok(chunk.endsWith('\n</script>\r\n'));
        const frame = JSON.parse(/^<script>\np\((.*)\);\n/.exec(chunk)[1]);
        assert.deepStrictEqual(JSON.parse(frame.slice(1)), [message]);
      }
    }),
    t.test('sockjs section 13: eventsource is for anyone when the origin is null', async (u) => {
      const { head } = await begin(u, gw, s.session(), 'eventsource', { headers: { Origin: 'null' } });
      assert.strictEqual(head.headers['access-control-allow-origin'], '*');
      assert.ok(!('access-control-allow-credentials' in head.headers));
    }),
    t.test('sockjs section 11: much at once is written in pieces and arrives whole', async (u) => {
      const path = s.session('probe');
      const { http } = await begin(u, gw, path, 'xhr_streaming');
      assert.strictEqual(await http.chunk(), 'o\n');
      await s.send(u, gw, path, 'flood 500 1000');
      let messages = 0;
      for (let streams = http; messages < 500;) {
        const chunk = await streams.chunk();
        if (!chunk) {
          streams = (await begin(u, gw, path, 'xhr_streaming')).http;
          continue;
        }
        for (const message of JSON.parse(chunk.slice(1))) {
          assert.strictEqual(message.length, 1000);
          messages += 1;
        }
      }
      assert.strictEqual(messages, 500);
    }),
    t.test('sockjs section 11: a message in parts is one frame', async (u) => {
      const path = s.session('probe');
      const { http } = await begin(u, gw, path, 'xhr_streaming');
      assert.strictEqual(await http.chunk(), 'o\n');
      await s.send(u, gw, path, 'parts 3 2 20');
      assert.strictEqual(await http.chunk(), 'a["aabbcc"]\n');
    }),
  ]);
});
