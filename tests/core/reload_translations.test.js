// SPDX-License-Identifier: Apache-2.0
// Reload of translations: they count for the next event, and nobody's session is touched.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const wazo = require('../dialects/wazo/wazo');
const { startGateway, waitFor, adminToken } = require('../support/gateway');
const { reload, change } = require('../support/reload');
const { startNats } = require('../support/nats_server');
const nats = require('../support/nats');
const h = require('../dialects/honeytrap/honeytrap');
const { throughProxy } = require('../nodes/link');

const config = (server, translations, { rate = 1 } = {}) => [
  'threads: 2',
  'listeners: {wazo: {address: "127.0.0.1:0"}, probe: {address: "127.0.0.1:0"}}',
  `buses: {main: {plugin: embedded}, broker: {plugin: nats, settings: ${JSON.stringify(nats.busSettings(server))}}}`,
  'authenticators: {demo: {type: static, tokens: [{token: some-token-id, grants: [websocketd, "#"]}]}}',
  'mounts:',
  '  wazo: {plugin: wazo, bus: main, listen: [{listener: wazo, path: "/"}], authenticator: demo, settings: {tls: "off"}}',
  '  probe: {plugin: probe, bus: broker, listen: [{listener: probe, path: "/"}]}',
  `translations: ${JSON.stringify(translations)}`,
  `reload: {drain_rate: ${rate}, drain_deadline: 1s}`,
  `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`, '',
].join('\n');
const rule = (name, key = 'plant.*.alarm') => ({ match: { bus: 'broker', channel: nats.channel, key }, events: [
  { bus: 'main', channel: 'xivo', key: 'x', body: { name, required_acl: null, n: '${/n}' } },
  { channel: nats.channel, key: 'made.${key.1}', body: '${/n}' }] });
const names = async (phone, ...expected) => {
  for (const name of expected) assert.strictEqual(JSON.parse(await phone.next()).name, name);
};
const sentinel = (gw) => gw.request('POST', '/publish?bus=main', { headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ channel: 'xivo', key: 'k', body: wazo.event('sentinel', null) }) });
const nothingElse = async (gw, phone) => {
  await sentinel(gw);
  await names(phone, 'sentinel');
};
const matches = (gw, name) => gw.metric('dragoman_translation_matches_total', `translation="${name}"`);
const translations = (report) => Object.fromEntries(report.changes.filter((c) => c.kind === 'translation').map((c) => [c.name, c.change]));

test('reload: translations that are added, changed and removed count for the next event, and clients stay', async (t) => {
  const server = await startNats(t);
  const gw = await startGateway(t, config(server, {}));
  await nats.connected(gw);
  const phone = await wazo.listening(t, gw), probe = await nats.probe(t, gw);
  await probe.pattern('made.*');
  const only = async (...patterns) => waitFor(`the wishes ${patterns}`, async () => (await server.subscriptions()).sort().join() === ['made.*', ...patterns].sort().join());
  await only();
  let n = 0;
  const alarm = async (key, name) => {
    await server.pub(key, { n: ++n });
    await names(phone, name);
    assert.strictEqual(await probe.next(), `1:${n}`);
    await nothingElse(gw, phone);
  };
  const [plant, tank] = ['plant.p7.alarm', 'tank.t1.alarm'];
  const others = (report) => report.changes.filter((c) => c.kind !== 'translation' && c.change !== 'kept');

  let report = await reload(gw, config(server, { one: rule('one') }));
  assert.deepStrictEqual([translations(report), others(report)], [{ one: 'added' }, []]);
  await only('plant.*.alarm');
  await alarm(plant, 'one');
  report = await reload(gw, config(server, { one: rule('one'), two: rule('two', 'tank.*.alarm') }));
  assert.deepStrictEqual([translations(report), others(report)], [{ one: 'kept', two: 'added' }, []]);
  await only('plant.*.alarm', 'tank.*.alarm');
  await alarm(plant, 'one');
  await alarm(tank, 'two');
  report = await reload(gw, config(server, { one: rule('one'), two: rule('other', 'tank.*.alarm') }));
  assert.deepStrictEqual([translations(report), others(report)], [{ one: 'kept', two: 'changed' }, []]);
  await alarm(plant, 'one');
  await alarm(tank, 'other');
  // The same again is not made anew.
  assert.deepStrictEqual(translations(await reload(gw)), { one: 'kept', two: 'kept' });
  report = await reload(gw, config(server, { two: rule('other', 'tank.*.alarm') }));
  assert.deepStrictEqual([translations(report), others(report)], [{ two: 'kept', one: 'removed' }, []]);
  await only('tank.*.alarm');
  await alarm(tank, 'other');
  assert.deepStrictEqual([await matches(gw, 'one'), await matches(gw, 'two')], [3, 3]);

  // What is wrong, as a rule or among the mounts that there are, changes nothing.
  for (const [bad, reason] of [[{ two: rule('x'), bad: rule('x', 'a*') }, /translations\.bad\.match\.key/],
    [{ bad: { match: { bus: 'broker', channel: nats.channel, key: 'x' }, events: [{ bus: 'main', channel: 'nobody', key: 'x' }] } }, /translations\.bad\.events\[0\]\.channel.*no mount of the bus/]]) {
    const { errors } = await reload(gw, config(server, bad), { expect: 422 });
    assert.match(errors.join('\n'), reason);
  }
  await only('tank.*.alarm');
  await alarm(tank, 'other');
  await reload(gw, config(server, {}));
  await only();
  await server.pub(tank, { n: ++n });
  await server.pub('made.last', 'last');
  assert.match(await probe.next(), /last/);
  await nothingElse(gw, phone);
});

