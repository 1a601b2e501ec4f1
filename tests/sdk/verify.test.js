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
    execFile(path.join(build, 'bin/dragoman'), ['verify-plugin', '--json', '--messages', '200', ...args], (error, stdout, stderr) => {
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

test('good plugins of every role pass', async (t) => {
  for (const [name, ...args] of [
    ['wazo', '{"tls": "off"}', '--path', '/?token=verify'],
    ['honeytrap', '--path', '/ws'],
    ['lavaboom', '--upstream', 'lavaboom', '--path', '/ws/websocket'],
    ['valtronics', '--path', '/ws?token=verify'],
    ['kazoo'],
    ['sqlite'],
  ])
    await t.test(name, async () => {
      const { code, report, text } = await verify(path.join(plugins, `${name}.so`), ...args);
      assert.strictEqual(code, 0, text);
      const odd = report.findings.filter((f) => f.outcome !== 'PASS').map((f) => f.scenario);
      assert.ok(odd.every((scenario) => scenario === 'events reach clients'), text);
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
