// SPDX-License-Identifier: Apache-2.0
// Clients that do not read (valtronics digest section 6, outgoing queue).
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../../support/gateway');
const v = require('./valtronics');

const limits = { queue_bytes: '256KiB', write_stall: 0, ping_interval: 0 };
const large = 'x'.repeat(60_000);

test('valtronics section 6: telemetry is dropped, oldest first, alerts never', async (t) => {
  const gw = await v.start(t, { threads: 1, limits });
  const client = await v.session(t, gw);
  for (const channel of ['telemetry', 'alerts']) await v.subscribe(client, channel);
  client.socket.pause();
  const alerts = 20;
  let reports = 0;
  for (let i = 0; i < alerts; ++i) {
    await v.alert(gw, 1, 'critical', { alert_id: i });
    for (let k = 0; k < 10; ++k) await v.report(gw, 1, { [`m${++reports}`]: large });
  }
  await waitFor('drops', async () => (await gw.metric('dragoman_drops_total', 'reason="oldest_dropped"')) > 0);
  client.socket.resume();
  const got = [];
  let latest = 0;
  while (latest < reports) {
    const message = await v.read(client);
    if (message.type === 'alert') got.push(message.alert_id);
    else [latest] = Object.keys(message.telemetry).map((name) => Number(name.slice(1)));
  }
  assert.deepStrictEqual(got, Array.from({ length: alerts }, (_, i) => i));
});

test('valtronics section 6: who has no room for alerts is closed with 1013', async (t) => {
  const gw = await v.start(t, { threads: 1, limits });
  const client = await v.session(t, gw);
  await v.subscribe(client, 'alerts');
  client.socket.pause();
  await waitFor('the end', async () => {
    for (let k = 0; k < 20; ++k) await v.alert(gw, 1, 'critical', { message: large });
    return (await gw.metric('dragoman_sessions_ended_total', 'reason="slow_reader"')) === 1;
  });
  client.socket.resume();
  assert.deepStrictEqual(await client.closed(), { code: 1013, reason: 'too slow' });
});
