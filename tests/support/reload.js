// SPDX-License-Identifier: Apache-2.0
// Changes the configuration of a running gateway.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

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

module.exports = { reload, change };
