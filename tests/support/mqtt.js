// SPDX-License-Identifier: Apache-2.0
// Gateways whose bus is an MQTT broker, for tests.
'use strict';
const forBus = require('./bus');
const { user } = require('./mosquitto');

const channel = 'iot';
module.exports = forBus({
  plugin: 'mqtt',
  channel,
  busSettings: (broker, more = {}) => ({ url: broker.url, client_id: 'gw', username: user.name, password: user.password, channel,
    reconnect_min: '20ms', reconnect_max: '100ms', ...(broker.tls ? { ca: broker.tls.ca } : {}), ...more }),
});
