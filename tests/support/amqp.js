// SPDX-License-Identifier: Apache-2.0
// Gateways whose bus is RabbitMQ, for tests.
'use strict';
const forBus = require('./bus');

const channel = 'events';
module.exports = forBus({
  plugin: 'amqp',
  channel,
  busSettings: (broker, more = {}) => ({ url: broker.url, reconnect_min: '20ms', reconnect_max: '100ms',
    ...more, exchanges: { [channel]: { declare: true }, ...more.exchanges } }),
});
