// SPDX-License-Identifier: Apache-2.0
// One node of a cluster reloads while another goes on with the configuration as it was: they deliver, list sessions, count and revoke as before.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { startGateway, waitFor } = require('../support/gateway');
const { connect } = require('../support/client');
const { reload, change, pluginDirectory } = require('../support/reload');
const { startMosquitto } = require('../support/mosquitto');
const mqtt = require('../support/mqtt');
const n = require('./nodes');

const user = (session) => `${session.user}@${session.node}`;

test('nodes: a reload of one, then of the other, in mounts and translations', async (t) => {
  const broker = await startMosquitto(t);
  const limits = { connections_per_user: 4 };
  const [a, b] = await n.startAll(t, broker, ['a', 'b'], { limits });
  // Other limits, another mount, and events of one key told under another.
  const changed = (node) => `${n.config(broker, node, { limits: { ...limits, messages_per_second: 1000 } })
    .replace('mounts:\n', 'mounts:\n  more: {plugin: probe, bus: broker, listen: [{listener: probe, path: /more}], authenticator: demo}\n')
  }translations: {told: {match: {bus: broker, channel: ${mqtt.channel}, key: from.#}, events: [{channel: ${mqtt.channel}, key: told, body: {made: 1}}]}}\nreload: {drain_rate: 1}\n`;
  const join = async (gw, where = '/', name = 'ann') => {
    const client = await connect(t, `ws://127.0.0.1:${gw.port('probe')}${where}`);
    assert.strictEqual(await n.ask(client, `auth ${name}`), `auth 0 ${name}`);
    assert.match(await n.ask(client, `sub ${mqtt.channel} # 1`), /^subscribed/);
    return client;
  };
  const listed = async (gw, mount = 'probe') => {
    const list = await n.sessions(gw, mount);
    assert.strictEqual(list.complete, undefined);
    return list.sessions.map(user).sort();
  };
  // A subscription is answered before the broker has it.
  const subscribed = async (clients) => {
    const publish = (body) => a.admin('/publish?bus=broker', { channel: mqtt.channel, key: 'plain', body });
    const all = (text) => clients.every((client) => client.messages.includes(`1:${text}`));
    await waitFor('the subscriptions', async () => (await publish('early'), all('early')));
    await publish('last');
    await waitFor('the last of them', () => all('last'));
    for (const client of clients) client.messages.length = 0;
  };
  // From each node to each client, once.
  let number = 0;
  const deliver = async (gateways, clients) => {
    for (const gw of gateways) {
      number += 1;
      const text = `1:event ${number}`;
      await gw.admin('/publish?bus=broker', { channel: mqtt.channel, key: 'plain', body: `event ${number}` });
      await waitFor(text, () => clients.every((client) => client.messages.includes(text)));
    }
  };
  const onA = await join(a), onB = await join(b, '/', 'bob');
  const both = [a, b];
  await subscribed([onA, onB]);
  await deliver(both, [onA, onB]);

  const report = await reload(a, changed('a'));
  assert.deepStrictEqual(['bus broker', 'mount probe', 'mount kazoo', 'mount more', 'translation told'].map((one) => change(report, ...one.split(' '))),
    ['kept', 'changed', 'kept', 'added', 'added']);
  await n.seen(both, 1);
  assert.strictEqual((await onA.closed()).code, 1001);
  const again = await join(a), more = await join(a, '/more');
  for (const gw of both) assert.deepStrictEqual(await listed(gw), ['ann@a', 'bob@b']);
  // The mount that only one of them has: the other knows nothing of it, and is not waited for.
  assert.deepStrictEqual(await listed(a, 'more'), ['ann@a']);
  assert.strictEqual((await b.request('GET', '/mounts/more/sessions')).status, 404);
  await subscribed([again, onB, more]);
  await deliver(both, [again, onB, more]);

  await t.test('a translation counts on the node that has it', async () => {
    for (const client of [again, onB]) client.messages.length = 0;
    await b.admin('/publish?bus=broker', { channel: mqtt.channel, key: 'from.b', body: '"told"' });
    await waitFor('the event and what is made of it', () => again.messages.length === 2);
    assert.deepStrictEqual(again.messages, ['1:"told"', '1:{"made":1}']);
    await deliver([b], [onB]);
    assert.deepStrictEqual(onB.messages, ['1:"told"', `1:event ${number}`]);
  });

  await t.test('users are counted over both', async () => {
    const second = await join(b, '/', 'ann'), third = await join(a, '/', 'ann'), fourth = await join(b, '/', 'ann');
    for (const gw of both)
      await waitFor('the quota', async () => {
        const fifth = await n.open(t, gw);
        const answer = await n.ask(fifth, 'auth ann');
        fifth.close();
        return answer === 'auth -1 Too many connections of this user';
      });
    for (const client of [second, third, fourth]) client.close();
    for (const gw of both) await waitFor('their end', async () => (await listed(gw)).length === 2);
  });

  const next = await reload(b, changed('b'));
  assert.deepStrictEqual([change(next, 'mount', 'probe'), change(next, 'mount', 'more'), change(next, 'translation', 'told')], ['changed', 'added', 'added']);
  assert.strictEqual((await onB.closed()).code, 1001);
  const late = await join(b, '/more', 'bob'), back = await join(b, '/', 'bob');
  for (const gw of both) {
    assert.deepStrictEqual(await listed(gw), ['ann@a', 'bob@b']);
    assert.deepStrictEqual(await listed(gw, 'more'), ['ann@a', 'bob@b']);
  }
  await subscribed([again, more, late, back]);
  await deliver(both, [again, more, late, back]);

  await t.test('a token that is revoked on one node counts on the other until it is revoked there', async () => {
    const others = [await join(b), await join(b, '/more')];
    await subscribed(others);
    const revoked = (client) => client.messages.some((m) => /^identity \d+ ann$/.test(m));
    const revoke = async (gw, clients) => {
      await gw.revoke('ann');
      await waitFor('the revocation', () => clients.every(revoked));
      assert.match(await n.ask(await n.open(t, gw), 'auth ann'), /^auth -/);
    };
    await revoke(a, [again, more]);
    await deliver(both, others);
    assert.ok(!others.some(revoked));
    await revoke(b, others);
  });
});

