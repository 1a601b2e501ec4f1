// SPDX-License-Identifier: Apache-2.0
// The demo configuration on free ports, and its alarm.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { startGateway, adminToken } = require('../support/gateway');

const text = fs.readFileSync(path.join(__dirname, '../../config/demo.yaml'), 'utf8');
const account = '4b31dd1d32ce6d249897c06332375d65';

// ports: of listeners that shall have a certain one, by those that the file has.
function demoConfig(ports = {}) {
  return text.replace(/(address: 127\.0\.0\.1):(\d{4})\b/g, (_, address, port) => `${address}:${ports[port] ?? 0}`)
    .replace('token: demo\n', `token: ${adminToken}\n`);
}
const startDemo = (t, ports, options) => startGateway(t, demoConfig(ports), options);
const alarm = (id, data = {}) => ({ specversion: '1.0', id, source: '/alarms', type: 'demo.alarm',
  data: { device: 'pump-7', severity: 'critical', text: 'Pressure is too high', account, ...data } });

module.exports = { account, alarm, demoConfig, startDemo };
