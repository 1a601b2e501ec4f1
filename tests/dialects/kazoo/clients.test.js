// SPDX-License-Identifier: Apache-2.0
// kazoo digest section 12: what programs that exist need of the gateway.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { randomUUID } = require('node:crypto');
const k = require('./kazoo');

const token = 'demo-account-token';
// As Monster UI writes it: one binding for each message, the token inside too.
const subscribe = (binding, more = {}) => ({ action: 'subscribe', auth_token: token, request_id: randomUUID(), data: { account_id: k.A, auth_token: token, binding }, ...more });

test('kazoo section 12, Monster UI', async (t) => {
  const gw = await k.start(t);
  const tests = [
    t.test('replies are told by request_id, whatever else is on its way', async (s) => {
      const socket = await k.open(s, gw);
      const messages = ['call.CHANNEL_CREATE.m1', 'call.*.*', 'object.*.user', 'conference.event.*.C1.*'].map((binding) => subscribe(binding));
      for (const message of messages) socket.client.send(message);
      for (const message of messages) {
        const reply = await socket.reply(message.request_id);
        assert.deepStrictEqual([reply.action, reply.request_id, reply.data.subscribed.includes(message.data.binding)], ['reply', message.request_id, true]);
      }
    }),
    t.test('status is success or error, and nothing else', async (s) => {
      const socket = await k.open(s, gw);
      assert.strictEqual((await socket.ask(subscribe('call.*.*'))).status, 'success');
      assert.strictEqual((await socket.ask(subscribe('call.NOPE.*'))).status, 'error');
      assert.strictEqual((await socket.ask(subscribe('call.*.*', { action: 'unsubscribe' }))).status, 'success');
    }),
    t.test('an error begins so that the page logs in again', async (s) => {
      const socket = await k.open(s, gw);
      for (const wrong of ['expired', 'a.b.c', '"']) {
        const { status, data } = await socket.ask(subscribe('call.*.*', { auth_token: wrong }));
        assert.strictEqual(status, 'error');
        assert.ok(data.errors[0].startsWith('failed to authenticate token'), data.errors[0]);
      }
      await socket.succeed(subscribe('call.*.*'));
    }),
    t.test('subscribed_key is the binding as it was sent', async (s) => {
      const socket = await k.open(s, gw);
      const id = k.encode('m3@host.example');
      const sent = {
        [`call.CHANNEL_ANSWER.${id}`]: () => k.call(gw, 'CHANNEL_ANSWER', 'm3@host.example'),
        'call.CHANNEL_DESTROY.*': () => k.call(gw, 'CHANNEL_DESTROY', 'm3'),
        'call.*.m3b': () => k.call(gw, 'PARK_PARKED', 'm3b'),
        'object.doc_edited.user': () => k.document(gw, 'doc_edited', 'user'),
        'object.*.device': () => k.document(gw, 'doc_deleted', 'device'),
        'object.doc_created.*': () => k.document(gw, 'doc_created', 'callflow'),
        'fax.status.*': () => k.publish(gw, 'faxes', `fax.status.${k.A}.m3`, { 'Event-Name': 'status' }),
        'conference.event.M3.*': () => k.publish(gw, 'conference', `conference.event.lock.${k.A}.M3.x`, { 'Event-Name': 'event' }),
        'conference.event.*.M4.*': () => k.publish(gw, 'conference', `conference.event.lock.${k.A}.M4.x`, { 'Event-Name': 'event' }),
        'conference.command.M3': () => k.publish(gw, 'conference', 'conference.command.M3', { 'Event-Name': 'command' }),
      };
      for (const binding of Object.keys(sent)) await socket.succeed(subscribe(binding));
      for (const [binding, publish] of Object.entries(sent)) {
        await publish();
        const event = await socket.event();
        assert.deepStrictEqual([event.action, event.subscribed_key], ['event', binding]);
      }
      await socket.noEvent();
    }),
    t.test('a page whose connection was cut comes back with all its bindings', async (s) => {
      const before = await k.open(s, gw);
      const bindings = ['call.CHANNEL_HOLD.m4', 'object.doc_edited.vmbox'];
      for (const binding of bindings) await before.succeed(subscribe(binding));
      before.client.socket.terminate();
      const after = await k.open(s, gw);
      for (const binding of bindings) await after.succeed(subscribe(binding));
      await k.call(gw, 'CHANNEL_HOLD', 'm4');
      await k.document(gw, 'doc_edited', 'vmbox');
      for (const binding of bindings) assert.strictEqual((await after.event()).subscribed_key, binding);
      await after.noEvent();
    }),
    t.test('no subprotocol is asked for, and none is named', async (s) => {
      const socket = await k.open(s, gw);
      assert.strictEqual(socket.client.socket.protocol, '');
      assert.strictEqual(socket.client.socket.extensions, '');
    }),
  ];
  await Promise.all(tests);
});

test('kazoo section 12, jamhed/blackhole-client: no request_id, and members in snake_case', async (t) => {
  const gw = await k.start(t);
  const socket = await k.open(t, gw);
  socket.client.send({ action: 'subscribe', auth_token: token, data: { account_id: k.A, binding: 'call.CHANNEL_DESTROY.*' } });
  assert.match((await socket.reply()).request_id, /^[0-9a-f]{32}$/);
  await k.call(gw, 'CHANNEL_DESTROY', 'j1', k.A, { Timestamp: 63876543210, 'Caller-ID-Name': 'n', 'Hangup-Cause': 'NORMAL_CLEARING' });
  const { name, data } = await socket.event();
  assert.deepStrictEqual([name, data.caller_id_name, data.hangup_cause, data.timestamp - 62167219200], ['CHANNEL_DESTROY', 'n', 'NORMAL_CLEARING', 1709324010]);
});