test('nodes: a mount that is gone on one goes on on the other, and what drains is listed', async (t) => {
  const broker = await startMosquitto(t);
  const [a, b] = await n.startAll(t, broker, ['a', 'b']);
  const clients = [];
  for (const gw of [a, a, a, b]) {
    const client = await n.open(t, gw);
    assert.strictEqual(await n.ask(client, 'auth ann'), 'auth 0 ann');
    clients.push(client);
  }
  const without = n.config(broker, 'a').replace(/ {2}probe: .*\n/, '').replace('mounts:', 'reload: {drain_rate: 1}\nmounts:');
  assert.strictEqual(change(await reload(a, without), 'mount', 'probe'), 'removed');
  const list = await n.sessions(b, 'probe');
  assert.ok(list.sessions.some((s) => s.node === 'a' && s.draining) && list.sessions.some((s) => s.node === 'b' && !s.draining), JSON.stringify(list));
  for (const client of clients.slice(0, 3)) assert.strictEqual((await client.closed()).code, 1001);
  await waitFor('the end of the mount', async () => (await a.request('GET', '/mounts/probe/sessions')).status === 404);
  assert.deepStrictEqual((await n.sessions(b, 'probe')).sessions.map(user), ['ann@b']);
  // What a cluster is made of needs a restart.
  const { errors } = await reload(a, n.config(broker, 'a').replace('heartbeat: 200ms', 'heartbeat: 300ms'), { expect: 422 });
  assert.deepStrictEqual(errors, ['cluster cannot change without a restart']);
  await reload(a, n.config(broker, 'a'));
  assert.strictEqual(await n.ask(await n.open(t, a), 'auth ann'), 'auth 0 ann');
  assert.deepStrictEqual((await n.sessions(b, 'probe')).sessions.map(user).sort(), ['ann@a', 'ann@b']);
});

test('nodes: their bus keeps the file of its plugin, and another bus is upgraded', async (t) => {
  const broker = await startMosquitto(t);
  const files = { a: pluginDirectory(t, 'mqtt'), b: pluginDirectory(t, 'mqtt') };
  const nodes = { plugin: 'mqtt', settings: mqtt.busSettings(broker, { client_id: '' }) };
  const [a, b] = await Promise.all(['a', 'b'].map((node) =>
    startGateway(t, n.config(broker, node, { settings: { client_id: '' }, more: { nodes } }), { plugins: files[node].plugins })));
  await n.seen([a, b]);
  for (const gw of [a, b]) assert.strictEqual(await n.ask(await n.open(t, gw), 'auth ann'), 'auth 0 ann');
  for (const [gw, own] of [[a, files.a], [b, files.b]]) {
    own.install(2);
    const report = await reload(gw);
    assert.deepStrictEqual(['bus nodes', 'bus broker', 'mount probe', 'mount kazoo'].map((one) => change(report, ...one.split(' '))), ['kept', 'upgraded', 'upgraded', 'upgraded']);
    assert.match(report.changes.find((c) => c.name === 'nodes').note, /used after a restart/);
    const fresh = await n.open(t, gw);
    assert.strictEqual(await n.ask(fresh, 'auth bob'), 'auth 0 bob');
    await n.seen([a, b], 1);
    for (const asked of [a, b]) {
      const list = await n.sessions(asked, 'probe');
      assert.deepStrictEqual([list.complete, list.sessions.filter((s) => s.user === 'ann').map(user).sort()], [undefined, ['ann@a', 'ann@b']]);
      assert.strictEqual(list.sessions.filter((s) => s.user === 'bob').length, gw === a ? 1 : 2);
    }
  }
});
