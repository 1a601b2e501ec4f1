// SPDX-License-Identifier: Apache-2.0
// A dialect with map() and subscriptions of bus events (DGM_DIALECT_MAP_FEEDS), seen through the test dialect `probe`.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { startGateway } = require('../support/gateway');
const { probeConfig, open, ask } = require('./probe');

const config = probeConfig({ threads: 3 }).replace('limits:', 'settings: {feed: fed}, limits:');

test('map(): what it is fed reaches sessions through it alone, once, and all else as it comes', async (t) => {
  const gw = await startGateway(t, config);
  const clients = await Promise.all(Array.from({ length: 6 }, () => open(t, gw)));
  for (const client of clients) for (const channel of ['fed', 'other']) assert.match(await ask(client, `sub ${channel} # 1`), /^subscribed [1-9]/);
  for (const channel of ['fed', 'other', 'fed']) await gw.publish({ channel, key: 'k', body: channel });
  for (const client of clients) {
    const came = [await client.next(), await client.next(), await client.next()];
    // What map() makes of an event may come behind the next event.
    assert.deepStrictEqual(came.sort(), ['1:mapped fed', '1:mapped fed', '1:other']);
    assert.match(await ask(client, 'sub end # 1'), /^subscribed/);
  }
  await gw.publish({ channel: 'end', key: 'k', body: 'end' });
  for (const client of clients) assert.strictEqual(await client.next(), '1:end');
});
