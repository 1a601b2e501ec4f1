// SPDX-License-Identifier: Apache-2.0
// The process: start and refusal to start, signals, shutdown, logs, the command line.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFile, spawnSync } = require('node:child_process');
const { startGateway, wazoConfig, waitFor, program, pluginDirs, build } = require('../support/gateway');
const { connect } = require('../support/client');
const { startProbe, open, ask, probeConfig } = require('./probe');

const run = (args, options = {}) => new Promise((resolve) => {
  const child = execFile(program, args, { ...options, timeout: 30000 }, (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr }));
  if (options.input !== undefined) child.stdin.end(options.input);
});
const scratch = (t, text) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-test-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  const file = path.join(directory, 'c.yaml');
  fs.writeFileSync(file, text);
  return file;
};
const dirs = pluginDirs.flatMap((d) => ['--plugins', d]);

test('process: SIGHUP does not end it; shutdown writes what is queued, closes with 1001 and exits with 0', async (t) => {
  const gw = await startProbe(t);
  const c = await open(t, gw);
  await ask(c, 'sub c # 1');
  gw.child.kill('SIGHUP');
  assert.strictEqual(await ask(c, 'alive'), 'echo alive');
  for (let i = 0; i < 50; ++i) await gw.publish({ channel: 'c', key: 'k', body: `${i}` });
  const end = gw.stop();
  for (let i = 0; i < 50; ++i) assert.strictEqual(await c.next(), `1:${i}`);
  assert.deepStrictEqual(await c.closed(), { code: 1001, reason: '' });
  await end;
});

test('process: a client that does not answer the close is cut off at the deadline, and the exit code says so', async (t) => {
  const gw = await startGateway(t, 'shutdown_timeout: 500ms\n' + probeConfig());
  const c = await open(t, gw);
  c.socket._socket.pause();
  await gw.stop({ code: 3 });
});

test('process: tokens never reach the log, and lines about a session carry its id', async (t) => {
  const gw = await startGateway(t, wazoConfig({ tokens: [{ token: 'very-secret-1', grants: ['websocketd'] }] }), { debug: true });
  for (const query of ['token=very-secret-1', 'version=2&token=very-secret-1', 'token=very-secret-2', 'x=1&TOKEN=very-secret-3']) {
    const c = await connect(t, `ws://127.0.0.1:${gw.port('wazo')}/?${query}`, { headers: { 'X-Auth-Token': 'very-secret-4' } });
    c.send('bad\n\u001b[31m');
    await c.closed();
  }
  await waitFor('the log', () => gw.lines.filter((l) => l.includes('msg="session closed"')).length >= 4);
  assert.doesNotMatch(gw.log, /very-secret/);
  assert.doesNotMatch(gw.log, /test-admin/);
  for (const line of gw.lines.filter((l) => l.includes('msg="session'))) assert.match(line, / session=[0-9a-f]+( |$)/);
});

test('process: it refuses to start with a sentence for each thing that is wrong', async (t) => {
  const taken = await startProbe(t);
  for (const [yaml, words] of [
    [probeConfig({ address: `127.0.0.1:${taken.port('main')}` }), /listeners\.main: .*in use/],
    [probeConfig({ plugin: 'nothing' }), /mounts\.probe\.plugin: .*nothing/],
    [wazoConfig({ settings: { v1_replies: 'both' } }), /mounts\.wazo\.settings\.v1_replies: .*did you mean "v1_reply"/],
    [probeConfig({ listener: ', tls: {certificate: /nonexistent.crt, key: /nonexistent.key}' }), /nonexistent\.crt/],
    ['listeners: {', /:1:/],
  ]) {
    const end = await startGateway(t, yaml, { expectExit: true });
    assert.strictEqual(end.code, 1);
    assert.match(end.log, words);
  }
});

