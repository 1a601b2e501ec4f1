// SPDX-License-Identifier: Apache-2.0
// dragoman sessions: the sessions of a mount, whatever its dialect tells of them.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { execFile } = require('node:child_process');
const { startGateway, wazoConfig, program, adminToken } = require('../support/gateway');
const { connect } = require('../support/client');
const k = require('../dialects/kazoo/kazoo');

const list = (gw, ...args) => new Promise((resolve) => {
  execFile(program, ['sessions', ...args, '--url', `http://127.0.0.1:${gw.adminPort}`], { env: { ...process.env, DRAGOMAN_TOKEN: adminToken } },
    (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr }));
});

test('sessions: what kazoo tells of its clients', async (t) => {
  const gw = await k.start(t, { threads: 3 });
  const socket = await k.open(t, gw);
  await socket.subscribe('call.*.*', { name: 'a\u001b[31m\nb' });
  await k.open(t, gw);
  const { code, stdout } = await list(gw, 'kazoo');
  const [head, ...lines] = stdout.trimEnd().split('\n');
  assert.deepStrictEqual([code, lines.length], [0, 2], stdout);
  assert.match(head, /^session +shard +subscriptions +queued +user +details$/);
  const named = lines.filter((line) => line.includes(`127.0.0.1:${socket.client.socket._socket.localPort} {"bindings":["call.*.*"]`));
  assert.strictEqual(named.length, 1, stdout);
  assert.match(named[0], new RegExp(`^\\S+ +[0-2] +9 +0 +@${k.A} `));
  assert.ok(!/[\u0000-\u0009\u000b-\u001f]/.test(stdout), 'a client writes nothing on the terminal of who lists it');
  assert.ok(!stdout.includes('demo-account-token'));

  assert.strictEqual(JSON.parse((await list(gw, 'kazoo', '--json')).stdout).total, 2);
  assert.match((await list(gw, 'kazoo', '--limit', '1')).stdout, /\n1 of 2 sessions\n$/);
});

test('sessions: of a dialect that tells nothing, and refusals', async (t) => {
  const gw = await startGateway(t, wazoConfig());
  const client = await connect(t, `ws://127.0.0.1:${gw.port('wazo')}/?version=2&token=some-token-id`);
  await client.next();
  assert.strictEqual((await list(gw, 'wazo')).stdout.trimEnd().split('\n').length, 2);
  for (const args of [['nowhere'], ['wazo', '--token', 'wrong'], ['wazo', '--limit', '0']]) {
    const { code, stdout, stderr } = await list(gw, ...args);
    assert.notStrictEqual(code, 0);
    assert.deepStrictEqual([stdout, stderr.length > 0], ['', true]);
  }
});
