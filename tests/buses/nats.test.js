// SPDX-License-Identifier: Apache-2.0
// The bus nats with a real server.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const v = require('../dialects/valtronics/valtronics');
const wazo = require('../dialects/wazo/wazo');
const { startGateway, waitFor } = require('../support/gateway');
const n = require('../support/nats');
const accounts = require('../support/nkeys');
const { startNats, user } = require('../support/nats_server');

test('nats: valtronics 7 on a bus that it knows nothing of', async (t) => {
  const server = await startNats(t);
  const gw = await n.start(t, server);
  const client = await v.session(t, gw);
  for (const channel of ['telemetry', 'alerts', 'devices', 'system']) await v.subscribe(client, channel);
  await server.pub('valtronics.TEMP-001.telemetry', { timestamp: v.noon, metrics: [{ name: 'temperature', value: 23.5, unit: '°C' }] });
  assert.deepStrictEqual(await v.read(client), v.telemetry(1, { temperature: 23.5 }));
  await server.pub('valtronics.devices.TEMP-001.telemetry.temperature', { value: 23.5, unit: '°C', timestamp: v.noon });
  assert.deepStrictEqual(await v.read(client), v.telemetry(1, { temperature: 23.5 }));
  await server.pub('valtronics.TEMP-001.status', { device_id: 'TEMP-001', status: 'online', timestamp: v.noon });
  assert.strictEqual((await v.read(client)).type, 'device_status_update');
  await server.pub('valtronics.TEMP-001.alert', { type: 'threshold', severity: 'warning', message: 'm', timestamp: v.noon });
  assert.strictEqual((await v.read(client)).type, 'alert');
  const text = '{"type": "telemetry_update", "channel": "telemetry", "device_id": 1, "telemetry": {"t":{"value": 1.50}}, "more": 1}';
  await server.pub('valtronics.ws.telemetry', text);
  assert.strictEqual(await client.next(), text);
});

test('nats: any dialect on the same bus', async (t) => {
  const server = await startNats(t);
  const gw = await n.start(t, server);
  const client = await wazo.listening(t, gw);
  const body = wazo.event('call_created', null, { data: { n: 1 } });
  await server.pub('wazo.calls', body);
  assert.strictEqual(await client.next(), body);
  assert.deepStrictEqual(await server.subscriptions(), ['>']);
});

test('nats: published over HTTP', async (t) => {
  const server = await startNats(t);
  const gw = await n.start(t, server, { dialects: ['probe'] });
  const sub = await server.client();
  await sub.sub('>');
  const attributes = { source: 'test', 'x-note': 'grüße' };
  await n.publish(gw, 'a.b*.%.ü#', '{"n":1}', { id: 'event-1', attributes, content_type: 'application/json' });
  await waitFor('the message', () => sub.messages.length === 1);
  const headers = { 'Nats-Msg-Id': 'event-1', 'Content-Type': 'application/json', ...attributes };
  assert.deepStrictEqual(sub.messages[0], { subject: 'a.b*.%.ü#', reply: '', body: '{"n":1}', headers });
  for (const key of ['a.*', 'a.>', '#', 'a.#.b', '', 'a..b', '.a', 'a b']) await n.publish(gw, key, 'x', {}, 422);
  await n.publish(gw, 'a', 'x', { attributes: { 'a:b': '1' } }, 422);
  await gw.publish({ channel: 'other', key: 'a', body: 'x' }, 422);
  const batch = Array.from({ length: 500 }, (_, i) => ({ specversion: '1.0', id: `e${i}`, source: '/t', type: 'many', channel: n.channel, data: i }));
  const answer = await gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/cloudevents-batch+json' }, body: JSON.stringify(batch) });
  assert.strictEqual(answer.status, 200, answer.text);
  await waitFor('all messages', () => sub.messages.length === 501);
  assert.deepStrictEqual(sub.messages.slice(1).map((m) => [m.body, m.headers['Nats-Msg-Id']]), batch.map((e) => [`${e.data}`, e.id]));
  await gw.counted(501, 'dragoman_bus_published_total');
});

test('nats: a message that is too large for the server, and one that is not allowed', async (t) => {
  const login = `authorization {users: [{user: ${user.name}, password: "${user.password}", permissions: {publish: ["yes.>"], subscribe: ["yes.>", "_INBOX.>"]}}]}`;
  const server = await startNats(t, { login, settings: ['max_payload: 2000'] });
  const gw = await n.start(t, server, { dialects: ['probe'] });
  const probe = await n.probe(t, gw);
  await probe.pattern('yes.#', 1);
  await probe.literal('no.1', 2);
  await waitFor('the refusal', () => gw.log.includes('Permissions Violation for Subscription to'));
  await n.publish(gw, 'yes.1', 'x'.repeat(2001), {}, 422);
  await n.publish(gw, 'yes.1', 'x'.repeat(1950), { attributes: { a: 'y'.repeat(100) } }, 422);
  const long = `no.${'"long\\'.repeat(40)}`;
  // The same words of the server for many that travel together.
  const keys = Array.from({ length: 60 }, (_, i) => (i % 3 ? `no.${i % 7}` : `yes.${i}`));
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([...keys, long].map((key) => n.publish(gw, key, 'x', {}, key.startsWith('yes') ? 200 : 503)));
    for (const key of keys) if (key.startsWith('yes')) await probe.next();
  }
  await waitFor('the refusals', () => gw.log.includes('Permissions Violation for Publish to \\"no.1'));
  assert.strictEqual(gw.log.split('Permissions Violation for Publish to \\"no.1').length - 1, 1);
  assert.deepStrictEqual(await n.reasons(gw), []);
});

