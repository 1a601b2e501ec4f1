// SPDX-License-Identifier: Apache-2.0
// The first part of docs/write-a-plugin.md, word for word, with nothing but what is installed.
// DRAGOMAN_PREFIX: where that is, such as /usr; otherwise this build is installed to a directory of the test.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { chromium } = require('../clients/node_modules/playwright-core');
const { waitFor } = require('../support/gateway');

const root = path.resolve(__dirname, '../..');
const build = process.env.DRAGOMAN_BUILD || path.join(root, 'build/release');
const cache = path.join(build, 'CMakeCache.txt');
const sanitized = fs.existsSync(cache) && /^DRAGOMAN_SANITIZE:STRING=.+/m.test(fs.readFileSync(cache, 'utf8'));
const guide = fs.readFileSync(path.join(root, 'docs/write-a-plugin.md'), 'utf8');
// The code blocks of a language, of the first part or of the whole.
const blocks = (text, language) => [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter((m) => m[1] === language).map((m) => m[2]);
const firstPart = guide.slice(guide.indexOf('## Fifteen minutes'), guide.indexOf('## The smallest one'));

function temporary(t) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-guide-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}
function good(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', ...options });
  assert.ifError(error);
  assert.strictEqual(status, 0, `${program} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

let prefix = process.env.DRAGOMAN_PREFIX;
const skip = sanitized && 'plugins made outside have no sanitizer';

test('the SDK is installed', { skip }, (t) => {
  if (!prefix) {
    const staged = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-staged-'));
    process.on('exit', () => fs.rmSync(staged, { recursive: true, force: true }));
    good('cmake', ['--install', build, '--prefix', path.join(staged, 'first')]);
    // It works where it is, not where it was installed to.
    prefix = path.join(staged, 'moved');
    fs.renameSync(path.join(staged, 'first'), prefix);
  }
  for (const file of ['include/dragoman/sdk.hpp', 'share/dragoman/template/CMakeLists.txt'])
    assert.ok(fs.existsSync(path.join(prefix, file)), file);
});

// Packages of Debian have it in the directory of the architecture.
const libraries = () => ['lib', ...fs.readdirSync(path.join(prefix, 'lib')).map((name) => `lib/${name}`)].find((name) => fs.existsSync(path.join(prefix, name, 'dragoman/plugins')));
const environment = () => ({
  ...process.env, PATH: `${prefix}/bin:${process.env.PATH}`, CMAKE_PREFIX_PATH: prefix, PKG_CONFIG_PATH: path.join(prefix, libraries(), 'pkgconfig'),
});

// Opens the page of the project as a file, publishes, and waits until it is shown.
async function shownBy(project, admin, shown) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(`file://${path.join(project, 'index.html')}`);
    const shows = async (text) => (await page.textContent('#log')).includes(text);
    await waitFor('the subscription of the page', () => shows('subscribed'));
    good('dragoman', ['publish', '--url', `http://127.0.0.1:${admin}`, '--token', 'development', '--channel', 'news',
      '--key', 'weather.rain', '--body', '{"mm": 3}'], { env: environment() });
    await waitFor('the event on the page', () => shows(shown));
    return await page.textContent('#log');
  } finally {
    await browser.close();
  }
}

test('the guide, word for word, to a browser that shows an event', { skip, timeout: 300000 }, async (t) => {
  const directory = temporary(t);
  const commands = blocks(firstPart, 'sh').filter((block) => !block.startsWith('apt-get'));
  assert.ok(commands.length >= 6);
  // Other tests may run beside this one: the ports of the configuration become free ones.
  const net = require('node:net');
  const freePort = () => new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
  const [listener, admin] = [await freePort(), await freePort()];
  const script = commands.map((block) => block
    .replace(/^cd shout$/m, `cd shout\nsed -i 's/:80[8]0/:${listener}/; s/:9600/:${admin}/' dragoman.yaml index.html`)
    .replace(':8080/', `:${listener}/`)
    .replace('dragoman publish', `dragoman publish --url http://127.0.0.1:${admin}`)
    // What a reader does by looking: waiting until it serves.
    .replace(/ &$/m, ` &\nfor i in $(seq 300); do curl -sf http://127.0.0.1:${admin}/readyz >/dev/null && break; sleep 0.05; done
      dragoman connect ws://127.0.0.1:${listener}/shout --send '{"type": "subscribe", "channel": "news", "key": "#"}' --count 3 --timeout 30 > subscriber.txt &
      subscriber=$!
      for i in $(seq 300); do grep -q subscribed subscriber.txt && break; sleep 0.05; done`));
  script.push('touch served\nfor i in $(seq 1200); do [ -e seen ] && break; sleep 0.05; done');
  const file = path.join(directory, 'guide.sh');
  fs.writeFileSync(file, `set -eu\numask 022\ntrap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n${script.join('\n')}\nwait $subscriber\necho ====\ncat subscriber.txt\n`);
  const child = spawn('bash', [file], { cwd: directory, env: environment() });
  let out = '';
  child.stdout.on('data', (data) => { out += data; });
  child.stderr.on('data', (data) => { out += data; });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const project = path.join(directory, 'shout');
  await waitFor('the gateway of the guide', () => fs.existsSync(path.join(project, 'served')) || child.exitCode !== null, 240000);
  const shown = firstPart.match(/The page shows `(.*)`/)[1];
  const page = child.exitCode === null ? await shownBy(project, admin, shown) : '';
  fs.writeFileSync(path.join(project, 'seen'), '');
  assert.strictEqual(await ended, 0, out);
  // What it says that is printed is printed, and who listens hears what the page shows.
  for (const block of blocks(firstPart, '')) assert.ok(out.includes(block), `${block}\nis not in\n${out}`);
  assert.ok(out.slice(out.indexOf('====\n')).split('\n').includes(shown), out);
  assert.match(out, /"pong"/);
  const [, installed] = good('dragoman', ['plugins'], { env: environment() }).match(/^shout .* (\S+\/shout\.so)$/m);
  assert.ok(fs.realpathSync(installed).startsWith(fs.realpathSync(prefix)), installed);
  fs.rmSync(installed);
  assert.ok(page.includes(shown), page);
});

