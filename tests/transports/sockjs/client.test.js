// SPDX-License-Identifier: Apache-2.0
// SockJS digest statement 78: the client that browsers use, with each transport that it has in Node.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const s = require('./sockjs');
const SockJS = require(path.resolve(__dirname, '../../clients/node_modules/sockjs-client'));

const texts = ['x', '', '100%', '%41', '</script>', '\u2028', '\u{1F600}', '\0\r\n"\\', '\u200c\u0301\ufff0', 'y'.repeat(6000)];

function open(t, gw, mount, transport) {
  const client = new SockJS(`http://127.0.0.1:${gw.port('main')}/${mount}`, null, { transports: [transport] });
  t.after(() => client.close());
  const queue = [];
  let wake = () => {};
  client.onmessage = (e) => { queue.push(e.data); wake(); };
  const opened = new Promise((resolve, reject) => {
    client.onopen = resolve;
    client.onclose = (e) => reject(new Error(`closed with ${e.code} ${e.reason}`));
  });
  const next = async () => {
    while (!queue.length) await new Promise((resolve) => { wake = resolve; });
    return queue.shift();
  };
  return { client, opened, next };
}

test('sockjs 78: sockjs-client', async (t) => {
  const gw = await s.start(t, { mounts: {
    echo: { sockjs: { response_bytes: 4096 } }, probe: { plugin: 'probe' }, disabled: { sockjs: { websocket: false } }, lively: { sockjs: { heartbeat: '100ms' } },
  } });
  await Promise.all(['websocket', 'xhr-streaming', 'eventsource', 'xhr-polling'].flatMap((transport) => [
    t.test(`sockjs 78: ${transport} echoes`, async (u) => {
      const { client, opened, next } = open(u, gw, 'echo', transport);
      await opened;
      assert.strictEqual(client.transport, transport);
      for (const text of texts) {
        client.send(text);
        assert.strictEqual(await next(), text);
      }
      for (const text of texts) client.send(text);
      for (const text of texts) assert.strictEqual(await next(), text);
    }),
    t.test(`sockjs 78: ${transport} is closed by the dialect`, async (u) => {
      const { client, opened } = open(u, gw, 'probe', transport);
      await opened;
      const closed = new Promise((resolve) => { client.onclose = resolve; });
      client.send('close 3000 Go away!');
      const { code, reason, wasClean } = await closed;
      assert.deepStrictEqual({ code, reason, wasClean }, { code: 3000, reason: 'Go away!', wasClean: true });
    }),
    t.test(`sockjs 32: ${transport} takes signs of life`, async (u) => {
      const { client, opened, next } = open(u, gw, 'lively', transport);
      let beats = 0;
      client.onheartbeat = () => { beats += 1; };
      await opened;
      const many = new Promise((resolve) => { client.onheartbeat = () => { if (++beats === 3) resolve(); }; });
      if (transport !== 'websocket') await many;
      client.send('x');
      assert.strictEqual(await next(), 'x');
    }),
  ]));
  await t.test('sockjs 11: where WebSocket is off another transport is taken', async (u) => {
    const client = new SockJS(`http://127.0.0.1:${gw.port('main')}/disabled`);
    u.after(() => client.close());
    await new Promise((resolve, reject) => { client.onopen = resolve; client.onclose = reject; });
    assert.notStrictEqual(client.transport, 'websocket');
  });
});
