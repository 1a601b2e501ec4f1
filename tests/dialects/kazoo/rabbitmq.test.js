// SPDX-License-Identifier: Apache-2.0
// kazoo digest section 6 on RabbitMQ: exchanges, keys and bindings as Kazoo's own services use them, and what a Crossbar asks over them.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const k = require('./kazoo');
const { startGateway, waitFor } = require('../../support/gateway');
const { connected } = require('../../support/amqp');
const { vhost: makeVhost } = require('../../support/rabbitmq');

const topics = ['callevt', 'conference', 'faxes', 'configuration', 'presence', 'sysconf'];
const flags = { durable: false, autoDelete: false };
const keys = ({ subscribed_key, subscription_key, routing_key, name }) => ({ subscribed_key, subscription_key, routing_key, name });

// A virtual host with the exchanges of Kazoo.
async function kazooVhost(t) {
  const vhost = await makeVhost(t);
  const channel = await vhost.channel();
  for (const name of topics) await channel.assertExchange(name, 'topic', flags);
  await channel.assertExchange('targeted', 'direct', flags);
  return vhost;
}
// node: its name in a cluster.
async function start(t, vhost, { settings = {}, node, ...options } = {}) {
  const exchange = { declare: true, durable: false };
  const bus = { plugin: 'amqp', settings: { url: vhost.url, reconnect_min: '20ms', reconnect_max: '100ms',
    exchanges: Object.fromEntries([...topics.map((name) => [name, exchange]), ['nodes', exchange], ['targeted', { ...exchange, type: 'direct' }]]) } };
  const cluster = node ? `cluster: {bus: main, node: ${node}, channel: nodes, heartbeat: 200ms, deadline: 1s}\n` : '';
  const modules = ['call', 'conference', 'fax', 'object', 'presence'];
  const gw = await startGateway(t, cluster + k.config({ settings: { modules, ...settings }, ...options })
    .replace('buses: {main: {plugin: embedded}}', `buses: {main: ${JSON.stringify(bus)}}`));
  await connected(gw);
  return gw;
}
// As Kazoo's services publish.
const publish = (vhost, exchange, key, body) => vhost.pub(exchange, key, body, { contentType: 'application/json' });
const call = (vhost, name, id, account = k.A, more = {}) => publish(vhost, 'callevt', `call.${name}.${k.encode(id)}`,
  { 'Event-Name': name, 'Event-Category': 'call_event', 'Call-ID': id, 'Custom-Channel-Vars': { 'Account-ID': account }, ...more });
const document = (vhost, action, type, db = k.database(k.A), id = 'id1') => publish(vhost, 'configuration', `${action}.${db}.${type}.${k.encode(id)}`,
  { 'Event-Name': action, 'Event-Category': 'configuration', Type: type, 'Account-ID': k.A });

