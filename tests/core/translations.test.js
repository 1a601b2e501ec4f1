// SPDX-License-Identifier: Apache-2.0
// Translations: an event in the shape of one dialect appears in those of others (docs/translations.md).
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const h = require('../dialects/honeytrap/honeytrap');
const k = require('../dialects/kazoo/kazoo');
const wazo = require('../dialects/wazo/wazo');
const { connect } = require('../support/client');
const { startGateway, wazoConfig, waitFor, adminToken } = require('../support/gateway');
const { startNats } = require('../support/nats_server');
const nats = require('../support/nats');

const alarmRule = { match: { key: 'demo.alarm', body: { '/device': { exists: true } } }, events: [
  { channel: 'xivo', key: 'alarm', body: { name: 'alarm', required_acl: null, data: '${body}' } },
  { channel: 'honeytrap', key: 'event', body: { type: 51, sensor: '${/device}', date: '${time}', level: '${/level:-1}' } },
  { channel: 'configuration', key: 'doc_edited.account%2F${/account:0:2}%2F${/account:2:2}%2F${/account:4}.device.${/device}',
    body: { 'Event-Name': 'doc_edited', 'Account-ID': '${/account}', ID: '${/device}' } },
] };

// wazo, honeytrap and kazoo on the embedded bus.
function config(translations, { journal = {}, journalOptions = {}, top = [] } = {}) {
  return [
    'threads: 2', ...top,
    'listeners: {wazo: {address: "127.0.0.1:0"}, h: {address: "127.0.0.1:0"}, l: {address: "127.0.0.1:0"}}',
    'buses: {main: {plugin: embedded}}',
    `journals: {main: ${JSON.stringify({ plugin: 'sqlite', ...journalOptions, settings: journal })}}`,
    `authenticators: {demo: {type: static, tokens: ${JSON.stringify([{ token: 'some-token-id', grants: ['websocketd', '#'] }, ...k.tokens])}}}`,
    'mounts:',
    '  wazo: {plugin: wazo, listen: [{listener: wazo, path: "/"}], authenticator: demo, settings: {tls: "off"}}',
    `  honeytrap: {plugin: honeytrap, listen: [{listener: h, path: "/"}], journal: main, settings: {ingest: {token: ${h.secret}}}}`,
    `  kazoo: {plugin: kazoo, listen: [{listener: l, path: "/"}], authenticator: demo, settings: {accounts: ${JSON.stringify(k.accounts)}}}`,
    `translations: ${JSON.stringify(translations)}`,
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`, '',
  ].join('\n');
}
const start = (t, translations, options) => startGateway(t, config(translations, options));
const cloud = (gw, id, data, more = {}) => gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/cloudevents+json' },
  body: JSON.stringify({ specversion: '1.0', id, source: '/plant', type: 'demo.alarm', data, ...more }) });
const drops = (gw, translation, reason) => gw.metric('dragoman_translation_drops_total', `translation="${translation}",reason="${reason}"`);

test('translations: one CloudEvent reaches the clients of three dialects, in the words of each', async (t) => {
  const gw = await start(t, { alarm: alarmRule });
  const phone = await wazo.listening(t, gw), dashboard = await h.dashboard(t, gw), monster = await k.open(t, gw);
  await monster.subscribe('object.doc_edited.device');
  const data = { device: 'pump.7', account: k.A, level: 2 };
  assert.strictEqual((await cloud(gw, 'a1', data, { time: '2026-01-31T12:00:00Z' })).status, 200);
  assert.deepStrictEqual(JSON.parse(await phone.next()), { name: 'alarm', required_acl: null, data });
  assert.deepStrictEqual(await h.next(dashboard), { type: 6, payload: [{ type: 51, sensor: 'pump.7', date: '2026-01-31T12:00:00Z', level: 2 }] });
  const event = await monster.event();
  assert.strictEqual(event.routing_key, `doc_edited.${k.database(k.A)}.device.pump%2E7`);
  assert.deepStrictEqual(event.data, { event_name: 'doc_edited', account_id: k.A, id: 'pump.7' });
  assert.strictEqual(await gw.metric('dragoman_translation_matches_total', 'translation="alarm"'), 1);
  assert.strictEqual(await gw.metric('dragoman_translation_events_total', 'translation="alarm"'), 3);
});

test('translations: an event that is published again is stored once, since what is made of it has the same id', async (t) => {
  const gw = await start(t, { alarm: alarmRule });
  for (const id of ['a1', 'a1', 'a2']) assert.strictEqual((await cloud(gw, id, { device: 'd', account: k.A })).status, 200);
  assert.strictEqual((await h.getEvents(gw, '/events?page=1&response_per_page=10')).total, 2);
});

test('translations: 200 means that every journal has what was made', async (t) => {
  const file = path.join(h.directory(t), 'journal.sqlite');
  const gw = await start(t, { alarm: alarmRule }, { journal: { path: file, busy_timeout_ms: 50 }, journalOptions: { append_timeout: '300ms' } });
  const unlock = await h.lock(t, file);
  assert.strictEqual((await cloud(gw, 'a1', { device: 'd', account: k.A })).status, 503);
  await unlock();
  await waitFor('the journal', async () => (await cloud(gw, 'a1', { device: 'd', account: k.A })).status === 200);
  assert.strictEqual((await h.getEvents(gw, '/events?page=1&response_per_page=10')).total, 1);
});

test('translations: what is missing or cannot be said drops that event alone and is counted', async (t) => {
  const gw = await start(t, { alarm: { match: { key: 'a.*' }, events: [
    { channel: 'xivo', key: 'x.${/id}', body: { name: 'first', required_acl: null } },
    { channel: 'xivo', key: 'x', attributes: { note: '${/note:-}' }, body: { name: 'second', required_acl: null } },
    { channel: 'xivo', key: 'x', body: { name: 'third', required_acl: null, data: ['${/big:-}', '${/big:-}', '${/big:-}'] } }] } },
  { top: ['translation_limits: {event_bytes: 1KiB, events: 2}'] });
  const phone = await wazo.listening(t, gw);
  const names = async (body, expected, more = {}) => {
    await gw.publish({ key: 'a.b', body, ...more });
    for (const name of expected) assert.strictEqual(JSON.parse(await phone.next()).name, name);
    await wazo.sentinel(gw, phone);
  };
  await names({ id: 1 }, ['first', 'second']);
  assert.strictEqual(await drops(gw, 'alarm', 'too_many'), 1);
  await names({}, ['second', 'third']);
  assert.strictEqual(await drops(gw, 'alarm', 'missing'), 1);
  await names({ note: 'two\nlines', big: 'x'.repeat(350) }, []);
  assert.strictEqual(await drops(gw, 'alarm', 'missing'), 2);
  assert.strictEqual(await drops(gw, 'alarm', 'invalid'), 1);
  assert.strictEqual(await drops(gw, 'alarm', 'too_large'), 1);
  await names('{no JSON', ['second', 'third']);
  assert.strictEqual(await gw.metric('dragoman_translation_unreadable_total', 'bus="main"'), 1);
});

test('translations: made events follow their source, and are never translated again', async (t) => {
  const named = (name) => ({ name, required_acl: null, n: '${/n}' });
  const gw = await start(t, {
    there: { match: { channel: 'xivo', key: 'a' }, events: [{ channel: 'xivo', key: 'b', body: named('b1') }, { channel: 'xivo', key: 'b', body: named('b2') }] },
    back: { match: { channel: 'xivo', key: 'b' }, events: [{ channel: 'xivo', key: 'a', body: named('a1') }] },
  });
  const phone = await wazo.listening(t, gw);
  const sent = Array.from({ length: 60 }, (_, n) => gw.wazo({ name: 'a', required_acl: null, n }, n % 3 ? 'a' : 'b'));
  await Promise.all(sent);
  for (let i = 0; i < 60; ++i) {
    const source = JSON.parse(await phone.next());
    for (const name of source.n % 3 ? ['b1', 'b2'] : ['a1']) assert.deepStrictEqual(JSON.parse(await phone.next()), { name, required_acl: null, n: source.n });
  }
  await wazo.sentinel(gw, phone);
});

test('translations: events of a broker that nobody subscribed to reach clients, also of another bus', async (t) => {
  const server = await startNats(t);
  const gw = await startGateway(t, [
    'threads: 2',
    'listeners: {wazo: {address: "127.0.0.1:0"}, probe: {address: "127.0.0.1:0"}}',
    `buses: {main: {plugin: embedded}, broker: {plugin: nats, settings: ${JSON.stringify(nats.busSettings(server))}}}`,
    'authenticators: {demo: {type: static, tokens: [{token: some-token-id, grants: [websocketd, "#"]}]}}',
    'mounts:',
    '  wazo: {plugin: wazo, bus: main, listen: [{listener: wazo, path: "/"}], authenticator: demo, settings: {tls: "off"}}',
    '  probe: {plugin: probe, bus: broker, listen: [{listener: probe, path: "/"}]}',
    `translations: ${JSON.stringify({ alarm: { match: { bus: 'broker', channel: nats.channel, key: 'plant.*.alarm' }, events: [
      { bus: 'main', channel: 'xivo', key: 'x', body: { name: 'alarm', required_acl: null, pump: '${key.1}', n: '${/n}' } },
      { channel: nats.channel, key: 'made.${key.1}', body: '${/n}' }] } })}`,
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`, '',
  ].join('\n'));
  await nats.connected(gw);
  assert.deepStrictEqual(await server.subscriptions(), ['plant.*.alarm']);
  const phone = await wazo.listening(t, gw), probe = await nats.probe(t, gw);
  await probe.pattern('made.*');
  for (let n = 0; n < 20; ++n) await server.pub('plant.p7.alarm', { n });
  for (let n = 0; n < 20; ++n) {
    assert.deepStrictEqual(JSON.parse(await phone.next()), { name: 'alarm', required_acl: null, pump: 'p7', n });
    assert.strictEqual(await probe.next(), `1:${n}`);
  }
  // What was made stays inside the gateway.
  assert.strictEqual(await gw.metric('dragoman_bus_published_total', 'bus="broker"'), 0);
});

test('translations: a batch is taken with all that is made of it, or not at all', async (t) => {
  const gw = await startGateway(t, wazoConfig({ mount: `translations: ${JSON.stringify({ many: { match: { key: 'k' }, events: Array.from({ length: 16 }, (_, i) => (
    { channel: 'xivo', key: `x${i}`, body: { name: 'n', required_acl: null, data: '${/data}' } })) } })}\nmailbox_bytes: 256KiB` }));
  const phone = await wazo.listening(t, gw);
  const batch = (n) => gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/cloudevents-batch+json' },
    body: JSON.stringify(Array.from({ length: n }, (_, i) => ({ specversion: '1.0', id: `${i}`, source: '/', type: 'k', data: { data: 'x'.repeat(4096) } }))) });
  assert.strictEqual((await batch(10)).status, 503);
  await wazo.sentinel(gw, phone);
  assert.strictEqual((await batch(2)).status, 200);
  for (let i = 0; i < 32; ++i) assert.strictEqual(JSON.parse(await phone.next()).name, 'n');
});