test('process: check', async (t) => {
  const good = await run(['check', scratch(t, wazoConfig({ tls: true })), ...dirs]);
  assert.strictEqual(good.code, 0, good.stderr);
  const bad = await run(['check', scratch(t, wazoConfig().replace('"tls":"off"', '"v1_strict":1').replace('bus: main', 'bus: mian')), ...dirs]);
  assert.strictEqual(bad.code, 1);
  assert.match(bad.stdout + bad.stderr, /c\.yaml:\d+:\d+: mounts\.wazo\.bus: .*main/);
  assert.match(bad.stderr, /2 errors[^]*c\.yaml:\d+:\d+: mounts\.wazo\.settings\.v1_strict: /, 'the settings of a plugin at the same time');
  const plugins = await run(['check', scratch(t, wazoConfig().replace('plugin: wazo', 'plugin: wzo').replace('embedded', 'nast')), ...dirs]);
  assert.match(plugins.stderr, /2 errors/);
  assert.match(plugins.stderr, /c\.yaml:\d+:\d+: mounts\.wazo\.plugin: .*did you mean "wazo"/);
  assert.match(plugins.stderr, /c\.yaml:\d+:\d+: buses\.main\.plugin: .*did you mean "nats"/);
  const embedded = await run(['check', scratch(t, wazoConfig().replace('embedded', 'embeded')), ...dirs]);
  assert.match(embedded.stderr, /c\.yaml:\d+:\d+: buses\.main\.plugin: .*did you mean "embedded"/);
  const refused = await run(['check', scratch(t, wazoConfig().replace('"tls":"off"', '')), ...dirs]);
  assert.match(refused.stderr, /c\.yaml:\d+:\d+: mounts\.wazo: plugin wazo refuses its settings .* settings\.tls to "off"\n/);
});

test('process: plugins, version, help, usage', async () => {
  const list = await run(['plugins', '--plugins', path.join(build, 'lib/dragoman/plugins')]);
  assert.strictEqual(list.code, 0, list.stderr);
  assert.match(list.stdout, /wazo +0\.1\.0 +0\.1 +dgm\.dialect\/1/);
  const bad = await run(['plugins', '--plugins', path.join(build, 'lib/dragoman/bad-plugins')]);
  assert.strictEqual(bad.code, 1);
  assert.match(bad.stdout, /magic/);
  assert.match((await run(['--version'])).stdout, /0\.1\.0/);
  assert.match((await run(['--help'])).stdout, /serve[^]*check[^]*plugins[^]*publish[^]*token/);
  assert.strictEqual((await run(['sreve'])).code, 2);
  assert.strictEqual((await run(['serve'])).code, 2);
});

test('process: a command line that is wrong by itself ends with 2', async (t) => {
  for (const [args, words] of [
    [['publish', '--attribute', 'foo', '--body', '{}'], /--attribute wants NAME=VALUE, not "foo"/],
    [['sessions', 'm', '--url', 'ftp://h'], /--url wants/],
    [['reload', '--url', 'http://127.0.0.1:99999'], /--url wants/],
    [['connect', '--count', '0', 'ws://h/'], /--count: .*0 not in range 1 to/],
    [['sessions', 'a/b'], /"a\/b" cannot be the name of a mount/],
    [['reload', '--url', 'unix:'], /--url wants/],
    [['reload', '--url', `unix:/${'x'.repeat(200)}`], /too long/],
    [['reload', '--token', 'x\r\nA: b'], /the admin token has more than one line/],
    [['publish', '--bus', 'a b', '--body', '{}'], /"a b" cannot be the name of a bus/],
    [['token', 'jwt'], /--secret-file/],
    [['token', 'jwt', '--secret', 's', '--expires-in', 'soon'], /--expires-in wants/],
    [['token', 'jwt', '--secret', 's', '--claim', '=x'], /--claim wants/],
    [['token', 'jwt', '--secret', 's', '--claim-json', 'a={'], /--claim-json a: .*not JSON/],
    [['new-plugin', 'Upper'], /cannot be the name of a plugin/],
    [['verify-plugin', 'x.so', '--header', 'x'], /--header wants/],
    [['verify-plugin', 'x.so', '--event', '[]'], /--event wants/],
    [['verify-plugin', 'x.so', '{'], /SETTINGS/],
  ]) {
    const { code, stdout, stderr } = await run(args);
    assert.deepStrictEqual([code, stdout], [2, ''], `${args}: ${stderr}`);
    assert.match(stderr, words);
  }
  const missing = await run(['token', 'jwt', '--secret-file', path.join(path.dirname(scratch(t, '')), 'none')]);
  assert.strictEqual(missing.code, 1, 'the command line was right');
});

