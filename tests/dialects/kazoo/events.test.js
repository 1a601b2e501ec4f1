// SPDX-License-Identifier: Apache-2.0
// kazoo digest sections 3, 6, 7 and 9: subscriptions and what comes of them.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const k = require('./kazoo');

const keys = ({ subscribed_key, subscription_key, routing_key, name }) => ({ subscribed_key, subscription_key, routing_key, name });

test('kazoo: events', async (t) => {
  const gw = await k.start(t, { settings: { modules: ['call', 'conference', 'fax', 'object', 'presence'] } });
  // Tests run at once, so each has calls of its own.
  const tests = [
    t.test('kazoo 21, 22, 24: subscriptions are listed in order, and end', async (s) => {
      const socket = await k.open(s, gw);
      const x = 'object.doc_created.user', y = 'call.CHANNEL_HOLD.c24';
      assert.deepStrictEqual(await socket.subscribe(x), { subscribed: [x] });
      assert.deepStrictEqual(await socket.subscribe(y), { subscribed: [x, y] });
      assert.deepStrictEqual(await socket.unsubscribe(x), { unsubscribed: [x], subscribed: [y] });
      await k.document(gw, 'doc_created', 'user');
      await k.call(gw, 'CHANNEL_HOLD', 'c24');
      assert.strictEqual((await socket.event()).subscribed_key, y);
      await socket.noEvent();
    }),
    t.test('kazoo 23: the same subscription twice', async (s) => {
      const socket = await k.open(s, gw);
      for (let i = 0; i < 2; i += 1) assert.deepStrictEqual(await socket.subscribe('call.CHANNEL_ANSWER.c23'), { subscribed: ['call.CHANNEL_ANSWER.c23'] });
      await k.call(gw, 'CHANNEL_ANSWER', 'c23');
      await socket.event();
      await socket.noEvent();
    }),
    t.test('kazoo 25: nothing to unsubscribe', async (s) => {
      const socket = await k.open(s, gw);
      const message = { action: 'unsubscribe', auth_token: 'demo-account-token', data: { account_id: k.B, binding: 'call.*.*' } };
      assert.deepStrictEqual(await socket.succeed(message), { unsubscribed: ['call.*.*'], subscribed: [] });
      await socket.refused({ action: 'unsubscribe', data: { account_id: k.A, binding: 'call.NOPE.*' } }, 'event NOPE not supported');
    }),
    t.test('kazoo 26: unsubscribe without data drops everything', async (s) => {
      const socket = await k.open(s, gw);
      await socket.subscribe('call.CHANNEL_HOLD.c26');
      await socket.subscribe('object.doc_edited.device');
      assert.deepStrictEqual(await socket.succeed({ action: 'unsubscribe' }), { unsubscribed: ['call.CHANNEL_HOLD.c26', 'object.doc_edited.device'], subscribed: [] });
      await k.call(gw, 'CHANNEL_HOLD', 'c26');
      await socket.noEvent();
    }),
    t.test('kazoo 27: several bindings at once, all or none', async (s) => {
      const socket = await k.open(s, gw);
      const several = (bindings, more = {}) => ({ action: 'subscribe', auth_token: 'demo-account-token', data: { account_id: k.A, bindings, ...more } });
      await socket.refused(several(['call.CHANNEL_HOLD.c27', 'call.NOPE.*']), 'event NOPE not supported');
      await socket.refused(several([]), 'missing required keys : binding');
      await socket.refused(several(['call.*.*', 5]), 'missing required keys : binding');
      assert.deepStrictEqual(await socket.succeed(several(['call.CHANNEL_HOLD.c27', 'fax.status.f27'])), { subscribed: ['call.CHANNEL_HOLD.c27', 'fax.status.f27'] });
      assert.deepStrictEqual(await socket.succeed(several(['call.*.*'], { binding: 'fax.status.f28' })),
        { subscribed: ['call.CHANNEL_HOLD.c27', 'fax.status.f27', 'fax.status.f28'] });
      await k.call(gw, 'CHANNEL_HOLD', 'c27');
      assert.strictEqual((await socket.event()).subscribed_key, 'call.CHANNEL_HOLD.c27');
      assert.deepStrictEqual(await socket.succeed({ action: 'unsubscribe', data: { account_id: k.A, bindings: ['fax.status.f27', 'fax.status.f28'] } }),
        { unsubscribed: ['fax.status.f27', 'fax.status.f28'], subscribed: ['call.CHANNEL_HOLD.c27'] });
    }),
    t.test('kazoo 28, 29: calls of the account only', async (s) => {
      const socket = await k.open(s, gw);
      const other = await k.open(s, gw);
      await socket.subscribe('call.CHANNEL_BRIDGE.*');
      await other.subscribe('call.CHANNEL_BRIDGE.*', { account_id: k.B, token: 'b-token' });
      await k.call(gw, 'CHANNEL_BRIDGE', 'c29', k.B);
      await k.call(gw, 'CHANNEL_BRIDGE', 'c29', null);
      await k.call(gw, 'CHANNEL_BRIDGE', 'c28');
      assert.deepStrictEqual(keys(await socket.event()), {
        subscribed_key: 'call.CHANNEL_BRIDGE.*', subscription_key: `call.${k.A}.CHANNEL_BRIDGE.*`,
        routing_key: `call.${k.A}.CHANNEL_BRIDGE.c28`, name: 'CHANNEL_BRIDGE',
      });
      assert.strictEqual((await other.event()).routing_key, `call.${k.B}.CHANNEL_BRIDGE.c29`);
      await socket.noEvent();
      await other.succeed({ action: 'ping' });
      assert.deepStrictEqual(other.events, []);
    }),
    t.test('kazoo 30, 31, 32, row 7: data of an event', async (s) => {
      const socket = await k.open(s, gw);
      await socket.subscribe('call.CHANNEL_CREATE.c30');
      await k.call(gw, 'CHANNEL_CREATE', 'c30', k.A, { Node: 'n', 'Server-ID': 's', 'System-Log-ID': 'l', 'App-Name': 'ecallmgr', 'Msg-ID': 'm', 'To-Tag': null, Timestamp: 63876543210 });
      const event = await socket.event();
      assert.strictEqual(event.action, 'event');
      assert.deepStrictEqual(event.data, {
        event_name: 'CHANNEL_CREATE', event_category: 'call_event', call_id: 'c30', custom_channel_vars: { account_id: k.A },
        app_name: 'ecallmgr', msg_id: 'm', timestamp: 63876543210,
      });
    }),
    t.test('kazoo 33: encoded call ids', async (s) => {
      const socket = await k.open(s, gw);
      await socket.subscribe('call.CHANNEL_ANSWER.a%2Eb%40c');
      await k.call(gw, 'CHANNEL_ANSWER', 'a.b@d');
      await k.call(gw, 'CHANNEL_ANSWER', 'a.b@c');
      assert.match((await socket.event()).routing_key, /\.a%2Eb%40c$/);
      await socket.noEvent();
    }),
    t.test('kazoo 34: all events of calls', async (s) => {
      const socket = await k.open(s, gw);
      assert.deepStrictEqual(await socket.subscribe('call.*.c34'), { subscribed: ['call.*.c34'] });
      const names = ['CHANNEL_CREATE', 'CHANNEL_HOLD', 'PARK_PARKED'];
      for (const name of [...names, 'CHANNEL_OTHER']) await k.call(gw, name, 'c34');
      for (const name of names) {
        const event = await socket.event();
        assert.deepStrictEqual([event.name, event.subscribed_key, event.subscription_key], [name, 'call.*.c34', `call.${k.A}.${name}.c34`]);
      }
      await socket.noEvent();
    }),
    t.test('kazoo row 25: all accounts get all nine events', async (s) => {
      const socket = await k.open(s, gw);
      await socket.subscribe('call.*.c25', { account_id: '*', token: 'demo-admin-token' });
      const names = ['CHANNEL_CREATE', 'CHANNEL_ANSWER', 'CHANNEL_DESTROY', 'CHANNEL_HOLD', 'CHANNEL_UNHOLD', 'CHANNEL_BRIDGE', 'PARK_PARKED', 'PARK_RETRIEVED', 'PARK_ABANDONED'];
      for (const name of names) await k.call(gw, name, 'c25', k.B);
      for (const name of names) assert.deepStrictEqual(keys(await socket.event()),
        { subscribed_key: 'call.*.c25', subscription_key: `call.*.${name}.c25`, routing_key: `call.${k.B}.${name}.c25`, name });
    }),
    t.test('kazoo 35: objects', async (s) => {
      const socket = await k.open(s, gw);
      await socket.subscribe('object.doc_edited.callflow');
      await k.document(gw, 'doc_created', 'callflow');
      await k.document(gw, 'doc_edited', 'callflow', k.B);
      await k.document(gw, 'doc_edited', 'callflow');
      const key = `doc_edited.${k.database(k.A)}.callflow.`;
      assert.deepStrictEqual(keys(await socket.event()), { subscribed_key: 'object.doc_edited.callflow', subscription_key: `${key}*`, routing_key: `${key}id1`, name: 'doc_edited' });
      await socket.noEvent();
    }),
    t.test('kazoo 36, row 15: databases of months', async (s) => {
      const socket = await k.open(s, gw);
      assert.deepStrictEqual(await socket.subscribe('object.doc_created.mailbox_message'), { subscribed: ['object.doc_created.mailbox_message'] });
      for (const ahead of [0, 1]) {
        const database = `${k.database(k.A)}-${k.month(ahead)}`;
        await k.document(gw, 'doc_created', 'mailbox_message', k.A, database);
        assert.strictEqual((await socket.event()).subscription_key, `doc_created.${database}.mailbox_message.*`);
      }
      await k.document(gw, 'doc_created', 'mailbox_message');
      await socket.noEvent();
    }),
    t.test('kazoo row 14: recordings come from both databases', async (s) => {
      const socket = await k.open(s, gw);
      await socket.subscribe('object.doc_created.call_recording');
      for (const database of [k.database(k.A), `${k.database(k.A)}-${k.month()}`]) {
        await k.document(gw, 'doc_created', 'call_recording', k.A, database);
        assert.strictEqual((await socket.event()).subscribed_key, 'object.doc_created.call_recording');
      }
    }),
    t.test('kazoo 37: faxes', async (s) => {
      const socket = await k.open(s, gw);
      await socket.subscribe('fax.status.*');
      await socket.subscribe('fax.object.doc_edited');
      await k.publish(gw, 'faxes', `fax.status.${k.B}.job1`, { 'Event-Name': 'status' });
      await k.publish(gw, 'faxes', `fax.status.${k.A}.job1`, { 'Event-Name': 'status', 'Event-Category': 'fax' });
      assert.deepStrictEqual(keys(await socket.event()),
        { subscribed_key: 'fax.status.*', subscription_key: `fax.status.${k.A}.*`, routing_key: `fax.status.${k.A}.job1`, name: 'status' });
      await k.document(gw, 'doc_edited', 'fax', k.A, `${k.database(k.A)}-${k.month()}`);
      assert.strictEqual((await socket.event()).subscribed_key, 'fax.object.doc_edited');
    }),
    t.test('kazoo 38, 39, row 12: conferences', async (s) => {
      const socket = await k.open(s, gw);
      const bindings = ['conference.event.C38.*', 'conference.event.*.C38.*', 'conference.event.add-member.C38.call%401', 'conference.event.C38.*.add-member', 'conference.event.lock.C38.*'];
      for (const binding of bindings) await socket.subscribe(binding);
      const event = (account) => k.publish(gw, 'conference', `conference.event.add-member.${account}.C38.call%401`, { 'Event-Name': 'event', Event: 'add-member' });
      await event(k.B);
      await event(k.A);
      const came = [];
      for (let i = 0; i < 4; i += 1) came.push(await socket.event());
      assert.deepStrictEqual(came.map((e) => e.subscribed_key).sort(), bindings.slice(0, 4).sort());
      assert.ok(came.every((e) => e.routing_key === `conference.event.add-member.${k.A}.C38.call%401`));
      await socket.noEvent();
    }),
    t.test('kazoo row 13: commands that name another account', async (s) => {
      const socket = await k.open(s, gw);
      const all = await k.open(s, gw);
      await socket.subscribe('conference.command.C13');
      await all.subscribe('conference.command.C13', { account_id: '*', token: 'demo-admin-token' });
      await k.publish(gw, 'conference', 'conference.command.C13', { 'Event-Name': 'one', 'Account-ID': k.B });
      await k.publish(gw, 'conference', 'conference.command.C13', { 'Event-Name': 'two', 'Custom-Channel-Vars': { 'Account-ID': k.B } });
      await k.publish(gw, 'conference', 'conference.command.C13', { 'Event-Name': 'three', 'Account-ID': k.A });
      await k.publish(gw, 'conference', 'conference.command.C13', { 'Event-Name': 'four' });
      assert.deepStrictEqual([(await socket.event()).name, (await socket.event()).name], ['three', 'four']);
      for (const name of ['one', 'two', 'three', 'four']) assert.strictEqual((await all.event()).name, name);
      await socket.noEvent();
    }),
    t.test('kazoo section 6, row 2: presence', async (s) => {
      const socket = await k.open(s, gw);
      assert.deepStrictEqual(await socket.subscribe('presence.dialog.*'), { subscribed: ['presence.dialog.*'] });
      await socket.subscribe('presence.mwi_updates.1001');
      await k.publish(gw, 'presence', 'dialog.b%2Eexample.c1', { 'Event-Name': 'update' });
      await k.publish(gw, 'presence', 'dialog.a%2Eexample.c1', { 'Event-Name': 'update' });
      await k.publish(gw, 'presence', 'mwi_updates.a%2Eexample.1001', { 'Event-Name': 'mwi' });
      assert.deepStrictEqual(keys(await socket.event()), { subscribed_key: 'presence.dialog.*', subscription_key: 'dialog.a%2Eexample.*', routing_key: 'dialog.a%2Eexample.c1', name: 'update' });
      assert.strictEqual((await socket.event()).subscribed_key, 'presence.mwi_updates.1001');
      // An account whose realm is not known.
      await socket.refused({ action: 'subscribe', data: { account_id: k.parent, binding: 'presence.dialog.*' } }, 'unauthorized account id');
      const parent = await k.open(s, gw);
      await parent.refused({ action: 'subscribe', auth_token: 'demo-parent-token', data: { account_id: k.parent, binding: 'presence.dialog.*' } }, 'no available subscriptions to requested binding');
    }),
    t.test('kazoo 40: two bindings that both match', async (s) => {
      const socket = await k.open(s, gw);
      await socket.subscribe('call.CHANNEL_DESTROY.c40');
      await socket.subscribe('call.*.c40');
      await k.call(gw, 'CHANNEL_DESTROY', 'c40');
      assert.deepStrictEqual([(await socket.event()).subscribed_key, (await socket.event()).subscribed_key].sort(), ['call.*.c40', 'call.CHANNEL_DESTROY.c40']);
      await socket.noEvent();
    }),
    t.test('kazoo section 3: one binding for two accounts', async (s) => {
      const socket = await k.open(s, gw);
      await socket.subscribe('call.CHANNEL_UNHOLD.c3', { token: 'demo-parent-token', account_id: k.parent });
      assert.deepStrictEqual(await socket.subscribe('call.CHANNEL_UNHOLD.c3'), { subscribed: ['call.CHANNEL_UNHOLD.c3', 'call.CHANNEL_UNHOLD.c3'] });
      await socket.unsubscribe('call.CHANNEL_UNHOLD.c3', k.parent);
      await k.call(gw, 'CHANNEL_UNHOLD', 'c3', k.parent);
      await k.call(gw, 'CHANNEL_UNHOLD', 'c3');
      assert.strictEqual((await socket.event()).subscription_key, `call.${k.A}.CHANNEL_UNHOLD.c3`);
      await socket.noEvent();
    }),
    t.test('kazoo section 7: bodies that are no objects are dropped', async (s) => {
      const socket = await k.open(s, gw);
      await socket.subscribe('fax.status.bad');
      for (const body of ['[]', 'x', '{"a":']) await k.publish(gw, 'faxes', `fax.status.${k.A}.bad`, body);
      await k.publish(gw, 'faxes', `fax.status.${k.A}.bad`, {});
      const event = await socket.event();
      assert.deepStrictEqual([event.name, event.data], [undefined, {}]);
      assert.ok(await gw.metric('dragoman_plugin_kazoo_events_invalid_total') >= 3);
    }),
  ];
  await Promise.all(tests);
});
