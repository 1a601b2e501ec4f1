// SPDX-License-Identifier: Apache-2.0
// valtronics digest sections 4 and 5: permissions of tokens, channels and filters.
'use strict';
const assert = require('node:assert');
const v = require('../dialects/valtronics/valtronics');
const { isolation } = require('./harness');

const devices = [1, 2, 3];
const metrics = ['temperature', 'humidity', 'power'];
const severities = ['info', 'warning', 'critical'];
const types = ['threshold', 'offline'];
const marker = 99;  // a device that everybody listens to
const states = ['online', 'offline', 'error'];
const permitted = { 'all-token': ['telemetry', 'alerts', 'devices'], reader: ['telemetry'] };

async function valtronics(t, random) {
  const gw = await v.start(t, { tokens: { 'all-token': {} }, limits: { messages_per_second: 0 } });
  const last = new Map();
  // No restriction at times, and one value as it is.
  const choice = (list) => {
    const some = random.some(list);
    return random.chance(0.3) || !some.length ? undefined : some.length === 1 ? some[0] : some;
  };
  const list = (value) => (value === undefined ? undefined : [value].flat());
  const reply = async (client, wanted) => {
    for (;;) {
      const message = JSON.parse(await client.next());
      if (wanted(message)) return message;
      if (message.type !== 'error' && message.device_id !== marker) client.came.push(message);
    }
  };
  const settled = (client) => {
    client.send({ type: 'ping' });
    return reply(client, (m) => m.type === 'pong');
  };
  const mark = (client) => client.send({ type: 'subscribe', channel: 'telemetry', device_id: marker });
  let marks = 0;
  const label = (message) => {
    if (message.channel === 'telemetry') return `${Object.values(message.telemetry)[0].value} ${Object.keys(message.telemetry).sort()}`;
    return message.type === 'alert' ? `${message.message}` : `${message.reason}`;
  };
  return {
    async open() {
      const token = random.one(['good', 'good', 'reader']);
      const client = await v.session(t, gw, { token });
      client.came = [];
      mark(client);
      await settled(client);
      client.model = { may: token === 'reader' ? permitted.reader : permitted['all-token'], subscriptions: [] };
      return client;
    },
    async act(client) {
      const { model } = client;
      const channel = random.one(['telemetry', 'alerts', 'devices']);
      if (random.chance(0.25)) {
        client.send({ type: 'unsubscribe', channel });
        model.subscriptions = model.subscriptions.filter((s) => s.channel !== channel);
        mark(client);
      } else {
        const filters = channel === 'telemetry' ? { metrics: choice(metrics) }
          : channel === 'alerts' ? { severity: choice(severities), alert_type: choice(types) } : { status_types: choice(states) };
        const device_id = choice(devices);
        client.send({ type: 'subscribe', channel, filters: { device_id, ...filters } });
        if (model.may.includes(channel)) {
          const same = (s) => s.channel === channel && String(s.devices) === String(list(device_id));
          model.subscriptions = model.subscriptions.filter((s) => !same(s));
          model.subscriptions.push({ channel, devices: list(device_id), filters: Object.values(filters).map(list) });
        }
      }
      await settled(client);
    },
    async publish(n) {
      const device = random.one(devices);
      switch (random.below(3)) {
        case 0: {
          const some = random.some(metrics);
          const reported = some.length ? some : [metrics[0]];
          await v.report(gw, device, Object.fromEntries(reported.map((name) => [name, n])));
          return { n, channel: 'telemetry', device, metrics: reported };
        }
        case 1: {
          const severity = random.one(severities), type = random.one(types);
          await v.alert(gw, device, severity, { type, message: `${n}` });
          return { n, channel: 'alerts', device, values: [severity, type] };
        }
        default: {
          const state = random.one(states);
          await v.status(gw, device, state, { reason: `${n}` });
          const changed = last.get(device) !== state;
          last.set(device, state);
          return { n, channel: changed ? 'devices' : 'none', device, values: [state] };
        }
      }
    },
    wanted({ model }, event) {
      const open = (filter, value) => filter === undefined || filter.includes(value);
      const fit = model.subscriptions.filter((s) => s.channel === event.channel && open(s.devices, event.device));
      if (event.channel === 'telemetry') {
        const seen = event.metrics.filter((name) => fit.some((s) => open(s.filters[0], name)));
        return seen.length ? [`${event.n} ${seen.sort()}`] : [];
      }
      return fit.some((s) => s.filters.every((filter, i) => open(filter, event.values[i]))) ? [`${event.n}`] : [];
    },
    async received(client) {
      // An answer could come before an event that another shard maps.
      const value = marks += 1;
      await v.report(gw, marker, { mark: value });
      await reply(client, (m) => m.device_id === marker && m.telemetry.mark.value === value);
      return client.came.splice(0).map(label);
    },
    close: (client) => client.close(),
  };
}

isolation('valtronics', valtronics);
