// SPDX-License-Identifier: Apache-2.0
// kazoo digest section 6: what a broker is asked for on behalf of all clients. MQTT has one channel, so this is of faxes alone.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const k = require('./kazoo');
const { startGateway, waitFor } = require('../../support/gateway');
const { startMosquitto } = require('../../support/mosquitto');
const { busSettings } = require('../../support/mqtt');

test('kazoo 41: the broker is asked once for all clients, until the last of them leaves', async (t) => {
  const broker = await startMosquitto(t);
  const bus = { plugin: 'mqtt', settings: busSettings(broker, { channel: 'faxes' }) };
  const gw = await startGateway(t, k.config().replace('buses: {main: {plugin: embedded}}', `buses: {main: ${JSON.stringify(bus)}}`));
  const has = (...filters) => waitFor(`${filters}`, () => broker.subscriptions('gw').join() === filters.join());
  const [one, two, three] = await Promise.all([0, 1, 2].map(() => k.open(t, gw)));
  const wide = `fax/status/${k.A}/+`, other = `fax/status/${k.B}/job1`;
  await one.subscribe('fax.status.*');
  await two.subscribe('fax.status.*');
  await three.subscribe('fax.status.job1', { account_id: k.B, token: 'b-token' });
  await has(wide, other);
  await broker.pub(`fax/status/${k.A}/job1`, '{"Event-Name":"status"}');
  for (const socket of [one, two]) assert.strictEqual((await socket.event()).routing_key, `fax.status.${k.A}.job1`);
  await one.unsubscribe('fax.status.*');
  await three.unsubscribe('fax.status.job1', k.B);
  await has(wide);
  await broker.pub(`fax/status/${k.A}/job2`, '{"Event-Name":"status"}');
  assert.strictEqual((await two.event()).routing_key, `fax.status.${k.A}.job2`);
  await one.noEvent();
  two.client.close();
  await has();
});
