// SPDX-License-Identifier: Apache-2.0
// wazo digest 8.1, statements 35-41: headers mode, where tenant, user, origin and ACL decide. And where the master tenant comes from.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { startWazoAuth, wazoAuthenticator } = require('../../support/wazo_auth');
const { startGateway, wazoConfig, waitFor } = require('../../support/gateway');
const w = require('./wazo');

const origin = 'pbx';
const master = 'master';
const token = (name, tenant, more = {}) => ({ token: name, user: `${name}-uuid`, tenant, grants: ['websocketd', 'events.#'], ...more });
const tokens = [
  token('ann', 'red'), token('bob', 'red'), token('eve', 'blue'), token('nobody', ''), token('admin', 'red', { claims: { admin: true } }),
  token('api', 'red', { claims: { purpose: 'external_api' } }), token('inside', 'red', { claims: { purpose: 'internal' } }),
  token('plain', 'red', { claims: { purpose: 'user', admin: false } }), token('root', master), token('foreign', 'blue', { claims: { admin: true } }),
  token('poor', 'red', { grants: ['websocketd'], claims: { admin: true } }),
];
const settings = { mode: 'headers', origin_uuid: origin, master_tenant: master };

// An event as a publisher of Wazo sends it; null leaves a header out.
async function publish(gw, name, { tenant = 'red', users = [], from = origin, acl = 'events.x', header = name, body = {}, raw } = {}) {
  const given = { name: header, origin_uuid: from, tenant_uuid: tenant, required_acl: acl, ...Object.fromEntries(users.map((u) => [`user_uuid:${u}`, true])) };
  const attributes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  const text = raw ?? JSON.stringify({ name, ...body });
  await gw.publish({ channel: 'wazo-headers', key: '', attributes, body: text });
  return text;
}

// Everybody listens to everything; `got` says who has received an event, which ends with one that all get.
async function everybody(t, gw, names = ['*']) {
  const all = {};
  for (const { token: name } of tokens) all[name] = await w.listening(t, gw, names, `token=${name}`);
  return all;
}
async function got(gw, all, text) {
  const end = JSON.stringify({ end: Math.random(), required_acl: null });
  for (const tenant of ['red', 'blue']) await gw.publish({ channel: 'wazo-headers', key: '', attributes: { name: 'end', origin_uuid: origin, tenant_uuid: tenant, 'user_uuid:*': 'true' }, body: end });
  const who = [];
  for (const [name, client] of Object.entries(all)) {
    if (name === 'nobody') {
      assert.deepStrictEqual(client.messages, [], 'without a tenant there are no events');
      continue;
    }
    let message = await client.next();
    if (message === text) {
      who.push(name);
      message = await client.next();
    }
    assert.strictEqual(message, end, name);
    // It gets the ends of both tenants.
    if (name === 'root') assert.strictEqual(await client.next(), end);
  }
  return who.sort();
}
const admins = ['admin', 'api', 'inside', 'root'];

test('wazo: headers mode', async (t) => {
  const gw = await w.start(t, { tokens, settings });
  const all = await everybody(t, gw);
  const reach = async (event, expected, what) => assert.deepStrictEqual(await got(gw, all, await publish(gw, 'x', event)), expected.sort(), what);
  await t.test('wazo 35: events of a user, of several and of all users', async () => {
    await reach({ users: ['ann-uuid'] }, ['ann', ...admins]);
    await reach({ users: ['ANN-UUID'] }, ['ann', ...admins], 'names of headers have no case');
    await reach({ users: ['ann-uuid', 'bob-uuid', 'eve-uuid'] }, ['ann', 'bob', ...admins]);
    await reach({ users: ['*'] }, ['ann', 'bob', 'plain', ...admins]);
    await reach({ users: ['other'] }, admins);
  });
  await t.test('wazo 36: events of another tenant or of the master tenant', async () => {
    await reach({ tenant: 'blue', users: ['*'] }, ['eve', 'foreign', 'root']);
    await reach({ tenant: 'blue', users: ['ann-uuid'] }, ['foreign', 'root']);
    await reach({ tenant: master, users: ['*'] }, ['root']);
    await reach({ tenant: '', users: ['*'] }, ['root'], 'an empty tenant is nobody\'s');
  });
  await t.test('wazo 37: an admin, external_api and internal get the events of any user, and those of none', async () => {
    await reach({ users: [] }, admins);
  });
  await t.test('wazo 38: the master tenant gets the events of all tenants, and those of none', async () => {
    await reach({ tenant: 'green', users: [] }, ['root']);
    await reach({ tenant: null, users: ['*'] }, ['root']);
  });
  await t.test('wazo 39: another origin, or none, reaches nobody', async () => {
    const before = await gw.metric('dragoman_plugin_wazo_events_of_other_origin_total', 'mount="wazo"');
    await reach({ users: ['*'], from: 'another' }, []);
    await reach({ users: ['*'], from: null }, []);
    assert.strictEqual(await gw.metric('dragoman_plugin_wazo_events_of_other_origin_total', 'mount="wazo"') - before, 2);
  });
  await t.test('wazo 40: an ACL in the body only is none; a header that is null is none with a body that says so', async () => {
    await reach({ users: ['*'], acl: null, body: { required_acl: 'events.x' } }, []);
    await reach({ users: ['*'], acl: null }, []);
    await reach({ users: ['*'], acl: null, body: { required_acl: null } }, ['ann', 'bob', 'plain', 'poor', ...admins]);
    await reach({ users: ['*'], acl: 'other.x', body: { required_acl: 'events.x' } }, [], 'the header counts');
    await reach({ users: ['*'], acl: 'other.x', body: { required_acl: null } }, []);
  });
  await t.test('wazo 32, 41: what is no event reaches nobody', async () => {
    for (const raw of ['', '1', '[]', '{"name": ', '"x"', '{"required_acl": 2}', '{"required_acl": true}']) await reach({ users: ['*'], raw }, [], raw);
    await reach({ users: ['*'] }, ['ann', 'bob', 'plain', ...admins], 'and the next one does');
  });
  await t.test('wazo 8.1: a flag that is not true is none', async () => {
    await gw.publish({ channel: 'wazo-headers', key: '', attributes: { name: 'x', origin_uuid: origin, tenant_uuid: 'red', required_acl: 'events.x', 'user_uuid:ann-uuid': 'false', user_uuid: 'true' }, body: '{"flag": 1}' });
    assert.deepStrictEqual(await got(gw, all, '{"flag": 1}'), [...admins].sort());
  });
});

