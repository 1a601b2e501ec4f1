// SPDX-License-Identifier: Apache-2.0
// wazo digest statements 23-33, 41, 59: events. 34: the ACL table against a running gateway.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const w = require('./wazo');

test('wazo: events', async (t) => {
  const gw = await w.start(t, { tokens: [{ token: 'plain', grants: ['websocketd'] }, { token: 'foo', grants: ['websocketd', 'event.foo'] }] });
  await t.test('wazo 23: v1, the body byte for byte', async (s) => {
    const client = await w.listening(s, gw);
    for (const body of ['{"name":"odd",   "required_acl":null , "x":"\\u00e9é", "x":1.50}\n', ' {"required_acl":null,"name":""}']) {
      await gw.wazo(body);
      assert.strictEqual(await client.next(), body);
    }
  });
  await t.test('wazo 24: v2, the body in an envelope', async (s) => {
    const client = await w.listening(s, gw, ['*'], 'token=some-token-id&version=2');
    await gw.wazo(w.event('foo', null, { b: 1, a: [2] }));
    assert.strictEqual(await client.next(), '{"op": "event", "code": 0, "data": {"name":"foo","required_acl":null,"b":1,"a":[2]}}');
  });
  await t.test('wazo 25: before start events are discarded, not queued', async (s) => {
    const client = await w.session(s, gw);
    w.subscribe(client, '*');
    assert.strictEqual(await client.next(), w.v1('subscribe'));
    const witness = await w.listening(s, gw);
    await gw.wazo(w.event('early', null));
    await witness.next();
    client.send({ op: 'start' });
    assert.strictEqual(await client.next(), w.v1('start'));
    await w.sentinel(gw, client);
  });
  await t.test('wazo 26: other names do not arrive', async (s) => {
    const client = await w.listening(s, gw, ['bar']);
    for (const name of ['foo', 'Bar', 'bar.x', 'ba', '*', '#', '']) await gw.wazo(w.event(name, null));
    await w.sentinel(gw, client, 'bar');
  });
  await t.test('wazo section 5: names with wildcards in them are only themselves; an empty name matches nothing', async (s) => {
    const client = await w.listening(s, gw, ['a.*', '', '#', 'end']);
    await gw.wazo(w.event('a.b', null));
    await gw.wazo(w.event('', null));
    await w.sentinel(gw, client, 'a.*');
    await w.sentinel(gw, client, '#');
    await w.sentinel(gw, client, 'end');
  });
  await t.test('wazo 27: * is every name', async (s) => {
    const client = await w.listening(s, gw);
    for (const name of ['one', 'two.three', '']) {
      await gw.wazo(w.event(name, null));
      assert.strictEqual(await client.next(), w.event(name, null));
    }
  });
  await t.test('wazo 28: one copy, however many subscriptions match', async (s) => {
    const client = await w.listening(s, gw, ['foo', '*', 'foo']);
    await gw.wazo(w.event('foo', null));
    assert.strictEqual(await client.next(), w.event('foo', null));
    await w.sentinel(gw, client);
  });
  await t.test('wazo 29: required_acl null is for everyone', async (s) => {
    const client = await w.listening(s, gw, ['*'], 'token=plain');
    await w.sentinel(gw, client);
  });
  await t.test('wazo 30, 32, 41: no ACL, ACL of the wrong type, no event at all: dropped, and the session lives on', async (s) => {
    const client = await w.listening(s, gw);
    const before = await gw.metric('dragoman_plugin_wazo_events_invalid_total', 'mount="wazo"');
    await gw.wazo(w.event('foo'));
    for (const bad of [w.event('foo', 2), w.event('foo', true), '{"required_acl": null}', '{"name": 1, "required_acl": null}', '{"name": ', '[]', '1', '',
      `{"name":"deep","required_acl":null,"x":${'['.repeat(100)}${']'.repeat(100)}}`])
      await gw.wazo(bad);
    await gw.admin('/publish', { channel: 'other', key: 'k', body: w.event('foo', null) });
    await w.sentinel(gw, client);
    assert.strictEqual(await gw.metric('dragoman_plugin_wazo_events_invalid_total', 'mount="wazo"') - before, 9, 'each is counted');
  });
  await t.test('wazo 41: bad UTF-8', async (s) => {
    const client = await w.listening(s, gw);
    const body = Buffer.concat([Buffer.from('{"name":"x","required_acl":null,"y":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const event = { specversion: '1.0', id: '1', source: 's', type: 'k', channel: 'xivo', datacontenttype: 'application/octet-stream', data_base64: body.toString('base64') };
    const answer = await gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/cloudevents+json' }, body: JSON.stringify(event) });
    assert.strictEqual(answer.status, 200, answer.text);
    await w.sentinel(gw, client);
  });
  await t.test('wazo 31: the ACL decides', async (s) => {
    const has = await w.listening(s, gw, ['*'], 'token=foo');
    const lacks = await w.listening(s, gw, ['*'], 'token=plain');
    await gw.wazo(w.event('x', 'event.foo'));
    assert.strictEqual(await has.next(), w.event('x', 'event.foo'));
    await w.sentinel(gw, lacks);
  });
  await t.test('wazo 33: subscribing to what one may never see is answered with 0', async (s) => {
    const client = await w.session(s, gw, 'token=plain');
    w.subscribe(client, 'secret');
    assert.strictEqual(await client.next(), w.v1('subscribe'));
  });
  await t.test('wazo 59: a thousand events in order', async (s) => {
    const clients = [await w.listening(s, gw), await w.listening(s, gw, ['n'], 'token=some-token-id&version=2')];
    const bodies = Array.from({ length: 1000 }, (_, i) => w.event('n', 'any.thing', { i }));
    const batch = bodies.map((b, i) => ({ specversion: '1.0', id: `${i}`, source: 's', type: 'k', channel: 'xivo', data: JSON.parse(b) }));
    const answer = await gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/cloudevents-batch+json' }, body: JSON.stringify(batch) });
    assert.strictEqual(answer.status, 200, answer.text);
    for (const body of bodies) {
      assert.strictEqual(await clients[0].next(), body);
      assert.strictEqual(await clients[1].next(), w.envelope(body));
    }
  });
});

// wazo digest section 7: [grants, required_acl, delivered]
const user = '11111111-aaaa', session = '22222222-bbbb';
const table = [
  [['foo.bar'], 'foo.bar', true], [['foo.bar'], 'foo.bar.x', false], [['foo.*'], 'foo.bar', true], [['foo.*'], 'foo.', true],
  [['foo.*'], 'foo', false], [['foo.*'], 'foo.a.b', false], [['foo.*'], 'foo.*', true], [['foo.*'], 'foo.#', false], [['foo*'], 'foobar', true],
  [['f*o'], 'fo', true], [['*'], 'a', true], [['*'], '', true], [['*'], 'a.b', false], [['#'], 'anything', true], [['#'], '', true],
  [['foo.#'], 'foo', false], [['foo.#'], 'foo.', true], [['foo.#'], 'foo.a.b', true], [[], null, true], [['a.#.z'], 'a.z', false],
  [['a.#.z'], 'a.b.c.z', true], [['#.bar'], 'bar', false], [['#.bar'], 'foo.x.bar', true], [['foo.me'], `foo.${user}`, true],
  [['foo.me'], 'foo.me', true], [['foo.me'], 'foo.other', false], [['foo.#.me'], `foo.a.b.${user}`, true], [['foo.xme'], `foo.x${user}`, false],
  [['foo.my_session'], `foo.${session}`, true], [['foo.edit'], 'foo.update', true], [['foo.update'], 'foo.edit', false],
  [['foo.#', '!foo.me.#'], `foo.${user}.x`, false], [['foo.#', '!foo.me.#'], 'foo.other.x', true], [['!foo', 'foo'], 'foo', false],
  [['#'], '!foo', true], [['FOO'], 'foo', false], [['!#'], null, true], [['a+b'], 'aab', false], [['a?'], 'a', false], [['[ab]'], 'a', false],
];

test('wazo 34: the table of ACLs', async (t) => {
  // Everyone holds websocketd, or there would be no session; no row's required ACL is that word.
  const tokens = table.map(([grants], i) => ({ token: `row${i}`, user, session, grants: ['websocketd', ...grants.filter((g) => g !== '!#'), ...grants.filter((g) => g === '!#').map(() => '!event.#')] }));
  const gw = await w.start(t, { tokens });
  await Promise.all(table.map(async ([, required, delivered], i) => {
    const client = await w.listening(t, gw, [`row${i}`, 'end'], `token=row${i}`);
    const body = w.event(`row${i}`, required);
    await gw.wazo(body);
    if (delivered) assert.strictEqual(await client.next(), body, `row ${i}: ${JSON.stringify(table[i])}`);
    client.row = i;
    w.subscribe(client, `end${i}`);
    await new Promise((resolve) => { client.socket.once('pong', resolve); client.socket.ping(); });
    await w.sentinel(gw, client, `end${i}`);
  }));
});