test('kazoo: events from RabbitMQ', async (t) => {
  const vhost = await kazooVhost(t);
  const gw = await start(t, vhost);
  // What a client subscribes reaches the broker behind the reply.
  const listen = async (s, bindings, ...wanted) => {
    const socket = await k.open(s, gw);
    for (const binding of bindings) await socket.subscribe(binding);
    const all = await waitFor(`the bindings ${wanted}`, async () => {
      const now = await vhost.bindings();
      return wanted.every((one) => now.includes(one)) && now;
    });
    for (const one of wanted) assert.strictEqual(all.filter((other) => other === one).length, 1, one);
    return socket;
  };
  // Tests run at once, so each has events of its own.
  const tests = [
    t.test('kazoo 28, 29: calls of the account only', async (s) => {
      const socket = await listen(s, ['call.CHANNEL_CREATE.*'], 'callevt call.CHANNEL_CREATE.*');
      await call(vhost, 'CHANNEL_CREATE', 'c1', k.B);
      await call(vhost, 'CHANNEL_CREATE', 'c1');
      assert.deepStrictEqual(keys(await socket.event()), { subscribed_key: 'call.CHANNEL_CREATE.*', subscription_key: `call.${k.A}.CHANNEL_CREATE.*`,
        routing_key: `call.${k.A}.CHANNEL_CREATE.c1`, name: 'CHANNEL_CREATE' });
      await socket.noEvent();
    }),
    t.test('kazoo 30, 31, 32: data of an event', async (s) => {
      const socket = await listen(s, ['call.CHANNEL_BRIDGE.c30'], 'callevt call.CHANNEL_BRIDGE.*');
      await call(vhost, 'CHANNEL_BRIDGE', 'c30', k.A, { Node: 'n', 'Server-ID': 's', 'System-Log-ID': 'l', 'App-Name': 'ecallmgr', 'Msg-ID': 'm', 'To-Tag': null, Timestamp: 63876543210 });
      assert.deepStrictEqual((await socket.event()).data, { event_name: 'CHANNEL_BRIDGE', event_category: 'call_event', call_id: 'c30',
        custom_channel_vars: { account_id: k.A }, app_name: 'ecallmgr', msg_id: 'm', timestamp: 63876543210 });
    }),
    t.test('kazoo 33: encoded call ids', async (s) => {
      const socket = await listen(s, ['call.CHANNEL_ANSWER.a%2Eb%40c', 'call.CHANNEL_ANSWER.x+y%2Fz'], 'callevt call.CHANNEL_ANSWER.*');
      await call(vhost, 'CHANNEL_ANSWER', 'a.b@d');
      for (const [id, end] of [['a.b@c', 'a%2Eb%40c'], ['x y/z', 'x+y%2Fz']]) {
        await call(vhost, 'CHANNEL_ANSWER', id);
        assert.strictEqual((await socket.event()).routing_key, `call.${k.A}.CHANNEL_ANSWER.${end}`);
      }
      await socket.noEvent();
    }),
    t.test('kazoo 34: all events of calls, one binding each', async (s) => {
      const names = ['CHANNEL_CREATE', 'CHANNEL_ANSWER', 'CHANNEL_DESTROY', 'CHANNEL_HOLD', 'CHANNEL_UNHOLD', 'CHANNEL_BRIDGE', 'PARK_PARKED', 'PARK_RETRIEVED', 'PARK_ABANDONED'];
      const socket = await k.open(s, gw);
      await socket.subscribe('call.*.*', { account_id: k.parent, token: 'demo-parent-token' });
      await waitFor('the bindings', async () => {
        const all = await vhost.bindings();
        return names.every((name) => all.includes(`callevt call.${name}.*`));
      });
      for (const name of ['CHANNEL_CREATE', 'CHANNEL_HOLD', 'PARK_PARKED']) {
        await call(vhost, name, 'c34', k.parent);
        const event = await socket.event();
        assert.deepStrictEqual([event.name, event.subscribed_key], [name, 'call.*.*']);
      }
    }),
    t.test('kazoo 35: objects, whose databases have %2F in their keys', async (s) => {
      const binding = `doc_edited.${k.database(k.A)}.user.*`;
      const socket = await listen(s, ['object.doc_edited.user'], `configuration ${binding}`);
      await document(vhost, 'doc_created', 'user');
      await document(vhost, 'doc_edited', 'user', k.database(k.B));
      await document(vhost, 'doc_edited', 'user', k.database(k.A), 'a.b c/d');
      assert.deepStrictEqual(keys(await socket.event()), { subscribed_key: 'object.doc_edited.user', subscription_key: binding,
        routing_key: `doc_edited.account%2F4b%2F31%2Fdd1d32ce6d249897c06332375d65.user.a%2Eb+c%2Fd`, name: 'doc_edited' });
      await socket.noEvent();
    }),
    t.test('kazoo 36, row 15: this month and the next are bound', async (s) => {
      const databases = [0, 1].map((ahead) => `${k.database(k.A)}-${k.month(ahead)}`);
      const socket = await listen(s, ['object.doc_created.mailbox_message'], ...databases.map((db) => `configuration doc_created.${db}.mailbox_message.*`));
      await document(vhost, 'doc_created', 'mailbox_message');
      for (const db of databases) {
        await document(vhost, 'doc_created', 'mailbox_message', db);
        assert.strictEqual((await socket.event()).subscription_key, `doc_created.${db}.mailbox_message.*`);
      }
      await socket.noEvent();
    }),
    t.test('kazoo 37: faxes', async (s) => {
      const socket = await listen(s, ['fax.status.*'], `faxes fax.status.${k.A}.*`);
      for (const account of [k.B, k.A]) await publish(vhost, 'faxes', `fax.status.${account}.job1`, { 'Event-Name': 'status', 'Event-Category': 'fax' });
      assert.deepStrictEqual(keys(await socket.event()), { subscribed_key: 'fax.status.*', subscription_key: `fax.status.${k.A}.*`,
        routing_key: `fax.status.${k.A}.job1`, name: 'status' });
      await socket.noEvent();
    }),
    t.test('kazoo 38, 39: conferences', async (s) => {
      const bindings = ['conference.event.C1.*', 'conference.event.*.C1.*'];
      const socket = await listen(s, bindings, `conference conference.event.*.${k.A}.C1.*`);
      for (const account of [k.B, k.A]) await publish(vhost, 'conference', `conference.event.add-member.${account}.C1.call1`, { 'Event-Name': 'event', Event: 'add-member' });
      const came = [await socket.event(), await socket.event()];
      assert.deepStrictEqual(came.map((event) => event.subscribed_key).sort(), bindings.slice().sort());
      await socket.noEvent();
    }),
    t.test('kazoo section 6: commands of conferences, and presence', async (s) => {
      const socket = await listen(s, ['conference.command.C2', 'presence.dialog.*', 'presence.mwi_updates.1001'],
        'conference conference.command.C2', 'presence dialog.a%2Eexample.*', 'presence mwi_updates.a%2Eexample.1001');
      await publish(vhost, 'conference', 'conference.command.C2', { 'Event-Name': 'command' });
      await publish(vhost, 'presence', 'dialog.b%2Eexample.c1', { 'Event-Name': 'dialog' });
      await publish(vhost, 'presence', 'dialog.a%2Eexample.c%2E1', { 'Event-Name': 'dialog' });
      await publish(vhost, 'presence', 'mwi_updates.a%2Eexample.1001', { 'Event-Name': 'mwi' });
      const came = [await socket.event(), await socket.event(), await socket.event()];
      assert.deepStrictEqual(came.map((event) => event.routing_key).sort(), ['conference.command.C2', 'dialog.a%2Eexample.c%2E1', 'mwi_updates.a%2Eexample.1001']);
      await socket.noEvent();
    }),
    t.test('kazoo 23, 40: two bindings that both match, each once', async (s) => {
      const socket = await listen(s, ['call.CHANNEL_DESTROY.c40', 'call.*.c40', 'call.CHANNEL_DESTROY.c40'], 'callevt call.CHANNEL_DESTROY.*');
      await call(vhost, 'CHANNEL_DESTROY', 'c40');
      assert.deepStrictEqual([(await socket.event()).subscribed_key, (await socket.event()).subscribed_key].sort(), ['call.*.c40', 'call.CHANNEL_DESTROY.c40']);
      await socket.noEvent();
    }),
  ];
  await Promise.all(tests);
});

