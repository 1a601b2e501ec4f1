// SPDX-License-Identifier: Apache-2.0
// Gateways whose bus is a broker, for tests.
'use strict';
const assert = require('node:assert');
const { startGateway, waitFor, adminToken } = require('./gateway');
const { connect } = require('./client');

const listeners = { valtronics: 'v', wazo: 'wazo', probe: 'probe' };
const reasons = async (gw) => (await gw.request('GET', '/readyz')).json.reasons;
const connected = (gw) => waitFor('the broker', async () => (await reasons(gw)).length === 0);
const degraded = (gw) => waitFor('the loss of the broker', async () => (await reasons(gw)).length === 1);

// plugin: of the bus. channel: of all events. busSettings: of the broker it is given and what a test adds.
module.exports = function forBus({ plugin, channel, busSettings }) {
  // Dialects on one bus. valtronics and wazo want all of it; probe, a test's own, what its clients subscribe.
  function config(broker, { settings = {}, top = [], dialects = ['valtronics', 'wazo'], limits = {}, mount = [] } = {}) {
    const own = { valtronics: { channel, devices: { 'TEMP-001': 1 } }, wazo: { channel, tls: 'off' }, probe: {} };
    return [
      'threads: 2',
      ...top,
      `listeners: {${dialects.map((d) => `${listeners[d]}: {address: "127.0.0.1:0"}`).join(', ')}}`,
      `buses: {broker: {plugin: ${plugin}, settings: ${JSON.stringify(busSettings(broker, settings))}}}`,
      'authenticators: {demo: {type: static, tokens: [{token: good, user: ann}, {token: some-token-id, grants: [websocketd, "#"]}]}}',
      'mounts:',
      ...dialects.flatMap((d) => [`  ${d}:`, `    plugin: ${d}`, `    listen: [{listener: ${listeners[d]}, path: "/"}]`, '    authenticator: demo',
        `    limits: ${JSON.stringify(limits)}`, `    settings: ${JSON.stringify(own[d])}`, ...mount.map((line) => `    ${line}`)]),
      `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
      '',
    ].join('\n');
  }

  // The broker is connected when it returns, unless it is not to be waited for.
  async function start(t, broker, { wait = true, ...options } = {}) {
    const gw = await startGateway(t, config(broker, options));
    if (wait) await connected(gw);
    return gw;
  }
  const publish = (gw, key, body, more = {}, expect = 200) => gw.publish({ channel, key, body, ...more }, expect);

  // A client of the dialect probe.
  async function probe(t, gw) {
    const client = await connect(t, `ws://127.0.0.1:${gw.port('probe')}/`);
    const ask = async (command, answer) => {
      client.send(command);
      const text = await client.next();
      assert.match(text, answer);
      return text.split(' ')[1];
    };
    return {
      client,
      next: () => client.next(),
      // Each event comes as the variant and its body.
      pattern: (key, variant = 1, on = channel) => ask(`sub ${on} ${key} ${variant}`, /^subscribed \d/),
      literal: (key, variant = 1, on = channel) => ask(`lit ${on} ${key} ${variant}`, /^subscribed \d/),
      unsubscribe: (id) => ask(`unsub ${id}`, /^unsubscribed 0/),
    };
  }

  return { plugin, busSettings, config, start, publish, probe, reasons, connected, degraded, channel };
};