test('wazo 8.1: names come from the header only; without one only * gets the event', async (t) => {
  const gw = await w.start(t, { tokens, settings });
  const star = await w.listening(t, gw, ['*'], 'token=ann'), named = await w.listening(t, gw, ['foo', 'bar', 'end'], 'token=ann');
  const users = ['ann-uuid'];
  const bare = await publish(gw, 'foo', { users, header: null });
  const other = await publish(gw, 'foo', { users, header: 'bar' });
  const end = await publish(gw, 'end', { users });
  for (const text of [bare, other, end]) assert.strictEqual(await star.next(), text);
  for (const text of [other, end]) assert.strictEqual(await named.next(), text);
});

test('wazo 45: in headers mode a renewed token is whose events come', async (t) => {
  const gw = await w.start(t, { tokens, settings });
  const client = await w.listening(t, gw, ['*'], 'token=ann&version=2');
  const renew = async (name) => {
    client.send({ op: 'token', data: { token: name } });
    assert.strictEqual(await client.next(), w.v2('token'));
  };
  for (const [name, tenant, user] of [['ann', 'red', 'ann-uuid'], ['eve', 'blue', 'eve-uuid'], ['admin', 'red', 'bob-uuid']]) {
    await renew(name);
    for (const one of tokens) if (one.user !== user && one.token !== name) await publish(gw, 'not', { tenant: one.tenant === tenant ? 'green' : one.tenant, users: [one.user] });
    const text = await publish(gw, 'mine', { tenant, users: [user] });
    assert.strictEqual(await client.next(), w.envelope(text));
  }
});

test('wazo 38: the master tenant is asked of wazo-auth, again and again until it says', async (t) => {
  const auth = await startWazoAuth(t, { service: { id: 'websocketd-service', key: 'websocketd-password', tenant: master } });
  const { upstreams } = wazoAuthenticator(auth);
  auth.status = 500;
  const gw = await startGateway(t, `upstreams: ${JSON.stringify(upstreams)}\n${wazoConfig({ tokens, threads: 1, settings: { mode: 'headers', origin_uuid: origin, service_login: { upstream: 'service-login' } } })}`);
  const root = await w.listening(t, gw, ['*'], 'token=root');
  await waitFor('a login', () => auth.requests.length > 0);
  await publish(gw, 'before', { tenant: 'red', users: ['*'] });
  assert.strictEqual(await publish(gw, 'own', { tenant: master, users: ['*'] }), await root.next(), 'until then it is a tenant like any other');
  auth.status = 0;
  // Nothing tells the gateway's clients when it is known.
  await waitFor('the master tenant', async () => {
    await publish(gw, 'after', { tenant: 'red', users: ['*'] });
    return root.messages.length > 0;
  });
  const login = auth.requests.at(-1);
  assert.deepStrictEqual([login.method, login.url, login.body], ['POST', '/0.1/token', '{"expiration": 21600}']);
  assert.match(gw.log, /the master tenant is not known: it answered with status 500/);
  assert.ok(!gw.log.includes('websocketd-password') && !gw.log.includes(Buffer.from('websocketd-service:websocketd-password').toString('base64')));
});

test('wazo: what headers mode must know', async (t) => {
  const refused = async (more, expected) => {
    const { log } = await startGateway(t, wazoConfig({ settings: more }), { expectExit: true });
    assert.match(log, expected);
  };
  await refused({ mode: 'headers' }, /mounts\.wazo: .*settings\.origin_uuid is missing/);
  await refused({ origin_uuid: 'x' }, /have no use without mode: headers/);
  await refused({ ...settings, service_login: { upstream: 'x' } }, /has both master_tenant and service_login/);
  await refused({ mode: 'headers', origin_uuid: 'x', service_login: { upstream: 'nowhere' } }, /there is no such upstream/);
});
