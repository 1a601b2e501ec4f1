// SPDX-License-Identifier: Apache-2.0
// A platform with devices and its clients, for tests. Numbers in titles are those of the digest's statements.
'use strict';
const assert = require('node:assert');
const crypto = require('node:crypto');
const { startGateway, adminToken } = require('../../support/gateway');
const { connect } = require('../../support/client');

const tokens = [
  { token: 'good', user: 'ann' },
  { token: 'other', user: 'bob' },
  { token: 'again', user: 'ann' },
  { token: 'refresh', user: 'ann', claims: { type: 'refresh' } },
  { token: 'reader', user: 'ann', claims: { permissions: ['telemetry:read'] } },
  { token: 'operator', user: 'ann', claims: { role: 'operator' } },
  { token: 'past', user: 'ann', expires: '2001-01-01T00:00:00Z' },
];

// A configuration with one valtronics mount.
function config({ settings = {}, limits = {}, threads = 2, mount = [], top = [] } = {}) {
  return [
    `threads: ${threads}`,
    'listeners: {v: {address: "127.0.0.1:0"}}',
    'buses: {main: {plugin: embedded}}',
    `authenticators: {demo: {type: static, tokens: ${JSON.stringify(tokens)}}}`,
    ...top,
    'mounts:',
    '  valtronics:',
    '    plugin: valtronics',
    '    listen: [{listener: v, path: "/"}]',
    '    bus: main',
    '    authenticator: demo',
    ...mount.map((line) => `    ${line}`),
    `    limits: ${JSON.stringify({ connections_per_minute: 0, ...limits })}`,
    `    settings: ${JSON.stringify({ devices: { 'TEMP-001': 1 }, ...settings })}`,
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
    '',
  ].join('\n');
}

const start = (t, options = {}, extra = {}) => startGateway(t, config(options), extra);
const url = (gw, path = '/ws') => `ws://127.0.0.1:${gw.port('v')}${path}`;

// What a client gets, parsed.
const read = async (client) => JSON.parse(await client.next());
async function expectError(client, code, extra = {}) {
  const { type, error, message, ...rest } = await read(client);
  assert.deepStrictEqual({ type, error, ...rest }, { type: 'error', error: code, ...extra });
  assert.ok(message);
}
const auth = (client, token = 'good') => client.send({ type: 'auth', token });
const welcome = { type: 'auth_response', success: true, message: 'Authentication successful' };
async function expectRefusal(client, code = 'invalid_token') {
  const { message, ...rest } = await read(client);
  assert.deepStrictEqual(rest, { type: 'auth_response', success: false, error: code });
  assert.ok(message);
}
// Connected and authenticated.
async function session(t, gw, { token = 'good', path = '/ws' } = {}) {
  const client = await connect(t, url(gw, path));
  auth(client, token);
  assert.deepStrictEqual(await read(client), welcome);
  return client;
}
// Everything sent before has been handled.
async function settled(client) {
  client.send({ type: 'ping' });
  assert.strictEqual((await read(client)).type, 'pong');
}
async function subscribe(client, channel, filters = {}) {
  client.send({ type: 'subscribe', channel, ...filters });
  await settled(client);
}
// Connected, authenticated and subscribed.
async function listening(t, gw, channel, filters = {}, options = {}) {
  const client = await session(t, gw, options);
  await subscribe(client, channel, filters);
  return client;
}

// Publishers. values: {metric: value}
const topic = (gw, key, body) => gw.publish({ channel: 'valtronics', key: `valtronics/${key}`, body: typeof body === 'string' ? body : JSON.stringify(body) });
const noon = '2024-01-01T12:00:00Z';
const report = (gw, device, values) => topic(gw, `${device}/telemetry`,
  { timestamp: noon, metrics: Object.entries(values).map(([name, value]) => ({ name, value, unit: '°C' })) });
const telemetry = (device, values) => ({ type: 'telemetry_update', channel: 'telemetry', device_id: device,
  telemetry: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, unit: '°C', timestamp: noon }])) });
const status = (gw, device, now, extra = {}) => topic(gw, `${device}/status`, { device_id: `${device}`, status: now, timestamp: noon, ...extra });
const alert = (gw, device, severity, extra = {}) => topic(gw, `${device}/alert`, { type: 'threshold', severity, message: 'm', timestamp: noon, ...extra });

// Tokens as config/demo.yaml takes them.
const secret = 'dragoman-demo-secret-not-for-production';
const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
function jwt(claims = {}, { alg = 'HS256', key = secret } = {}) {
  const text = `${encode({ alg, typ: 'JWT' })}.${encode({ sub: 'ann', exp: Math.floor(Date.now() / 1000) + 600, ...claims })}`;
  return `${text}.${alg === 'none' ? '' : crypto.createHmac('sha256', key).update(text).digest('base64url')}`;
}

module.exports = { config, start, url, connect, read, expectError, expectRefusal, auth, welcome, session, settled, subscribe, listening, topic,
  report, telemetry, status, alert, noon, secret, jwt };