test("nats: clients' patterns become the server's, and no event comes twice", async (t) => {
  const server = await startNats(t);
  const gw = await n.start(t, server, { dialects: ['probe'] });
  const has = (...subjects) => waitFor(`${subjects}`, async () => (await server.subscriptions()).join() === subjects.sort().join());
  await has();
  const a = await n.probe(t, gw);
  const b = await n.probe(t, gw);
  const pattern = await a.pattern('house.*.door', 1);
  await has('house.*.door');
  await b.literal('house.north.door', 2);
  await b.pattern('car.#', 3);
  await has('car', 'car.>', 'house.*.door');
  const overlapping = await b.pattern('house.north.*', 4);
  await has('car', 'car.>', 'house.*.*');
  await server.pub('house.north.door', 'one');
  assert.strictEqual(await a.next(), '1:one');
  assert.deepStrictEqual([await b.next(), await b.next()].sort(), ['2:one', '4:one']);
  await b.unsubscribe(overlapping);
  await a.unsubscribe(pattern);
  await has('car', 'car.>', 'house.north.door');
  // What is no subject is not asked for.
  for (const key of ['x..y', 'x.>', '.']) await b.literal(key, 5);
  await b.pattern('t.#.end', 6);
  await has('car', 'car.>', 'house.north.door', 't', 't.>');
  await server.pub('t.1.2.end', 'two');
  await server.pub('t.1.2', 'not this one');
  await server.pub('car', 'three');
  await server.pub('car.x.y', 'four');
  for (const expected of ['6:two', '3:three', '3:four']) assert.strictEqual(await b.next(), expected);
  b.client.close();
  a.client.close();
  await has();
  // With the one that is not wanted.
  await gw.counted(5, 'dragoman_bus_events_total');
});

test("nats: a server's and other clients' own subjects come to who names them, once, and not by a wildcard", async (t) => {
  const server = await startNats(t);
  const gw = await n.start(t, server, { dialects: ['probe'] });
  const a = await n.probe(t, gw);
  const b = await n.probe(t, gw);
  await a.pattern('#', 1);
  await b.pattern('_INBOX.them.*', 2);
  await waitFor('the subscriptions', async () => (await server.subscriptions()).join() === '>,_INBOX.them.*');
  await server.pub('_INBOX.other.1', 'private');
  await server.pub('_INBOX.them.1', 'one');
  await server.pub('$KV.x', 'internal');
  await server.pub('end', 'two');
  assert.strictEqual(await b.next(), '2:one');
  // The gateway's own matching gives it to `#` too, now that it is there.
  assert.deepStrictEqual([await a.next(), await a.next()], ['1:one', '1:two']);
  await gw.counted(2, 'dragoman_bus_events_total');
});

test('nats: the setting subjects bounds what is asked for', async (t) => {
  const server = await startNats(t);
  const gw = await n.start(t, server, { settings: { subjects: ['valtronics.>', 'plant.*.status'] } });
  assert.deepStrictEqual(await server.subscriptions(), ['plant.*.status', 'valtronics.>']);
  assert.deepStrictEqual(await n.reasons(gw), []);
});

test('nats: headers, hostile ones too', async (t) => {
  const server = await startNats(t);
  const gw = await n.start(t, server, { dialects: ['probe', 'valtronics'] });
  const sub = await server.client();
  const client = await n.probe(t, gw);
  await client.pattern('#');
  await server.pub('a', '{"x":1}', { headers: { 'Nats-Msg-Id': 'i1', 'Content-Type': 'text/plain', 'X-One': 'eins' } });
  assert.strictEqual(await client.next(), '1:{"x":1}');
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`N${i}`, 'v'.repeat(2000)]));
  await server.pub('a', 'many', { headers: many });
  assert.strictEqual(await client.next(), '1:many');
  for (const headers of [{ '': 'x' }, { 'a b': 'x' }, { x: '\xff\xfe' }, { 'Nats-Msg-Id': '' }, { 'Nats-Msg-Id': 'x'.repeat(5000) }, { 'Content-Type': '\u0001' }])
    await server.pub('a', 'odd', { headers });
  for (const subject of ['valtronics', 'a*b', '%', 'ü.\u{1f600}', 'x'.repeat(4050), Array(1000).fill('x').join('.'), '\x01'])
    await server.pub(subject, '{"metrics":[{}]}');
  await server.pub('valtronics.TEMP-001.telemetry', Buffer.from([0xff, 0x00, 0xfe]));
  await server.pub('valtronics.TEMP-001.telemetry', '');
  await server.pub('valtronics.TEMP-001.telemetry', '['.repeat(100000));
  await server.pub('end', 'end');
  let count = 0;
  while (await client.next() !== '1:end') count += 1;
  assert.ok(count >= 14, `${count}`);
  await waitFor('the log', () => /level=warn msg="a message is no event: its subject/.test(gw.log));
  assert.deepStrictEqual(await n.reasons(gw), []);
  sub.socket.destroy();
});

