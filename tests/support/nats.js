// SPDX-License-Identifier: Apache-2.0
// Gateways whose bus is a NATS server, for tests.
'use strict';
const forBus = require('./bus');
const { user } = require('./nats_server');

const channel = 'iot';
module.exports = forBus({
  plugin: 'nats',
  channel,
  busSettings: (server, more = {}) => ({ url: server.url, client_name: 'gw', username: user.name, password: user.password, channel,
    reconnect_min: '20ms', reconnect_max: '100ms', ...(server.tls ? { ca: server.tls.ca } : {}), ...more }),
});