test('process: an unknown option or command is named, whatever else is missing', async () => {
  for (const [args, words] of [
    [['--vers'], /no option "--vers"; did you mean "--version"/],
    [['--strict', 'serve'], /no option "--strict"/],
    [['serve', '--confg', 'x'], /no option "--confg"; did you mean "--config"/],
    [['token', 'jwt', '--secrt=hush', 'hush'], /no option "--secrt"; did you mean "--secret/],
    [['token', '-x'], /no option "-x"/],
    [['token', 'jtw'], /no command "jtw"; the commands are jwt, show/],
    [['serve', 'x.yaml'], /--config is required/],
    [['sessions', 'a', 'b'], /not expected: b/],
  ]) {
    const { code, stderr } = await run(args);
    assert.strictEqual(code, 2);
    assert.match(stderr, words);
    assert.doesNotMatch(stderr, /hush/);
  }
});

test('process: what cannot be written on standard output is a failure', async (t) => {
  const full = fs.openSync('/dev/full', 'w');
  t.after(() => fs.closeSync(full));
  for (const args of [['--version'], ['--help'], ['manual'], ['check', scratch(t, probeConfig()), ...dirs], ['plugins', ...dirs.slice(0, 2)], ['token', 'jwt', '--secret', 'x'.repeat(32)]]) {
    const end = spawnSync(program, args, { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
    assert.deepStrictEqual([end.status, /^dragoman: cannot write/.test(end.stderr)], [1, true], `${args}: ${end.stderr}`);
    assert.strictEqual(spawnSync(program, args, { stdio: ['ignore', full, full] }).status, 1, `${args}: nor on standard error`);
  }
});

test('process: publish and token', async (t) => {
  const gw = await startProbe(t);
  const c = await open(t, gw);
  await ask(c, 'sub c # 1');
  const url = `http://127.0.0.1:${gw.adminPort}`;
  const done = await run(['publish', '--url', url, '--token', 'test-admin', '--channel', 'c', '--key', 'k', '--content-type', 'text/plain', '--body', 'from the shell']);
  assert.strictEqual(done.code, 0, done.stderr);
  assert.strictEqual(await c.next(), '1:from the shell');
  const piped = await run(['publish', '--url', url, '--token', 'test-admin', '--channel', 'c', '--content-type', 'text/plain'], { input: 'piped' });
  assert.strictEqual(piped.code, 0, piped.stderr);
  assert.strictEqual(await c.next(), '1:piped');
  const nowhere = await run(['publish', '--url', 'http://127.0.0.1:65536', '--token', 'x', '--body', '{}']);
  assert.match(nowhere.stderr, /--url wants http:\/\/HOST:PORT/);
  const refused = await run(['publish', '--url', url, '--token', 'wrong', '--channel', 'c', '--content-type', 'text/plain', '--body', 'x']);
  assert.strictEqual(refused.code, 1);
  assert.match(refused.stderr, /401|token/);

  const minted = await run(['token', 'jwt', '--secret', 'a-secret-for-a-test-of-32-bytes!', '--claim', 'sub=alice', '--expires-in', '60s']);
  assert.strictEqual(minted.code, 0, minted.stderr);
  const [head, claims, signature] = minted.stdout.trim().split('.');
  const crypto = require('node:crypto');
  assert.strictEqual(crypto.createHmac('sha256', 'a-secret-for-a-test-of-32-bytes!').update(`${head}.${claims}`).digest('base64url'), signature);
  assert.strictEqual(JSON.parse(Buffer.from(claims, 'base64url')).sub, 'alice');
  const shown = await run(['token', 'show', '--config', scratch(t, probeConfig())]);
  assert.match(shown.stdout, /alice/);
});

test('process: a self-signed certificate is made at the first start and kept', async (t) => {
  const state = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-test-'));
  t.after(() => fs.rmSync(state, { recursive: true, force: true }));
  const certificate = path.join(state, 'made.crt'), key = path.join(state, 'made.key');
  const yaml = wazoConfig({ tls: true }).replace('self_signed: true', `self_signed: true, certificate: ${certificate}, key: ${key}`);
  const seen = [];
  for (let i = 0; i < 2; ++i) {
    const gw = await startGateway(null, yaml);
    const c = await connect(null, `wss://127.0.0.1:${gw.port('wazo')}/?token=some-token-id`, { rejectUnauthorized: true, ca: fs.readFileSync(certificate) });
    assert.match(await c.next(), /"init"/, 'a client that trusts it gets in, by address');
    c.close();
    seen.push(fs.readFileSync(certificate, 'utf8'));
    await gw.stop();
    assert.strictEqual(gw.lines.filter((l) => l.includes('made a self-signed certificate')).length, i ? 0 : 1);
  }
  assert.strictEqual(seen[0], seen[1]);
  assert.strictEqual(fs.statSync(key).mode & 0o077, 0, 'the key is for its owner only');
});
