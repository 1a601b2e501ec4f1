// SPDX-License-Identifier: Apache-2.0
// The promise of the plugin boundary: what is there goes on to load, and a change that would break it is found.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');
const build = process.env.DRAGOMAN_BUILD || path.join(root, 'build/release');
const dragoman = path.join(build, 'bin/dragoman');
const include = path.join(root, 'sdk/include');
const plugins = path.join(root, 'tests/plugins');
const sanitized = /^DRAGOMAN_SANITIZE:STRING=.+/m.test(fs.readFileSync(path.join(build, 'CMakeCache.txt'), 'utf8'));
const released = fs.readdirSync(__dirname).filter((name) => /^\d+\.\d+$/.test(name));

function run(program, ...args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  assert.ifError(error);
  return { status, text: stdout + stderr };
}
function good(program, ...args) {
  const { status, text } = run(program, ...args);
  assert.strictEqual(status, 0, `${program} ${args.join(' ')}\n${text}`);
  return text;
}
function temporary(t) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-abi-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}
function verified(file) {
  assert.ok(good(path.join(plugins, 'symbols_test.sh'), file) === '');
  good(dragoman, 'verify-plugin', file, '--messages', '300');
}

for (const abi of released) {
  const compare = (headers) => run('python3', path.join(__dirname, 'compare.py'), headers, path.join(__dirname, abi, 'abi.xml'));

  test(`the headers keep ABI ${abi}`, () => {
    const { status, text } = compare(include);
    assert.strictEqual(status, 0, text);
  });

  test(`the constants of ABI ${abi} have not changed`, (t) => {
    const program = path.join(temporary(t), 'constants');
    good('gcc', '-std=c11', '-Werror', `-I${include}`, path.join(__dirname, abi, 'constants.c'), '-o', program);
    good(program);
  });

  // The comparison itself: what it must let pass, and what it must find.
  for (const [what, file, from, to, expected] of [
    ['a function behind the last one', 'ext/timer.h', '} dgm_host_timer;', '  void (*more)(dgm_host*);\n} dgm_host_timer;', null],
    ['a member behind the last one', 'ext/dialect.h', '} dgm_open;', '  uint64_t more;\n} dgm_open;', null],
    ['an element of arrays that grows', 'ext/dialect.h', '} dgm_event;', '  uint64_t more;\n} dgm_event;', /dgm_event is handed over in arrays/],
    ['a function in between', 'ext/session.h', '  dgm_status (*pause)', '  void (*more)(dgm_host*);\n  dgm_status (*pause)', /pause/],
    ['a parameter of another type', 'ext/timer.h', 'uint32_t delay_ms', 'uint64_t delay_ms', /dgm_host_timer.start was/],
    ['a member of another type', 'ext/auth.h', 'int64_t expires_ms', 'int32_t expires_ms', /expires_ms/],
    ['a callback of another form', 'ext/fanout.h', '(void* user, dgm_status status);', '(void* user, int64_t status);', /dgm_published/],
    ['a member that is gone', 'ext/registry.h', '  dgm_str group;', '', /group/],
    ['a frozen struct that grows', 'plugin.h', '} dgm_str;', '  size_t more;\n} dgm_str;', /dgm_str does not say its size/],
  ])
    test(`ABI ${abi}, mutated: ${what}`, (t) => {
      const copy = temporary(t);
      fs.cpSync(include, copy, { recursive: true });
      const header = path.join(copy, 'dragoman', file);
      const text = fs.readFileSync(header, 'utf8');
      assert.ok(text.includes(from));
      fs.writeFileSync(header, text.replace(from, to));
      const result = compare(copy);
      assert.strictEqual(result.status, expected ? 1 : 0, result.text);
      if (expected) assert.match(result.text, expected);
    });

  for (const language of ['c', 'cpp'])
    test(`a plugin made with the headers of ABI ${abi} (${language}) loads and passes`, () =>
      verified(path.join(build, `lib/dragoman/abi-plugins/echo-${language}-${abi}.so`)));
}

test('each header stands alone, in every language it is for', (t) => {
  const directory = temporary(t);
  const list = (extension) => fs.readdirSync(path.join(include, 'dragoman'), { recursive: true })
    .filter((name) => name.endsWith(extension)).map((name) => `#include <dragoman/${name}>\n`);
  const compile = (compiler, standard, language, text) => {
    const source = path.join(directory, `alone.${language}`);
    fs.writeFileSync(source, text);
    good(compiler, `-std=${standard}`, '-Wall', '-Wextra', '-Wpedantic', '-Werror', `-I${include}`, '-fsyntax-only', source);
  };
  for (const [c, cxx] of [['gcc', 'g++'], ['clang-14', 'clang++-14']]) {
    for (const header of list('.h')) compile(c, 'c11', 'c', header);
    compile(c, 'c17', 'c', list('.h').join(''));
    compile(cxx, 'c++17', 'cpp', list('.h').join(''));
  }
  for (const cxx of ['g++', 'clang++-14'])
    for (const header of ['sdk.hpp', 'sdk/bus.hpp', 'testing/fake_host.hpp']) compile(cxx, 'c++20', 'cpp', `#include <dragoman/${header}>\n`);
});

const skip = sanitized && 'the program has run-time libraries that these plugins lack';
test('a plugin in strict C11 loads and passes', { skip }, (t) => {
  const file = path.join(temporary(t), 'echo-c.so');
  good('gcc', '-std=c11', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fPIC', '-shared', '-fvisibility=hidden', `-I${include}`,
    `-Wl,--version-script=${root}/sdk/cmake/plugin.map`, '-Wl,-z,defs', path.join(plugins, 'echo.c'), '-o', file);
  verified(file);
});
test('a plugin of clang++ loads and passes', { skip }, (t) => {
  const file = path.join(temporary(t), 'echo.so');
  good('clang++-14', '-std=c++20', '-O2', '-Wall', '-Wextra', '-Werror', '-fPIC', '-shared', '-fvisibility=hidden', `-I${include}`,
    `-Wl,--version-script=${root}/sdk/cmake/plugin.map`, '-Wl,-z,defs', path.join(plugins, 'echo.cpp'), '-o', file);
  verified(file);
});
test('a plugin in Rust loads and passes', { skip }, (t) => {
  const file = path.join(temporary(t), 'echo-rust.so');
  good('rustc', '--edition', '2021', '-O', '-C', 'panic=abort', '--crate-type', 'cdylib', '-o', file, path.join(plugins, 'echo.rs'));
  verified(file);
});
