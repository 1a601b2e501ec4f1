// SPDX-License-Identifier: Apache-2.0
// wazo digest 8.1, statements 29, 30, 32, 35-41, 51-53: headers mode on RabbitMQ, with events as Wazo's publishers send them and tokens of a
// stand-in wazo-auth.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { startGateway, wazoConfig, waitFor } = require('../../support/gateway');
const { connect } = require('../../support/client');
const { ownRabbitMQ, vhost } = require('../../support/rabbitmq');
const { startWazoAuth, wazoAuthenticator } = require('../../support/wazo_auth');
const w = require('./wazo');

const exchange = 'wazo-headers';
const origin = 'the-predefined-wazo-uuid';

async function start(t, broker, auth, { mount = '    on_bus_loss: close' } = {}) {
  const { upstreams, authenticator } = wazoAuthenticator(auth);
  const bus = { plugin: 'amqp', settings: { url: broker.url, reconnect_min: '20ms', reconnect_max: '200ms', exchanges: { [exchange]: { type: 'headers', declare: true, match: [{ origin_uuid: origin }] } } } };
  const yaml = wazoConfig({ threads: 1, mount, settings: { mode: 'headers', origin_uuid: origin, service_login: { upstream: 'service-login' } } })
    .replace(/^authenticators:.*$/m, `authenticators: {demo: ${JSON.stringify(authenticator)}}`).replace(/^buses:.*$/m, `buses: {main: ${JSON.stringify(bus)}}`);
  const gw = await startGateway(t, `upstreams: ${JSON.stringify(upstreams)}\n${yaml}`);
  await waitFor('the broker', async () => (await gw.request('GET', '/readyz')).json.reasons.length === 0);
  await waitFor('the login', () => auth.requests.some((r) => r.method === 'POST'));
  return gw;
}
// Headers and body as wazo-bus makes them.
function event(name, { tenant = 'red', users = ['*'], acl = 'events.x', from = origin, headers = {}, data = {} } = {}) {
  const all = { name, origin_uuid: from, timestamp: '2030-01-31T12:00:00.000000', required_acl: acl, tenant_uuid: tenant, ...Object.fromEntries(users.map((u) => [`user_uuid:${u}`, true])), ...headers };
  for (const [key, value] of Object.entries(all)) if (value === undefined) delete all[key];
  return { headers: all, body: { ...all, data } };
}
function everyToken(auth) {
  const acl = ['websocketd', 'events.#'];
  auth.add('ann', { acl, tenant: 'red', user: 'ann-uuid' });
  auth.add('poor', { tenant: 'red', user: 'poor-uuid' });
  auth.add('eve', { acl, tenant: 'blue', user: 'eve-uuid' });
  auth.add('admin', { acl, tenant: 'red', metadata: { admin: true } });
  auth.add('api', { acl, tenant: 'red', metadata: { purpose: 'external_api' } });
  auth.add('root', { acl, tenant: 'master-tenant' });
}

test('wazo 29-41: headers mode on RabbitMQ', async (t) => {
  const broker = await vhost(t);
  const auth = await startWazoAuth(t);
  everyToken(auth);
  const gw = await start(t, broker, auth);
  const all = {};
  for (const name of ['ann', 'poor', 'eve', 'admin', 'api', 'root']) all[name] = await w.listening(t, gw, ['*'], `token=${name}&version=2`);
  const pub = ({ headers, body }) => broker.pub(exchange, '', body, { headers, contentType: 'application/json' });
  let number = 0;
  // The end of each round comes to all.
  const round = async (what, given, expected, raw) => {
    const data = { n: number += 1 };
    const sent = event('x', { ...given, data });
    if (raw) await broker.pub(exchange, '', raw, { headers: sent.headers });
    else await pub(sent);
    const end = { n: number += 1 };
    for (const tenant of ['red', 'blue']) await pub(event('end', { tenant, acl: null, data: end }));
    const got = [];
    for (const [name, client] of Object.entries(all)) {
      for (let ends = name === 'root' ? 2 : 1; ends;) {
        const message = JSON.parse(await client.next()).data;
        if (message.data.n === end.n) ends -= 1;
        else if (message.data.n === data.n) got.push(name);
        else assert.fail(JSON.stringify(message));
      }
    }
    assert.deepStrictEqual(got.sort(), [...expected].sort(), what);
  };
  await round('35: his own', { users: ['ann-uuid'] }, ['ann', 'admin', 'api', 'root']);
  await round('35: for all users', {}, ['ann', 'admin', 'api', 'root']);
  await round('35: another user\'s', { users: ['bob'] }, ['admin', 'api', 'root']);
  await round('36: another tenant', { tenant: 'blue' }, ['eve', 'root']);
  await round('37: of no user', { users: [] }, ['admin', 'api', 'root']);
  await round('38: of no tenant', { headers: { tenant_uuid: undefined } }, ['root']);
  await round('39: another origin', { from: 'other' }, []);
  await round('29: null', { acl: null }, ['ann', 'poor', 'admin', 'api', 'root']);
  await round('40: no header', { headers: { required_acl: undefined } }, []);
  await round('32: a number', { acl: 2 }, []);
  await round('41: no JSON', {}, [], '{"name": ');
  await round('41: bad UTF-8', {}, [], Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]));
  await round('a flag that is false', { users: [], headers: { 'user_uuid:ann-uuid': false } }, ['admin', 'api', 'root']);
  // One queue for all of them.
  const queues = await broker.server.ask('GET', `/api/queues/${broker.name}`);
  assert.strictEqual(queues.length, 1);
});

test('wazo 51, 52, 53: RabbitMQ stops and returns', async (t) => {
  const server = await ownRabbitMQ();
  const broker = await server.vhost(t);
  const auth = await startWazoAuth(t);
  everyToken(auth);
  const gw = await start(t, broker, auth);
  const client = await w.listening(t, gw, ['*'], 'token=ann');
  await server.stop();
  assert.deepStrictEqual(await client.closed(), { code: 1011, reason: 'bus connection lost' });
  for (const [token, end] of [['ann', { code: 1011, reason: 'bus connection error' }], ['bad', { code: 4002, reason: 'authentication failed' }]])
    assert.deepStrictEqual(await (await connect(t, w.url(gw, `token=${token}`))).closed(), end);
  await server.start();
  await waitFor('the broker', async () => (await gw.request('GET', '/readyz')).json.reasons.length === 0);
  const again = await w.listening(t, gw, ['*'], 'token=ann');
  broker.publisher = null;
  const { headers, body } = event('back');
  await broker.pub(exchange, '', body, { headers });
  assert.strictEqual(await again.next(), JSON.stringify(body));
});
