// SPDX-License-Identifier: Apache-2.0
// One event for the clients of five systems: the command that ./dev run prints, against the configuration that it serves, as the clients that exist
// see it: @wazo/sdk, sockjs-client, clients in the manner of the two classes that the Valtronics document prints, and plain sockets.
'use strict';
const { after, test } = require('node:test');
const assert = require('node:assert');
const { execFile, spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const { promisify } = require('node:util');
const SockJS = require('sockjs-client');
const WebSocket = require('ws');
const { WebSocketClient } = require('./node_modules/@wazo/sdk/dist/wazo-sdk.js');
const { adminToken } = require('../support/gateway');
const { connect, deadline } = require('../support/client');
const { jwt } = require('../dialects/valtronics/valtronics');
const lastingClient = require('./fixtures/lasting-client');
const { ValtronicsClient } = require('./fixtures/valtronics-client');
const { account, alarm, startDemo } = require('./demo');
const Inbox = require('./inbox');

const root = path.join(__dirname, '../..');
// The SDK's reconnecting socket keeps a timer of its own after it was closed, which would keep this process.
after(() => { setTimeout(() => process.exit(), 200).unref(); });

// Each is ready for events when its promise resolves, and gives one after the other with next().
const clients = {
  async wazo(t, gw) {
    class Trusting extends WebSocket {
      constructor(url, protocols) { super(url, protocols, { rejectUnauthorized: false }); }
    }
    const client = new WebSocketClient({ host: `127.0.0.1:${gw.port('wazo')}`, token: 'some-token-id', version: 2, events: ['demo_alarm'] },
      { WebSocket: Trusting });
    t.after(() => { client.stopHeartbeat?.(); client.close(); });
    const inbox = new Inbox();
    client.on('demo_alarm', (message) => inbox.put(message));
    const initialized = new Promise((resolve) => client.on('initialized', resolve));
    client.connect();
    await deadline(initialized, '@wazo/sdk to be initialized');
    return inbox;
  },
  async honeytrap(t, gw) {
    const client = await connect(t, `ws://127.0.0.1:${gw.port('honeytrap')}/ws`);
    return { next: async () => JSON.parse(await client.next()) };
  },
  async lavaboom(t, gw) {
    const client = lastingClient(SockJS, `http://127.0.0.1:${gw.port('lavaboom')}/ws`, 'websocket');
    t.after(() => client.stop());
    await deadline(client.opened(1), 'sockjs-client to connect');
    assert.deepStrictEqual(await client.ask({ type: 'subscribe', token: 'valid token' }), { type: 'subscribed' });
    return { next: (what) => deadline(client.next(), what) };
  },
  async valtronics(t, gw) {
    const client = new ValtronicsClient(`ws://127.0.0.1:${gw.port('http')}/ws`, jwt());
    t.after(() => client.disconnect());
    const inbox = new Inbox();
    for (const on of ['onAuthResponse', 'onAlert', 'onTelemetryUpdate', 'onPong']) client[on] = (message) => inbox.put(message);
    client.connect();
    assert.strictEqual((await inbox.next('the answer to auth')).success, true);
    client.subscribe('alerts');
    client.subscribe('telemetry');
    client.ping();
    assert.strictEqual((await inbox.next('the pong')).type, 'pong');
    return inbox;
  },
  async script(t, gw) {
    // python3-websockets is Debian's, so is the interpreter that finds it.
    const child = spawn('/usr/bin/python3', [path.join(__dirname, 'fixtures/valtronics_client.py'), `ws://127.0.0.1:${gw.port('http')}/ws`, jwt()],
      { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    const inbox = new Inbox();
    readline.createInterface({ input: child.stdout }).on('line', (line) => inbox.put(JSON.parse(line)));
    assert.deepStrictEqual(await inbox.next('the script to authenticate'), { what: 'authenticated' });
    child.stdin.write('subscribe alerts\nsubscribe telemetry\nping\n');
    assert.deepStrictEqual(await inbox.next('the pong'), { what: 'pong' });
    return inbox;
  },
  async kazoo(t, gw) {
    const client = await connect(t, `ws://127.0.0.1:${gw.port('kazoo')}/`);
    const next = async () => JSON.parse(await client.next());
    client.send({ action: 'subscribe', auth_token: 'demo-account-token', request_id: 'r1', data: { account_id: account, binding: 'object.doc_edited.device' } });
    assert.strictEqual((await next()).status, 'success');
    return { next };
  },
};

// What each client sees of an alarm. number: what Valtronics calls the device.
const database = 'account%2F4b%2F31%2Fdd1d32ce6d249897c06332375d65';
const forms = (id, { device, severity, text, value = 1 }, time, number = device) => ({
  wazo: [{ name: 'demo_alarm', required_acl: 'events.demo.alarm', data: { device, severity, text, account, ...(value === 1 ? {} : { value }) } }],
  honeytrap: [{ type: 6, payload: [{ type: 51, sensor: device, date: time, category: 'alarm', data: `${severity}: ${text}` }] }],
  lavaboom: [{ type: 'receipt', id, name: text }],
  valtronics: [
    { type: 'alert', channel: 'alerts', alert_id: 'a number', device_id: number, severity, title: `Alarm of ${device}`, message: text, timestamp: time,
      metadata: {}, alert_type: 'demo' },
    { type: 'telemetry_update', channel: 'telemetry', device_id: number, telemetry: { alarm: { value, unit: null, timestamp: time } } },
  ],
  script: [
    { what: 'alert', alert_id: 'a number', severity, title: `Alarm of ${device}` },
    { what: 'telemetry_update', device_id: number, telemetry: { alarm: { value, unit: null, timestamp: time } } },
  ],
  kazoo: [{ action: 'event', subscribed_key: 'object.doc_edited.device', subscription_key: `doc_edited.${database}.device.*`, name: 'doc_edited',
    routing_key: `doc_edited.${database}.device.${device}`,
    data: { event_category: 'configuration', event_name: 'doc_edited', account_id: account, type: 'device', id: device, doc: { severity, text } } }],
});

// With what nobody can foretell replaced by what it is.
function masked(message) {
  return JSON.parse(JSON.stringify(message), (name, value) => {
    if (['date', 'timestamp'].includes(name) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && Math.abs(Date.parse(value) - Date.now()) < 60000) return 'now';
    if (name === 'alert_id' && Number.isInteger(value)) return 'a number';
    if (value?.type === 'receipt' && /^\d{19}$/.test(value.id)) return { ...value, id: 'nanoseconds' };
    return value;
  });
}

async function expectForms(started, expected) {
  for (const [name, messages] of Object.entries(expected))
    for (const message of messages) assert.deepStrictEqual(masked(await started[name].next(`the event at ${name}`)), message, name);
}

// The command as it is printed, with its continuation lines.
const command = (text) => text.match(/^ *curl .*cloudevents\+json(?:.|\n)*?}}'$/m)?.[0].replace(/(?:\\?\s)+/g, ' ').trim();

test('one event: one curl, five systems', async (t) => {
  const gw = await startDemo(t);
  const started = Object.fromEntries(await Promise.all(Object.entries(clients).map(async ([name, start]) => [name, await start(t, gw)])));
  const printed = command(fs.readFileSync(path.join(root, 'dev'), 'utf8'));

  await t.test('one event: the command that ./dev run prints', async () => {
    const here = printed.replace('Bearer demo', `Bearer ${adminToken}`).replace('127.0.0.1:9600', `127.0.0.1:${gw.adminPort}`);
    for (let times = 0; times < 2; times += 1) {
      const { stdout } = await promisify(execFile)('sh', ['-c', here]);
      assert.match(stdout, /^{"id":"\d{19}"}\n$/);
      await expectForms(started, forms('nanoseconds', { device: 'pump-7', severity: 'critical', text: 'Pressure is too high' }, 'now'));
    }
  });
  await t.test('one event: README opens with it', () => {
    const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
    assert.strictEqual(command(readme.replace('$ curl', 'curl')), printed);
    assert.strictEqual(readme.match(/\n## .*/)[0], '\n## One event, every dialect');
  });
  await t.test('one event: in the binary mode, with a value', async () => {
    const { data } = alarm('', { device: '12', severity: 'info', text: 'Grüße, "<b>"', value: 23.5 });
    const answer = await gw.request('POST', '/publish', { body: JSON.stringify(data), headers: { 'Content-Type': 'application/json',
      'ce-specversion': '1.0', 'ce-id': 'b1', 'ce-source': '/alarms', 'ce-type': 'demo.alarm', 'ce-time': '2024-05-31T17:31:00.250Z' } });
    assert.deepStrictEqual([answer.status, answer.json], [200, { id: 'b1' }]);
    await expectForms(started, forms('b1', data, '2024-05-31T17:31:00.250Z', 12));
  });
});