test('nats: a wrong password', async (t) => {
  const server = await startNats(t);
  const gw = await n.start(t, server, { settings: { password: 'not the secret' }, wait: false });
  await waitFor('the refusal', () => /nats:\/\/localhost:\d+: Authorization Violation/.test(gw.log));
  await n.degraded(gw);
  await n.publish(gw, 'a', 'x', {}, 503);
  assert.doesNotMatch(gw.log, /not the secret/);
});

test('nats: a token', async (t) => {
  const server = await startNats(t, { login: 'authorization {token: "open sesame"}' });
  await n.start(t, server, { settings: { username: '', password: '', token: 'open sesame' } });
});

test('nats: a credentials file', async (t) => {
  const { login, credentials } = accounts();
  const server = await startNats(t, { login });
  const file = (name, text) => {
    fs.writeFileSync(path.join(server.directory, name), text);
    return { username: '', password: '', credentials: path.join(server.directory, name) };
  };
  await n.start(t, server, { settings: file('user.creds', credentials) });
  const other = await n.start(t, server, { settings: file('other.creds', accounts().credentials), wait: false });
  await waitFor('the refusal', () => /Authorization Violation/.test(other.log));
  assert.doesNotMatch(other.log, /SU[A-Z2-7]{20}/);
  const none = await n.start(t, server, { settings: { ...file('user.creds', credentials), credentials: 'nowhere.creds' }, wait: false });
  await waitFor('the reason', () => /bus cannot be reached.*nowhere.creds/.test(none.log));
});

test('nats: TLS', async (t) => {
  const server = await startNats(t, { tls: 'DNS:localhost' });
  const other = await startNats(t, { tls: 'DNS:elsewhere.example' });
  const refused = async (s, settings, why, from = server) => {
    const gw = await n.start(s, from, { settings, wait: false });
    await waitFor(`${why}`, () => why.test(gw.log));
    await n.degraded(gw);
  };
  await Promise.all([
    t.test('with its own authority', async (s) => {
      const gw = await n.start(s, server, { dialects: ['probe'] });
      const client = await n.probe(s, gw);
      await client.literal('a');
      await n.publish(gw, 'a', 'x'.repeat(100000));
      assert.strictEqual(await client.next(), `1:${'x'.repeat(100000)}`);
    }),
    t.test('of another name', (s) => refused(s, {}, /hostname mismatch/i, other)),
    t.test('by another authority', (s) => refused(s, { ca: other.tls.ca }, /certificate|verify failed/)),
    t.test('by no authority of the system', (s) => refused(s, { ca: '' }, /certificate|verify failed/)),
    t.test('not verified', async (s) => {
      const gw = await n.start(s, other, { settings: { verify: false, ca: '' } });
      await waitFor('the log', () => /the server's certificate is not verified/.test(gw.log));
    }),
    t.test('of a server that wants it', (s) => n.start(s, server, { settings: { url: server.url.replace('tls:', 'nats:') } })),
    t.test('not of one that has it not', async (s) => {
      const plain = await startNats(s);
      await refused(s, { url: plain.url.replace('nats:', 'tls:') }, /[sS]ecure/, plain);
    }),
  ]);
});

test('nats: settings that cannot work are told at the start', async (t) => {
  const fails = async (settings, why) => {
    const end = await startGateway(null, n.config({ url: 'nats://localhost' }, { settings }), { expectExit: true });
    assert.match(end.log, why);
    assert.doesNotMatch(end.log, /geheim/);
  };
  await Promise.all([
    fails({ url: 'nats://ann:geheim@localhost' }, /must not hold credentials/),
    fails({ url: 'http://localhost' }, /must begin with nats/),
    fails({ url: 'tls://localhost', ca: '/nowhere.pem' }, /settings.ca cannot be read/),
    fails({ username: '', password: 'geheim' }, /settings.password needs settings.username/),
    fails({ token: 'geheim' }, /one is enough/),
    fails({ subjects: ['a.>.b'] }, /settings.subjects/),
    fails({ durable: 'x' }, /settings.durable needs settings.stream/),
  ]);
});
