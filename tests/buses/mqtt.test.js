// SPDX-License-Identifier: Apache-2.0
// The bus mqtt with a real broker.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { startGateway, waitFor, adminToken } = require('../support/gateway');
const { connect } = require('../support/client');
const { startMosquitto, freePort, user } = require('../support/mosquitto');
const v = require('../dialects/valtronics/valtronics');

// A gateway with valtronics and wazo on one bus.
function config(broker, { settings = {}, top = [], mount = [], valtronics = {}, limits = {} } = {}) {
  const bus = { url: broker.url, client_id: 'gw', username: user.name, password: user.password, channel: 'iot', reconnect_min: '50ms',
    reconnect_max: '200ms', ...(broker.tls ? { ca: broker.tls.ca } : {}), ...settings };
  return [
    'threads: 2',
    ...top,
    'listeners: {v: {address: "127.0.0.1:0"}, wazo: {address: "127.0.0.1:0"}}',
    `buses: {broker: {plugin: mqtt, settings: ${JSON.stringify(bus)}}}`,
    'authenticators: {demo: {type: static, tokens: [{token: good, user: ann}, {token: some-token-id, grants: [websocketd, "#"]}]}}',
    'mounts:',
    '  valtronics:',
    '    plugin: valtronics',
    '    listen: [{listener: v, path: "/"}]',
    '    authenticator: demo',
    ...mount.map((line) => `    ${line}`),
    `    limits: ${JSON.stringify({ connections_per_minute: 0, ...limits })}`,
    `    settings: ${JSON.stringify({ channel: 'iot', devices: { 'TEMP-001': 1 }, ...valtronics })}`,
    '  wazo:',
    '    plugin: wazo',
    '    listen: [{listener: wazo, path: "/"}]',
    '    authenticator: demo',
    '    settings: {tls: "off", channel: iot}',
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
    '',
  ].join('\n');
}
const reasons = async (gw) => (await gw.request('GET', '/readyz')).json.reasons;
const connected = (gw) => waitFor('the broker', async () => (await reasons(gw)).length === 0);
async function start(t, broker, options = {}) {
  const gw = await startGateway(t, config(broker, options));
  await connected(gw);
  return gw;
}
const publish = (gw, key, body, more = {}, expect = 200) => gw.publish({ channel: 'iot', key, body: typeof body === 'string' ? body : JSON.stringify(body), ...more }, expect);

test('mqtt: the topics of valtronics 7', async (t) => {
  const broker = await startMosquitto(t);
  const gw = await start(t, broker);
  const client = await v.session(t, gw);
  for (const channel of ['telemetry', 'alerts', 'devices', 'system']) await v.subscribe(client, channel);
  const next = () => v.read(client);
  const one = { value: 23.5, unit: '°C', timestamp: v.noon };
  await broker.pub('valtronics/TEMP-001/telemetry', { timestamp: v.noon, metrics: [{ name: 'temperature', value: 23.5, unit: '°C' }] });
  assert.deepStrictEqual(await next(), v.telemetry(1, { temperature: 23.5 }));
  await broker.pub('valtronics/7/telemetry', { name: 'humidity', ...one });
  assert.deepStrictEqual(await next(), v.telemetry(7, { humidity: 23.5 }));
  await broker.pub('valtronics/devices/TEMP-001/telemetry/temperature', one);
  assert.deepStrictEqual(await next(), v.telemetry(1, { temperature: 23.5 }));
  await broker.pub('valtronics/TEMP-001/status', { device_id: 'TEMP-001', status: 'online', timestamp: v.noon });
  assert.strictEqual((await next()).type, 'device_status_update');
  await broker.pub('valtronics/devices/PUMP-9/status/power', { device_id: 'PUMP-9', status: 'online', timestamp: v.noon });
  assert.deepStrictEqual((({ device_id: d, type }) => ({ d, type }))(await next()), { d: 'PUMP-9', type: 'device_status_update' });
  await broker.pub('valtronics/TEMP-001/heartbeat', { device_id: 'TEMP-001', status: 'offline', timestamp: v.noon });
  assert.strictEqual((await next()).old_status, 'online');
  await broker.pub('valtronics/TEMP-001/alert', { type: 'threshold', severity: 'warning', message: 'm', timestamp: v.noon });
  assert.strictEqual((await next()).type, 'alert');
  await broker.pub('valtronics/system/alerts/critical', { type: 'outage', message: 'm', timestamp: v.noon });
  assert.strictEqual((await next()).severity, 'critical');
  await broker.pub('valtronics/TEMP-001/response', { status: 'done' });
  await broker.pub('valtronics/monitoring/metrics/disk_usage', { value: 1 });
  assert.deepStrictEqual((await next()).metrics, { disk_usage: 1 });
  await broker.pub('valtronics/system/status', { metrics: { cpu_usage: 45.2 }, timestamp: v.noon });
  assert.strictEqual((await next()).metrics.cpu_usage, 45.2);
  const text = '{"type": "telemetry_update", "channel": "telemetry", "device_id": 1, "telemetry": {"t":{"value": 1.50}}, "more": 1}';
  await broker.pub('valtronics/ws/telemetry', text);
  assert.strictEqual(await client.next(), text);
});
