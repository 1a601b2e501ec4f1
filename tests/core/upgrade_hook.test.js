// SPDX-License-Identifier: Apache-2.0
// A dialect may refuse a handshake (dgm.dialect/1 upgrade) before it is accepted.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { raw, upgrade } = require('../support/client');
const { startProbe, open } = require('./probe');

async function refused(t, gw, target) {
  const r = raw(t, gw.port('main'));
  r.write(upgrade(target));
  const text = await r.end();
  return [Number(text.slice(9, 12)), text.slice(text.indexOf('\r\n\r\n') + 4)];
}

test('upgrade hook: a refusal has the status and text of the dialect, and costs no place', async (t) => {
  const gw = await startProbe(t, { limits: { connections: 1 } });
  assert.deepStrictEqual(await refused(t, gw, '/?refuse=400'), [400, 'probe: refused\n']);
  assert.deepStrictEqual(await refused(t, gw, '/?refuse=599'), [599, 'probe: refused\n']);
  await open(t, gw);
  await gw.counted(1, 'dragoman_sessions_opened_total');
});

test('upgrade hook: what it throws is answered with 500', async (t) => {
  const gw = await startProbe(t);
  assert.deepStrictEqual(await refused(t, gw, '/?refuse'), [500, 'internal error\n']);
  await open(t, gw);
});

test('upgrade hook: another status is a breach of the contract', async (t) => {
  const gw = await startProbe(t);
  const r = raw(t, gw.port('main'));
  r.write(upgrade('/?refuse=200'));
  await r.end();
  const end = await gw.stop({ code: null });
  assert.strictEqual(end.signal, 'SIGABRT');
  assert.match(gw.log, /upgrade.*no HTTP status from 400 to 599/);
});