test('the smallest dialect of the guide, and a project in C, from outside', { skip, timeout: 120000 }, (t) => {
  const directory = temporary(t);
  const smallest = blocks(guide, 'cpp')[0];
  const lines = blocks(guide, 'cmake')[0];
  fs.writeFileSync(path.join(directory, 'shout.cpp'), smallest);
  fs.copyFileSync(path.join(root, 'tests/plugins/echo.c'), path.join(directory, 'echo.c'));
  const project = (languages, text) => `cmake_minimum_required(VERSION 3.25)\nproject(outside LANGUAGES ${languages})\n${text}`;
  const options = { env: environment(), cwd: directory };
  for (const [name, text] of [
    ['cxx', project('CXX', lines)],
    ['c', project('C', 'find_package(dragoman 0.1 REQUIRED)\ndragoman_add_plugin(echo-c echo.c DESTINATION ${DRAGOMAN_PLUGIN_DIR})\n')],
  ]) {
    fs.writeFileSync(path.join(directory, 'CMakeLists.txt'), text);
    // A umask that lets the group write: the gateway trusts no such file.
    const umask = process.umask(0o002);
    good('cmake', ['-S', '.', '-B', name], options);
    good('cmake', ['--build', name], options);
    good('dragoman', ['plugins', '--plugins', `${name}/plugins`], options);
    process.umask(umask);
    good('cmake', ['--install', name, '--prefix', path.join(directory, 'installed')], options);
  }
  const installed = path.join(directory, 'installed', libraries(), 'dragoman/plugins');
  assert.deepStrictEqual(fs.readdirSync(installed).sort(), ['echo-c.so', 'shout.so']);
  good(path.join(root, 'tests/plugins/symbols_test.sh'), [installed]);
  // One of them subscribes.
  for (const [file, outcome] of [['echo-c.so', 'SKIP'], ['shout.so', 'PASS']])
    assert.match(good('dragoman', ['verify-plugin', path.join(installed, file), '--messages', '300'], options),
      new RegExp(`${outcome}  events reach clients`));
  fs.writeFileSync(path.join(directory, 'CMakeLists.txt'), project('C', 'find_package(dragoman 0.9 REQUIRED)\n'));
  assert.notStrictEqual(spawnSync('cmake', ['-S', '.', '-B', 'other'], options).status, 0);
});

test('pkg-config knows the SDK', { skip }, () => {
  const ask = (...args) => path.normalize(good('pkg-config', [...args, 'dragoman'], { env: environment() }).trim());
  assert.strictEqual(fs.realpathSync(ask('--variable=includedir')), fs.realpathSync(path.join(prefix, 'include')));
  assert.strictEqual(ask('--modversion'), '0.1');
  assert.ok(fs.existsSync(ask('--variable=version_script')));
  assert.ok(fs.existsSync(ask('--variable=plugindir')));
});

test('names that cannot be, and directories that are in use, are refused', { skip }, (t) => {
  const directory = temporary(t);
  const make = (...args) => spawnSync('dragoman', ['new-plugin', ...args], { env: environment(), cwd: directory, encoding: 'utf8' });
  for (const name of ['Shout', '1st', 'a/b', '..', 'x'.repeat(33), 'test']) {
    const { status, stderr } = make(name);
    assert.strictEqual(status, 2, name);
    assert.match(stderr, /name/);
  }
  assert.strictEqual(make('my-chat_2', '--directory', 'somewhere').status, 0);
  assert.match(fs.readFileSync(path.join(directory, 'somewhere/src/plugin.cpp'), 'utf8'), /DRAGOMAN_DIALECT\(MyChat2\)/);
  const again = make('other', '--directory', 'somewhere');
  assert.strictEqual(again.status, 1);
  assert.match(again.stderr, /not empty/);
});