test('kazoo 23, 40, 41: bindings are shared, come back with the broker, and go with the last subscriber', async (t) => {
  const vhost = await kazooVhost(t);
  const gw = await start(t, vhost);
  const [one, two, three] = await Promise.all([0, 1, 2].map(() => k.open(t, gw)));
  const calls = 'callevt call.CHANNEL_CREATE.*', faxes = `faxes fax.status.${k.B}.job1`;
  await one.subscribe('call.CHANNEL_CREATE.*');
  await two.subscribe('call.CHANNEL_CREATE.c1');
  await three.subscribe('fax.status.job1', { account_id: k.B, token: 'b-token' });
  await vhost.has(calls, faxes);

  const events = () => gw.metric('dragoman_bus_events_total');
  const before = await events();
  await call(vhost, 'CHANNEL_CREATE', 'c1');
  for (const socket of [one, two]) assert.strictEqual((await socket.event()).routing_key, `call.${k.A}.CHANNEL_CREATE.c1`);
  for (const socket of [one, two]) await socket.noEvent();
  assert.strictEqual(await events() - before, 1);

  await vhost.server.ctl('close_all_connections', '--vhost', vhost.name, 'a test');
  delete vhost.publisher;
  await waitFor('a new connection', async () => await gw.metric('dragoman_bus_connections_total') === 2);
  await connected(gw);
  await vhost.has(calls, faxes);
  await call(vhost, 'CHANNEL_CREATE', 'c1');
  for (const socket of [one, two]) assert.strictEqual((await socket.event()).routing_key, `call.${k.A}.CHANNEL_CREATE.c1`);

  await one.unsubscribe('call.CHANNEL_CREATE.*');
  await three.unsubscribe('fax.status.job1', k.B);
  await vhost.has(calls);
  await call(vhost, 'CHANNEL_CREATE', 'c1');
  await two.event();
  await one.noEvent();
  two.client.close();
  await vhost.has();
});

