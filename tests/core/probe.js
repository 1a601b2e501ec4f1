// SPDX-License-Identifier: Apache-2.0
// A gateway with the test dialect `probe` (tests/plugins/probe.cpp).
'use strict';
const { startGateway, adminToken } = require('../support/gateway');
const { connect } = require('../support/client');

function probeConfig({ plugin = 'probe', limits = {}, compression = false, threads = 2, address = '127.0.0.1:0', tokens = [], extra = [], listener = '' } = {}) {
  return [
    `threads: ${threads}`,
    `listeners: {main: {address: "${address}"${listener}}}`,
    'buses: {main: {plugin: embedded}}',
    `authenticators: {demo: {type: static, tokens: ${JSON.stringify([{ token: 'alice', user: 'alice' }, ...tokens])}}}`,
    `mounts: {probe: {plugin: ${plugin}, listen: [{listener: main, path: "/"}], bus: main, authenticator: demo, compression: ${compression}, limits: ${JSON.stringify(limits)}}}`,
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
    ...extra,
    '',
  ].join('\n');
}
const startProbe = (t, options = {}, more = {}) => startGateway(t, probeConfig(options), more);
const open = (t, gw, query = '', options = {}) => connect(t, `ws://127.0.0.1:${gw.port('main')}/${query}`, options);
async function ask(client, line) {
  client.send(line);
  return client.next();
}

module.exports = { probeConfig, startProbe, open, ask };
