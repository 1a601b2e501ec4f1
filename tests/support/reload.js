// SPDX-License-Identifier: Apache-2.0
// Changes the configuration of a running gateway.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { pluginDirs } = require('./gateway');

// Writes another configuration and asks for a reload. Returns the answer: its changes, or the errors with expect 422.
async function reload(gateway, yaml, { expect = 200 } = {}) {
  if (yaml !== undefined) fs.writeFileSync(path.join(gateway.directory, 'dragoman.yaml'), yaml.replaceAll('@DIR@', gateway.directory));
  const answer = await gateway.request('POST', '/reload');
  assert.strictEqual(answer.status, expect, answer.text);
  gateway.ports = JSON.parse(fs.readFileSync(path.join(gateway.directory, 'ports.json'), 'utf8'));
  return answer.json;
}

// "kept", "changed" ... of one thing.
function change(report, kind, name) {
  const found = report.changes.find((c) => c.kind === kind && c.name === name);
  return found && found.change;
}

// For startGateway: a directory before the others, with a copy of a plugin; install(n) puts one of the same code but another content in its place.
function pluginDirectory(t, name) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-test-'));
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
  const from = pluginDirs.map((d) => path.join(d, `${name}.so`)).find((file) => fs.existsSync(file));
  const install = (n) => {
    const file = path.join(dir, `${name}.so`);
    fs.writeFileSync(`${file}.new`, Buffer.concat([fs.readFileSync(from), Buffer.from(`${n}`)]));
    fs.renameSync(`${file}.new`, file);
  };
  install(1);
  return { install, plugins: [dir, ...pluginDirs] };
}

module.exports = { reload, change, pluginDirectory };
