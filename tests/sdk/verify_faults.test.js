// SPDX-License-Identifier: Apache-2.0
// What `dragoman verify-plugin` says of plugins that hang, crash or leave something unfinished, of wrong input, and what it leaves behind when it is ended.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const WebSocket = require('../clients/node_modules/ws');
const { waitFor, program, build } = require('../support/gateway');

const plugins = path.join(build, 'lib/dragoman/plugins');
const faulty = path.join(build, 'lib/dragoman/faulty-plugins/faulty.so');
const faultyBus = path.join(build, 'lib/dragoman/faulty-plugins/faulty-bus.so');

function temporary(t) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-test-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}
// In sanitizer builds too a crash is a signal, and what is never answered is no finding of its own.
const sanitizers = {
  ASAN_OPTIONS: `${process.env.ASAN_OPTIONS || ''}:handle_segv=0:detect_leaks=0`,
  TSAN_OPTIONS: `${process.env.TSAN_OPTIONS || ''}:handle_segv=0`,
};
function start(args, env = {}) {
  const child = spawn(program, ['verify-plugin', '--json', '--messages', '50', ...args], { env: { ...process.env, ...sanitizers, ...env } });
  child.text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { child.text += data; });
  child.ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })));
  return child;
}
async function verify(args, env) {
  const child = start(args, env);
  const { code } = await child.ended;
  let report;
  try { report = JSON.parse(child.text); } catch { report = { findings: [] }; }
  return { code, report, text: child.text, failures: report.findings.filter((f) => f.outcome === 'FAIL') };
}

