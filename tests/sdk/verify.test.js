// SPDX-License-Identifier: Apache-2.0
// `dragoman verify-plugin` finds each plugin of the gallery tests/plugins/bad, and has nothing to say of good ones.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');
const build = process.env.DRAGOMAN_BUILD || path.join(root, 'build/release');
const gallery = path.join(build, 'lib/dragoman/bad-plugins');
const plugins = path.join(build, 'lib/dragoman/plugins');

function verify(...args) {
  return new Promise((resolve) => {
    execFile(path.join(build, 'bin/dragoman'), ['verify-plugin', '--json', '--messages', '100', ...args], (error, stdout, stderr) => {
      let report;
      try { report = JSON.parse(stdout); } catch { report = undefined; }
      resolve({ code: error ? error.code : 0, report, text: stdout + stderr });
    });
  });
}
const failures = (report) => report.findings.filter((f) => f.outcome === 'FAIL');

// Where it is found, and what is said; what fails at the handshake says the same as `dragoman plugins`.
const found = {
  configure_fails: ['settings', /moon\.phase: must be full/],
  create_fails: ['settings', /cannot create an instance/],
  start_fails: ['start', /cannot start/],
  slow_hook: ['slow hooks', /session_message: \d+ of \d+ calls/],
  throws: ['settings', /no settings today/],
  wrong_domain: ['start', /send: called before start\(\)/],
  broken_writer: ['100 sessions', /encode: left the writer/],
};

test('every bad plugin is found, with advice', async (t) => {
  const names = fs.readdirSync(gallery).map((file) => path.basename(file, '.so'));
  assert.ok(names.length > 25);
  for (const name of names.filter((n) => n !== 'good'))
    await t.test(name, async () => {
      const [scenario, says] = found[name] || ['load', /is refused: /];
      const { code, report, text } = await verify(path.join(gallery, `${name}.so`));
      assert.strictEqual(code, 1, text);
      const failure = failures(report).find((f) => f.scenario === scenario);
      assert.ok(failure, text);
      assert.match(failure.what, says);
      assert.ok(failure.advice.length > 20);
    });
});

test('good plugins of every role pass', async (t) => {  const account = '0123456789abcdef0123456789abcdef';
  for (const [name, ...given] of [    ['wazo', { tls: 'off' }, '--path', '/?token=verify', '--send', { op: 'subscribe', data: { event_name: '*' } }, '--send', { op: 'start' },
      '--event', { channel: 'xivo', key: 'calls', body: { name: 'call_created', required_acl: null, data: {} } }],
    ['honeytrap', {}, '--path', '/ws', '--request', 'GET /events', '--request', 'GET /sessions?page=1',
      '--event', { channel: 'honeytrap', key: 'e', body: { type: 'http', category: 'echo', date: '2026-01-01T00:00:00Z' } }],
    ['lavaboom', { token_check: 'authenticator', lookup_names: false }, '--upstream', 'lavaboom', '--path', '/ws/websocket', '--request', 'POST /elsewhere',
      '--send', { type: 'subscribe', token: 'verify' }, '--event', { channel: 'lavaboom', key: 'email_delivery', body: { id: '1', owner: account, name: 'x' } }],
    ['valtronics', { role_permissions: true }, '--path', '/ws', '--request', 'GET /elsewhere', '--send', { type: 'auth', token: 'verify' },
      '--send', { type: 'subscribe', channel: 'telemetry' },
      '--event', { channel: 'valtronics', key: 'valtronics/1/telemetry', body: { name: 't', value: 1, unit: 'C', timestamp: '2026-01-01T00:00:00Z' } }],
    ['kazoo', {}, '--header', 'X-Auth-Token: verify', '--request', 'GET /websockets', '--request', `PUT /accounts/${account}/websockets`,
      '--send', { action: 'subscribe', auth_token: 'verify', data: { account_id: account, binding: 'call.CHANNEL_CREATE.*' } },
      '--event', { channel: 'callevt', key: 'call.CHANNEL_CREATE.x', body: { 'Event-Name': 'CHANNEL_CREATE', 'Call-ID': 'x', 'Custom-Channel-Vars': { 'Account-ID': account } } }],
    ['sqlite', {}],
])
    await t.test(name, async () => {      const args = given.map((arg) => (typeof arg === 'object' ? JSON.stringify(arg) : arg));
      const { code, report, text } = await verify(path.join(plugins, `${name}.so`), ...args);
      assert.strictEqual(code, 0, text);
      assert.deepStrictEqual(report.findings.filter((f) => f.outcome !== 'PASS'), []);
});
});

test('a dialect that cannot be reached is skipped, with a hint', async () => {
  const { code, report } = await verify(path.join(plugins, 'valtronics.so'));
  assert.strictEqual(code, 0);
  const skipped = report.findings.find((f) => f.outcome === 'SKIP');
  assert.match(skipped.advice, /--path/);
});

test('wrong use', async () => {
  assert.strictEqual((await verify()).code, 2);
  const { code, text } = await verify(path.join(plugins, 'wazo.so'), '/nonexistent.yaml');
  assert.strictEqual(code, 1);
  assert.match(text, /nonexistent\.yaml/);
});
