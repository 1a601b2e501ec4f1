// SPDX-License-Identifier: Apache-2.0
// wazo digest statements 55, 56: shutdown and keepalive.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { raw, upgrade } = require('../../support/client');
const w = require('./wazo');

test('wazo 55: an orderly stop closes with 1001', async (t) => {
  const gw = await w.start(t);
  const clients = [await w.session(t, gw), await w.listening(t, gw, ['*'], 'token=some-token-id&version=2')];
  const end = gw.stop();
  for (const client of clients) assert.deepStrictEqual(await client.closed(), { code: 1001, reason: '' });
  await end;
});

test('wazo 56: a peer that answers no ping is closed with 1011', async (t) => {
  const gw = await w.start(t, { limits: { ping_interval: '300ms', pong_timeout: '400ms' } });
  const silent = raw(t, gw.port('wazo'));
  silent.write(upgrade('/?token=some-token-id'));
  const all = await silent.end();
  // Ping, then close with 1011 and the reason of the original.
  assert.match(all, /\x89\x00/);
  assert.match(all, /\x88\x18\x03\xf3keepalive ping timeout/);
  const alive = await w.session(t, gw);
  await new Promise((resolve) => { let n = 0; alive.socket.on('ping', () => { if (++n === 4) resolve(); }); });
  assert.strictEqual(alive.socket.readyState, 1, 'one that answers stays');
});