test('reload: events of a bus that has changed are translated for those who are left there, and reach other buses for a moment', async (t) => {
  const [first, second] = [await startNats(t), await startNats(t)];
  const gw = await startGateway(t, config(first, { one: rule('one') }));
  await nats.connected(gw);
  const phone = await wazo.listening(t, gw), old = [];
  for (let i = 0; i < 6; ++i) old.push(await nats.probe(t, gw));
  for (const probe of old) await probe.pattern('made.*');
  const report = await reload(gw, config(second, { one: rule('two') }));
  assert.deepStrictEqual([change(report, 'translation', 'one'), change(report, 'bus', 'broker'), change(report, 'mount', 'wazo')], ['changed', 'changed', 'kept']);
  await first.pub('plant.p7.alarm', { n: 1 });
  await names(phone, 'one');
  await nats.connected(gw);
  const fresh = await nats.probe(t, gw);
  await fresh.pattern('made.*');
  await waitFor('the subscriptions', async () => (await second.subscriptions()).length === 2);
  await second.pub('plant.p7.alarm', { n: 2 });
  assert.strictEqual(await fresh.next(), '1:2');
  await names(phone, 'two');
  let n = 2;
  for (;;) {
    n += 1;
    await first.pub('plant.p7.alarm', { n });
    await waitFor('those who are left', () => old.some(({ client }) => client.messages.includes(`1:${n}`)));
    await sentinel(gw);
    const { name } = JSON.parse(await phone.next());
    if (name === 'sentinel') break;
    assert.strictEqual(name, 'one');
    await names(phone, 'sentinel');
  }
  for (const { client } of old) client.close();
  await nothingElse(gw, phone);
  await waitFor('the old bus to leave its broker', async () => (await first.subscriptions()).length === 0);
  await waitFor('the counters of both', async () => await matches(gw, 'one') === n);
});

test('reload: what a bus has under way when it is replaced reaches other buses, and a journal once', async (t) => {
  const server = await startNats(t), link = await throughProxy(t, server.port);
  // No mount is on the broker's bus.
  const yaml = (url) => [
    'threads: 2',
    'listeners: {h: {address: "127.0.0.1:0"}, wazo: {address: "127.0.0.1:0"}}',
    `buses: {main: {plugin: embedded}, broker: {plugin: nats, settings: ${JSON.stringify(nats.busSettings(server, { url }))}}}`,
    'journals: {kept: {plugin: sqlite}}',
    'authenticators: {demo: {type: static, tokens: [{token: some-token-id, grants: [websocketd, "#"]}]}}',
    'mounts:',
    '  honeytrap: {plugin: honeytrap, bus: main, listen: [{listener: h, path: /}], journal: kept, settings: {channel: kept}}',
    '  wazo: {plugin: wazo, bus: main, listen: [{listener: wazo, path: "/"}], authenticator: demo, settings: {tls: "off"}}',
    `translations: ${JSON.stringify({ one: { match: { bus: 'broker', channel: nats.channel, key: 'e' }, events: [
      { bus: 'main', channel: 'kept', key: 'e', body: h.event({ payload: '${/name}' }) }, { bus: 'main', channel: 'xivo', key: 'x', body: { name: '${/name}', required_acl: null } }] } })}`,
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`, ''].join('\n');
  const gw = await startGateway(t, yaml(`nats://127.0.0.1:${link.port}`));
  await nats.connected(gw);
  const phone = await wazo.listening(t, gw);
  const send = (name) => server.pub('e', { name }, { headers: { 'Nats-Msg-Id': name } });
  await waitFor('the subscription', async () => (await server.subscriptions()).length === 1);
  await send('before');
  await names(phone, 'before');
  link.cut();
  await send('under way');
  assert.strictEqual(change(await reload(gw, yaml(server.url)), 'bus', 'broker'), 'changed');
  link.mend();
  await names(phone, 'under way');
  await send('after');
  await names(phone, 'after');
  await waitFor('the old bus to leave its broker', async () => (await server.subscriptions()).length === 1);
  await send('last');
  const stored = () => h.getEvents(gw, '/events');
  await waitFor('the last in the journal', async () => JSON.stringify(await stored()).includes('"last"'));
  assert.strictEqual((await stored()).total, 4);
});

test('reload: each event is translated once, by the rules of before or after', async (t) => {
  const server = await startNats(t);
  const gw = await startGateway(t, config(server, { one: rule('first') }));
  await nats.connected(gw);
  const phone = await wazo.listening(t, gw);
  let reloading = true, sent = 0;
  const publishing = (async () => {
    while (reloading) await server.pub('plant.p7.alarm', { n: sent++ });
  })();
  for (const name of ['second', 'first', 'second', 'first', 'second']) await reload(gw, config(server, { one: rule(name) }));
  reloading = false;
  await publishing;
  const seen = new Set();
  for (let n = 0; n < sent; ++n) {
    const event = JSON.parse(await phone.next());
    assert.strictEqual(event.n, n);
    seen.add(event.name);
  }
  assert.deepStrictEqual([...seen].sort(), ['first', 'second']);
  assert.strictEqual(await matches(gw, 'one'), sent);
});