test('kazoo section 6.3: a Crossbar asks every node for its sockets', async (t) => {
  const vhost = await kazooVhost(t);
  const gateways = [];
  for (const node of ['a', 'b']) gateways.push(await start(t, vhost, { node, settings: { node: `${node}.example`, answer_crossbar: true } }));
  const [a, b] = gateways;
  const silent = await start(t, vhost, { node: 'c', settings: { node: 'c.example' } });
  await waitFor('the bindings', async () => (await vhost.bindings()).filter((one) => one === 'sysconf websockets.get').length === 2);
  await waitFor('the cluster', async () => (await Promise.all([a, b, silent].map((gw) => gw.metric('dragoman_cluster_nodes')))).join() === '2,2,2');
  const open = async (gw, options) => {
    const socket = await k.open(t, gw);
    await socket.subscribe('call.CHANNEL_CREATE.*', options);
    return socket;
  };
  await open(a);
  await open(a, { token: 'demo-parent-token' });
  await open(b, { token: 'b-token', account_id: k.B });
  await open(b);
  await open(silent);
  // The cluster tells of all nodes.
  const own = async (node, account = k.A, token = 'demo-account-token') =>
    (await k.sockets(a, { account, token })).filter((socket) => socket.destination === `${node}.example`);

  const inbox = await vhost.sub('targeted', 'apps-1.queue');
  const ask = (body) => publish(vhost, 'sysconf', 'websockets.get',
    { 'Event-Category': 'websockets', 'Event-Name': 'get_req', 'App-Name': 'crossbar', 'Server-ID': 'apps-1.queue', ...body });
  // By node, since answers come in any order. One question is answered before the next, so none came twice.
  const answers = async (body, ids) => {
    inbox.messages.splice(0);
    await ask(body);
    await waitFor('two answers', () => inbox.messages.length >= 2);
    await ask({ 'Account-ID': 'f'.repeat(32), 'Msg-ID': 'after' });
    await waitFor('the last answers', () => inbox.messages.length >= 4);
    const all = inbox.messages.splice(0).map((message) => JSON.parse(message.content));
    assert.deepStrictEqual(all.map((one) => one['Msg-ID']).sort(), [body['Msg-ID'], body['Msg-ID'], 'after', 'after'].sort());
    for (const one of all.filter((other) => other['Msg-ID'] === 'after')) assert.deepStrictEqual(one.Data, []);
    return all.filter((one) => one['Msg-ID'] === body['Msg-ID']).map((one) => one.Data).sort((x, y) => JSON.stringify(y).length - JSON.stringify(x).length);
  };
  const sockets = { a: await own('a'), parents: await own('a', k.parent, 'demo-parent-token'), b: await own('b') };
  assert.deepStrictEqual(Object.values(sockets).map((list) => list.length), [1, 1, 1]);

  await t.test('those of an account', async () => {
    const came = await answers({ 'Account-ID': k.A, 'Msg-ID': 'm1' });
    assert.deepStrictEqual(came.flat().map((socket) => socket.websocket_session_id).sort(), [...sockets.a, ...sockets.b].map((socket) => socket.websocket_session_id).sort());
    assert.deepStrictEqual(came.find(([socket]) => socket.destination === 'a.example'), sockets.a);
  });
  await t.test('and of the account that asks', async () => {
    const came = await answers({ 'Account-ID': k.A, 'Auth-Account-ID': k.parent, 'Msg-ID': 'm2' });
    assert.deepStrictEqual(came, [[...sockets.a, ...sockets.parents], sockets.b]);
    assert.deepStrictEqual(await answers({ 'Account-ID': k.A, 'Auth-Account-ID': k.A, 'Msg-ID': 'm3' }).then((all) => all.flat().length), 2);
  });
  await t.test('one of them', async () => {
    const id = sockets.a[0].websocket_session_id;
    assert.deepStrictEqual(await answers({ 'Account-ID': k.A, 'Socket-ID': id, 'Msg-ID': 'm4' }), [sockets.a[0], []]);
    assert.deepStrictEqual(await answers({ 'Account-ID': k.B, 'Socket-ID': id, 'Msg-ID': 'm5' }), [[], []]);
    assert.deepStrictEqual(await answers({ 'Account-ID': k.B, 'Auth-Account-ID': k.A, 'Socket-ID': id, 'Msg-ID': 'm6' }), [sockets.a[0], []]);
  });
  await t.test('an answer for a process, and its form', async () => {
    await ask({ 'Account-ID': k.B, 'Msg-ID': 'm7', 'Server-ID': 'pid://<0.77.0>/apps-1.queue' });
    await waitFor('two answers', () => inbox.messages.length === 2);
    for (const { properties, content, fields } of inbox.messages.splice(0)) {
      assert.deepStrictEqual([fields.exchange, fields.routingKey, properties.contentType, properties.headers['Deliver-To-PID']],
        ['targeted', 'apps-1.queue', 'application/json', '<0.77.0>']);
      const { Data, ...rest } = JSON.parse(content);
      assert.ok(Array.isArray(Data));
      assert.deepStrictEqual(rest, { 'Msg-ID': 'm7', 'Event-Category': 'websockets', 'Event-Name': 'get_resp', 'App-Name': 'blackhole', 'App-Version': '4.0.0' });
    }
  });
  await t.test('nobody to answer, and no questions', async () => {
    await ask({ 'Account-ID': k.A, 'Msg-ID': 'm8', 'Server-ID': 'a.queue.that.is.gone' });
    for (const bad of ['junk', '[]', '{}', '{"Account-ID":']) await vhost.pub('sysconf', 'websockets.get', bad);
    for (const bad of [{ 'Server-ID': null }, { 'Server-ID': 'x'.repeat(256) }, { 'Msg-ID': 'x'.repeat(100000) }, { 'Msg-ID': [1] }, { 'Event-Name': 'get_resp' }])
      await ask({ 'Account-ID': k.A, ...bad });
    await ask({});
    assert.deepStrictEqual((await answers({ 'Account-ID': k.A, 'Msg-ID': 'm9' })).flat().length, 2);
    await a.counted(10, 'dragoman_plugin_kazoo_events_invalid_total');
    for (const gw of [a, b, silent]) assert.deepStrictEqual((await gw.request('GET', '/readyz')).status, 200);
  });
  await t.test('a question reaches no client, and events go on', async () => {
    const socket = await open(a);
    await ask({ 'Account-ID': k.A, 'Msg-ID': 'm10' });
    await call(vhost, 'CHANNEL_CREATE', 'c1');
    assert.strictEqual((await socket.event()).name, 'CHANNEL_CREATE');
    await socket.noEvent();
  });
});