// fault: [what is tried, what is said, advice].
const http = /last it was given text of 18 bytes: "GET \/ HTTP\/1\.1\\r\\n\\r\\n"/;
const dialect = {
  'crash:constructors': ['load', /ended by signal 11 .* inside constructors\(\)/, /gdb --args dragoman plugins/],
  'hang:query': ['load', /was killed inside query\(\)/, /gdb/],
  'exit:create': ['settings', /exit code 7 inside create\(\)/, /gdb --args dragoman check/],
  'hang:configure': ['settings', /was killed inside configure\(\)/, /gdb/],
  'crash:start': ['start', /ended by signal 11 .* inside start\(\)/, /start\(\)/],
  'crash:session_open': ['open', /ended by signal 11 .* inside session_open\(\)/, /--keep/],
  'hang:session_open': ['open', /has not returned after 1 s: inside session_open\(\)/, /--keep/],
  'crash:session_message': ['nonsense as text', [/ended by signal 11 .* inside session_message\(\)/, http], /--keep/],
  'hang:session_message': ['nonsense as text', [/has not returned after 1 s: inside session_message\(\)/, http], /--keep/],
  'exit:session_message': ['nonsense as text', [/exit code 7 inside session_message\(\)/, http], /--keep/],
  'pause:session_message': ['nonsense as text', /paused, reads nothing more after text of 18 bytes: "GET /, /resume/],
  'part:session_message': ['nonsense as text', /a message in parts has no last part after text of 18 bytes: "GET /, /DGM_PART_LAST/],
  'crash:session_close': ['open', /ended by signal 11 .* inside session_close\(\)/, /--keep/],
  'crash:request': ['plain HTTP', [/ended by signal 11 .* inside request\(\)/, /given GET \/ask/], /--keep/],
  'silent:request': ['plain HTTP', /GET \/ask .* is not answered/, /respond\(\)/],
  'part:request': ['plain HTTP', /GET \/ask .* does not end/, /end\(\)/],
  'hang:encode': ['100 sessions', /has not returned after 1 s: inside encode\(\)/, /--keep/],
  'hang:stop': ['shutdown with 20 sessions', /was killed inside stop\(\)/, /stop\(\)/],
};
const bus = {
  'crash:publish': ['publishing', [/ended by signal 11 .* inside publish\(\)/, /given an event of \d+ bytes/], /--keep/],
  'hang:publish': ['publishing', /has not returned after 1 s: inside publish\(\)/, /--keep/],
  'silent:publish': ['publishing', /no answer within 1 s/, /exactly once/],'lose:publish': ['events come back', /0 events of 20 came/, /watch\(\)/],
  'hang:stop': ['shutdown', /was killed inside stop\(\)/, /stop\(\)/],
};

test('it is said which call hangs, crashes or leaves something unfinished, and with what', { concurrency: 4 }, async (t) => {
  const all = [
    ...Object.entries(dialect).map(([fault, wanted]) => ({ fault, wanted, args: [faulty, '--request', 'GET /ask'] })),
    ...Object.entries(bus).map(([fault, wanted]) => ({ fault: fault, wanted, args: [faultyBus, '--channel', 'news'] })),
  ];
  await Promise.all(all.map(({ fault, wanted: [scenario, says, advice], args }) => t.test(`${path.basename(args[0])} ${fault}`, async () => {
    const { code, text, failures } = await verify(['--patience', '1', ...args], { DRAGOMAN_FAULT: fault });
    assert.strictEqual(code, 1, text);
    assert.deepStrictEqual(failures.map((f) => f.scenario), [scenario], text);
    for (const wanted of [says].flat()) assert.match(failures[0].what, wanted);
    assert.match(failures[0].advice, advice);
  })));
});

test('--keep leaves what it takes to see a crash again', async (t) => {
  const directory = path.join(temporary(t), 'kept');
  const fault = { DRAGOMAN_FAULT: 'crash:session_message' };
  const { code, text } = await verify([faulty, '--keep', directory], fault);
  assert.strictEqual(code, 1, text);
  assert.strictEqual(fs.readFileSync(path.join(directory, 'input'), 'utf8'), 'GET / HTTP/1.1\r\n\r\n');
  const ports = path.join(directory, 'ports.json');
  const gateway = spawn(program, ['serve', '--strict', '--config', path.join(directory, 'dragoman.yaml'), '--ports-file', ports], { env: { ...process.env, ...sanitizers, ...fault }, stdio: 'ignore' });
  const ended = new Promise((resolve) => gateway.on('exit', (c, signal) => resolve(signal)));
  t.after(() => gateway.kill('SIGKILL'));
  await waitFor('the gateway', () => fs.existsSync(ports));
  const socket = new WebSocket(`ws://127.0.0.1:${JSON.parse(fs.readFileSync(ports, 'utf8')).listeners.verify}/`);
  socket.on('error', () => {});
  socket.on('open', () => socket.send(fs.readFileSync(path.join(directory, 'input'), 'utf8')));
  assert.strictEqual(await ended, 'SIGSEGV');
  const again = await verify([faulty, '--keep', directory], fault);
  assert.strictEqual(again.code, 1);
  assert.match(again.text, /is not empty/);
});

test('--keep leaves secrets to nobody else', async (t) => {
  const directory = temporary(t);
  const umask = process.umask(0o022);
  t.after(() => process.umask(umask));
  const kept = path.join(directory, 'kept'), open = path.join(directory, 'open'), link = path.join(directory, 'link');
  const fault = { DRAGOMAN_FAULT: 'exit:create' };
  await verify([faulty, '--keep', kept], fault);
  const written = ['.', ...fs.readdirSync(kept, { recursive: true })];
  assert.ok(written.includes('dragoman.yaml'), written);
  for (const name of written.filter((n) => !n.endsWith('.so')))
    assert.strictEqual(fs.statSync(path.join(kept, name)).mode & 0o077, 0, name);
  assert.match(JSON.parse(fs.readFileSync(path.join(kept, 'dragoman.yaml'), 'utf8')).admin.token, /^[0-9a-f]{32}$/);
  fs.mkdirSync(open);
  fs.mkdirSync(path.join(directory, 'private'), { mode: 0o700 });
  fs.symlinkSync('private', link);
  for (const wrong of [open, link]) {
    const { code, text } = await verify([faulty, '--keep', wrong], fault);
    assert.strictEqual(code, 1, text);
    assert.match(text, /is not a directory of yours alone/);
    assert.deepStrictEqual(fs.readdirSync(wrong), []);
  }
});

test('wrong settings are told with what is wrong', async (t) => {
  const directory = temporary(t);
  const file = (name, text) => {
    fs.writeFileSync(path.join(directory, name), text);
    return path.join(directory, name);
  };
  const amqp = path.join(plugins, 'amqp.so');
  for (const [settings, says] of [
    [path.join(directory, 'missing.yaml'), /missing\.yaml: cannot be read: No such file/],
    [directory, /dragoman-test-\w+: is not a regular file/],
    [file('wrong.yaml', 'url: [a\nb: "'), /wrong\.yaml:\d+:\d+: /],
    [file('list.yaml', '- url\n'), /the settings are not an object/],
    ['{url: ', /SETTINGS:1:\d+/],
    [file('latin1.yaml', Buffer.from('url: "\xe9"\n', 'latin1')), /UTF-8/i],
  ]) {
    const { code, text } = await verify([amqp, settings]);
    assert.strictEqual(code, settings.startsWith('{') ? 2 : 1, `${settings}\n${text}`);
    assert.match(text, says);
    assert.doesNotMatch(text, /dragoman-verify-/);
  }
  for (const [settings, says] of [
    ['{url: 7}', /settings\.url: /],
    ['{url: "amqp://127.0.0.1:1/", perhaps: 1}', /settings\.perhaps/],
    ['', /the key "url" is missing/],
  ]) {
    const { code, failures, text } = await verify([amqp, settings]);
    assert.strictEqual(code, 1, text);
    assert.deepStrictEqual(failures.map((f) => f.scenario), ['settings']);
    assert.match(failures[0].what, says);
  }
});

test('what is no plugin is refused in one sentence', async (t) => {
  const directory = temporary(t);
  const text = path.join(directory, 'text.so'), cut = path.join(directory, 'cut.so');
  fs.writeFileSync(text, 'not a library\n');
  fs.writeFileSync(cut, fs.readFileSync(faulty).subarray(0, 3000));
  for (const file of [text, cut, directory, path.join(directory, 'missing.so'), '/dev/null', program]) {
    const { code, failures, text: said } = await verify([file]);
    assert.strictEqual(code, 1, `${file}\n${said}`);
    assert.deepStrictEqual(failures.map((f) => f.scenario), ['load'], file);
    assert.match(failures[0].what, /is refused: |cannot be found/);
    assert.ok(!failures[0].what.trim().includes('\n'), failures[0].what);
  }
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'])
  test(`ended by ${signal}, it leaves no directory and no process`, async (t) => {
    const directory = temporary(t);
    // It hangs for as long as the test may take.
    const child = start([faulty], { DRAGOMAN_FAULT: 'hang:session_open', TMPDIR: directory });
    t.after(() => child.kill('SIGKILL'));
    const port = await waitFor('its gateway', () => {
      const made = fs.readdirSync(directory)[0];
      const file = made && fs.readdirSync(path.join(directory, made)).find((name) => name.startsWith('ports'));
      return file && JSON.parse(fs.readFileSync(path.join(directory, made, file), 'utf8')).admin;
    });
    child.kill(signal);
    assert.deepStrictEqual(await child.ended, { code: null, signal });
    await waitFor('the directory to go', () => fs.readdirSync(directory).length === 0);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
  });
