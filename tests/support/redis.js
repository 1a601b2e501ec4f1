// SPDX-License-Identifier: Apache-2.0
// Gateways whose bus is Redis, for tests.
'use strict';
const forBus = require('./bus');
const { user } = require('./redis_server');

module.exports = forBus({
  plugin: 'redis',
  channel: 'iot',
  busSettings: (server, more = {}) => ({ url: server.url, username: user.name, password: user.password, channel: 'iot',
    reconnect_min: '20ms', reconnect_max: '100ms', ...(server.tls ? { ca: server.tls.ca } : {}), ...more }),
});
