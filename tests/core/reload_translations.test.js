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
const nothingElse = async (gw, phone) => {
  await gw.request('POST', '/publish?bus=main', { headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ channel: 'xivo', key: 'k', body: wazo.event('sentinel', null) }) });
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

test('reload: events of a bus that has changed are translated for those who are left there, and reach other buses once', async (t) => {
  const [first, second] = [await startNats(t), await startNats(t)];
  const gw = await startGateway(t, config(first, { one: rule('one') }));
  await nats.connected(gw);
  const phone = await wazo.listening(t, gw), old = [await nats.probe(t, gw), await nats.probe(t, gw), await nats.probe(t, gw)];
  for (const probe of old) await probe.pattern('made.*');
  const report = await reload(gw, config(second, { one: rule('two') }));
  assert.deepStrictEqual([change(report, 'translation', 'one'), change(report, 'bus', 'broker'), change(report, 'mount', 'wazo')], ['changed', 'changed', 'kept']);
  await first.pub('plant.p7.alarm', { n: 1 });
  await nats.connected(gw);
  const fresh = await nats.probe(t, gw);
  await fresh.pattern('made.*');
  await waitFor('the subscriptions', async () => (await second.subscriptions()).length === 2);
  await second.pub('plant.p7.alarm', { n: 2 });
  assert.strictEqual(await fresh.next(), '1:2');
  await names(phone, 'two');
  const heard = await Promise.all(old.map(async ({ client }) => {
    const got = [];
    client.socket.on('message', (data) => got.push(data.toString()));
    got.push(...client.messages);
    await client.closed();
    return got.includes('1:1');
  }));
  assert.ok(heard.some(Boolean), JSON.stringify(heard));
  await nothingElse(gw, phone);
  await waitFor('the old bus to leave its broker', async () => (await first.subscriptions()).length === 0);
  await waitFor('the counters of both', async () => await matches(gw, 'one') === 2);
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
