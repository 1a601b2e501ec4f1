// SPDX-License-Identifier: Apache-2.0
// Several gateways on one broker, for tests.
'use strict';
const assert = require('node:assert');
const { startGateway, waitFor, adminToken } = require('../support/gateway');
const { connect } = require('../support/client');
const mqtt = require('../support/mqtt');

const account = 'a'.repeat(32);

// Each has the dialects probe and kazoo. bus: ../support/mqtt or another of its kind; settings: of the node's bus. more: buses; one called `nodes` is the nodes'.
function config(broker, node, { limits = {}, bus = mqtt, settings = bus === mqtt ? { client_id: node } : {}, more = {} } = {}) {
  return [
    'threads: 2',
    'listeners: {probe: {address: "127.0.0.1:0"}, l: {address: "127.0.0.1:0"}, web: {address: "127.0.0.1:0"}}',
    `buses: ${JSON.stringify({ broker: { plugin: bus.plugin, settings: bus.busSettings(broker, settings) }, ...more })}`,
    `cluster: {bus: ${more.nodes ? 'nodes' : 'broker'}, node: ${node}, channel: ${bus.channel}, heartbeat: 200ms, deadline: 300ms}`,
    `authenticators: {demo: {type: static, tokens: ${JSON.stringify(['ann', 'bob'].map((user) => ({ token: user, user, account })))}}}`,
    'mounts:',
    `  probe: {plugin: probe, bus: broker, listen: [{listener: probe, path: /}], authenticator: demo, limits: ${JSON.stringify(limits)}}`,
    '  kazoo:',
    '    plugin: kazoo',
    '    bus: broker',
    '    listen: [{listener: l, path: /}, {listener: web, path: /v2/}]',
    '    authenticator: demo',
    `    settings: ${JSON.stringify({ accounts: { [account]: {} }, node: `${node}.example` })}`,
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
    '',
  ].join('\n');
}

const start = (t, broker, node, options) => startGateway(t, config(broker, node, options));
const others = (gw) => gw.metric('dragoman_cluster_nodes');
const seen = (gateways, n = gateways.length - 1) =>
  waitFor(`${n} other nodes`, async () => (await Promise.all(gateways.map(others))).every((count) => count === n));

async function startAll(t, broker, names, options) {
  const gateways = await Promise.all(names.map((name) => start(t, broker, name, options)));
  await seen(gateways);
  return gateways;
}

const open = (t, gw) => connect(t, `ws://127.0.0.1:${gw.port('probe')}/`);
async function ask(client, command) {
  client.send(command);
  return client.next();
}

async function sessions(gw, mount) {
  const { status, json } = await gw.request('GET', `/mounts/${mount}/sessions`);
  assert.strictEqual(status, 200);
  return json;
}

module.exports = { account, config, start, startAll, seen, others, open, ask, sessions };
