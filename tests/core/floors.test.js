// SPDX-License-Identifier: Apache-2.0
// A room includes only rooms on floors below its own (docs/architecture.md); plugins see only the SDK; the SDK stands alone.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const root = path.resolve(__dirname, '../..');

const floors = [['base'], ['codec', 'config', 'event'], ['net', 'hub', 'bus'], ['transport', 'service', 'translation'], ['plugin'], ['gateway'], ['admin', 'verify'], ['cli']];
const floor = (room) => floors.findIndex((f) => f.includes(room));

function* sources(directory) {
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const full = path.join(directory, entry.name);
    if (entry.isDirectory()) yield* sources(full);
    else if (/\.(cpp|hpp|h|c|in)$/.test(entry.name)) yield full;
  }
}
const includes = (file) => [...fs.readFileSync(file, 'utf8').matchAll(/^#include ([<"])([^">]+)[">]/gm)].map((m) => ({ quoted: m[1] === '"', name: m[2] }));

test('rooms include only what is below them', () => {
  let seen = 0;
  for (const room of fs.readdirSync(path.join(root, 'core'), { withFileTypes: true }).filter((e) => e.isDirectory()).map((e) => e.name)) {
    assert.notStrictEqual(floor(room), -1, `core/${room} stands on no floor`);
    for (const file of sources(path.join(root, 'core', room)))
      for (const { quoted, name } of includes(file)) {
        if (!quoted || !name.includes('/')) continue;
        const other = name.split('/')[0];
        ++seen;
        assert.ok(other === room || (floor(other) >= 0 && floor(other) < floor(room)), `${path.relative(root, file)} includes ${name}`);
      }
  }
  assert.ok(seen > 100);
});

test('plugins see only the SDK, and the SDK only itself and the standard library', () => {
  for (const file of sources(path.join(root, 'plugins')))
    for (const { quoted, name } of includes(file)) assert.ok(!quoted || !name.includes('/') || name.startsWith('common/'), `${path.relative(root, file)} includes ${name}`);
  for (const file of sources(path.join(root, 'sdk/include')))
    for (const { quoted, name } of includes(file))
      assert.ok(!quoted && (name.startsWith('dragoman/') || !name.includes('/')) && !/^boost|^fmt/.test(name), `${path.relative(root, file)} includes ${name}`);
});
