// SPDX-License-Identifier: Apache-2.0
// The bus mqtt with a real broker.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const v = require('../dialects/valtronics/valtronics');
const wazo = require('../dialects/wazo/wazo');
const { startGateway, waitFor } = require('../support/gateway');
const m = require('../support/mqtt');
const { startMosquitto } = require('../support/mosquitto');

test('mqtt: the topics of valtronics 7', async (t) => {
  const broker = await startMosquitto(t);
  const gw = await m.start(t, broker);
  const client = await v.session(t, gw);
  for (const channel of ['telemetry', 'alerts', 'devices', 'system']) await v.subscribe(client, channel);
  const next = () => v.read(client);
  const one = { value: 23.5, unit: '°C', timestamp: v.noon };
  await broker.pub('valtronics/TEMP-001/telemetry', { timestamp: v.noon, metrics: [{ name: 'temperature', value: 23.5, unit: '°C' }] });
  assert.deepStrictEqual(await next(), v.telemetry(1, { temperature: 23.5 }));
  await broker.pub('valtronics/7/telemetry', { name: 'humidity', ...one });
  assert.deepStrictEqual(await next(), v.telemetry(7, { humidity: 23.5 }));
  await broker.pub('valtronics/devices/TEMP-001/telemetry/temperature', one);
  assert.deepStrictEqual(await next(), v.telemetry(1, { temperature: 23.5 }));
  await broker.pub('valtronics/TEMP-001/status', { device_id: 'TEMP-001', status: 'online', timestamp: v.noon });
  assert.strictEqual((await next()).type, 'device_status_update');
  await broker.pub('valtronics/devices/PUMP-9/status/power', { device_id: 'PUMP-9', status: 'online', timestamp: v.noon });
  assert.deepStrictEqual((({ device_id: d, type }) => ({ d, type }))(await next()), { d: 'PUMP-9', type: 'device_status_update' });
  await broker.pub('valtronics/TEMP-001/heartbeat', { device_id: 'TEMP-001', status: 'offline', timestamp: v.noon });
  assert.strictEqual((await next()).old_status, 'online');
  await broker.pub('valtronics/TEMP-001/alert', { type: 'threshold', severity: 'warning', message: 'm', timestamp: v.noon });
  assert.strictEqual((await next()).type, 'alert');
  await broker.pub('valtronics/system/alerts/critical', { type: 'outage', message: 'm', timestamp: v.noon });
  assert.strictEqual((await next()).severity, 'critical');
  await broker.pub('valtronics/TEMP-001/response', { status: 'done' });
  await broker.pub('valtronics/monitoring/metrics/disk_usage', { value: 1 });
  assert.deepStrictEqual((await next()).metrics, { disk_usage: 1 });
  await broker.pub('valtronics/system/status', { metrics: { cpu_usage: 45.2 }, timestamp: v.noon });
  assert.strictEqual((await next()).metrics.cpu_usage, 45.2);
  const text = '{"type": "telemetry_update", "channel": "telemetry", "device_id": 1, "telemetry": {"t":{"value": 1.50}}, "more": 1}';
  await broker.pub('valtronics/ws/telemetry', text);
  assert.strictEqual(await client.next(), text);
});

test('mqtt: any dialect on the same bus', async (t) => {
  const broker = await startMosquitto(t);
  const gw = await m.start(t, broker);
  const client = await wazo.listening(t, gw);
  const body = wazo.event('call_created', null, { data: { n: 1 } });
  await broker.pub('wazo/calls', body);
  assert.strictEqual(await client.next(), body);
  assert.deepStrictEqual(broker.subscriptions('gw'), ['#']);
});

for (const version of ['3.1.1', '5']) {
  test(`mqtt: published over HTTP, version ${version}`, async (t) => {
    const broker = await startMosquitto(t);
    const gw = await m.start(t, broker, { settings: { version }, dialects: ['probe'] });
    const sub = await broker.sub('#', '-V', '5', '-F', '%q|%t|%p|%C|%P');
    const attributes = { source: 'test', 'x-note': 'grüße' };
    await m.publish(gw, 'a.b%2Ec/d%25.*', '{"n":1}', { id: 'event-1', attributes, content_type: 'application/json' });
    await waitFor('the message', () => sub.output.endsWith('\n'));
    const said = version === '5' ? 'application/json|id:event-1 source:test x-note:grüße' : '|';
    assert.strictEqual(sub.output, `1|a/b.c/d%/*|{"n":1}|${said}\n`);
    for (const key of ['a.+', 'a.#.b', '', '.'.repeat(250)]) await m.publish(gw, key, 'x', {}, 422);
    await gw.publish({ channel: 'other', key: 'a', body: 'x' }, 422);
    const batch = Array.from({ length: 500 }, (_, i) => ({ specversion: '1.0', id: `e${i}`, source: '/t', type: 'many', channel: m.channel, data: i }));
    const answer = await gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/cloudevents-batch+json' }, body: JSON.stringify(batch) });
    assert.strictEqual(answer.status, 200, answer.text);
    await waitFor('all messages', () => sub.output.split('\n').length === 502);
    assert.deepStrictEqual(sub.output.split('\n').slice(1, -1).map((l) => l.split('|')[2]), batch.map((e) => `${e.data}`));
    await gw.counted(501, 'dragoman_bus_published_total');
  });

  test(`mqtt: clients' patterns become the broker's, and no event comes twice, version ${version}`, async (t) => {
    const broker = await startMosquitto(t);
    const gw = await m.start(t, broker, { settings: { version }, dialects: ['probe'] });
    const has = (...filters) => waitFor(`${filters}`, () => broker.subscriptions('gw').join() === filters.sort().join());
    await has();
    const a = await m.probe(t, gw);
    const b = await m.probe(t, gw);
    const pattern = await a.pattern('house.*.door', 1);
    await has('house/+/door');
    await b.literal('house.north.door', 2);
    await b.pattern('car.#', 3);
    await has('car/#', 'house/+/door');
    const overlapping = await b.pattern('house.north.*', 4);
    await has('car/#', 'house/+/+');
    await broker.pub('house/north/door', 'one');
    assert.strictEqual(await a.next(), '1:one');
    assert.deepStrictEqual([await b.next(), await b.next()].sort(), ['2:one', '4:one']);
    await b.unsubscribe(overlapping);
    await a.unsubscribe(pattern);
    await has('car/#', 'house/north/door');
    // What is not a topic is not asked for, nor is a way to subscribe that looks like one.
    for (const key of ['x+y', '$share.group.house', '$queue.house', 'x.%41', 'x/y', `x${'.x'.repeat(300)}`]) await b.literal(key, 5);
    await b.literal('$SYS.broker.version', 6);
    await b.literal('a%2Eb.*', 7);
    await has('$SYS/broker/version', 'a.b/*', 'car/#', 'house/north/door');
    assert.match(await b.next(), /^6:mosquitto version/);
    await broker.pub('a.b/*', 'two');
    assert.strictEqual(await b.next(), '7:two');
    await broker.pub('car', 'three');
    await broker.pub('car/x//y', 'four');
    assert.strictEqual(await b.next(), '3:three');
    assert.strictEqual(await b.next(), '3:four');
    b.client.close();
    a.client.close();
    await has();
    await gw.counted(5, 'dragoman_bus_events_total');
  });
}

test('mqtt: the setting topics bounds what is asked for', async (t) => {
  const broker = await startMosquitto(t);
  const gw = await m.start(t, broker, { settings: { topics: ['valtronics/#', 'plant/+/status'] } });
  assert.deepStrictEqual(broker.subscriptions('gw'), ['plant/+/status', 'valtronics/#']);
});

test('mqtt: hostile topics and payloads', async (t) => {
  const broker = await startMosquitto(t);
  const gw = await m.start(t, broker, { dialects: ['probe', 'valtronics'] });
  const client = await m.probe(t, gw);
  await client.pattern('#');
  const long = 'l'.repeat(60000);
  for (const topic of ['/', '//', 'valtronics', 'valtronics/', 'valtronics//telemetry', '%', 'a b/\u{1f600}', long, `${'x/'.repeat(150)}x`])
    await broker.pub(topic, '{"metrics":[{}]}');
  await broker.pub('valtronics/TEMP-001/telemetry', Buffer.from([0xff, 0x00, 0xfe]));
  await broker.pub('valtronics/TEMP-001/telemetry', '');
  await broker.pub('valtronics/TEMP-001/telemetry', '['.repeat(100000));
  await broker.pub('properties', 'x', '-V', '5', ...Array.from({ length: 200 }, (_, i) => ['-D', 'publish', 'user-property', `N${i}`, 'v'.repeat(2000)]).flat());
  await broker.pub('end', 'end');
  let n = 0;
  while (await client.next() !== '1:end') n += 1;
  // One topic is too long, and one payload no text.
  assert.strictEqual(n, 11);
  assert.match(gw.log, /level=warn msg="a message is no event: its topic/);
  assert.deepStrictEqual(await m.reasons(gw), []);
});

test('mqtt: a wrong password', async (t) => {
  const broker = await startMosquitto(t);
  const gw = await m.start(t, broker, { settings: { password: 'not the secret' }, wait: false });
  await waitFor('the refusal', () => /mqtt:\/\/localhost:\d+: it refuses this client: Not authorized/.test(gw.log));
  await m.degraded(gw);
  await m.publish(gw, 'a', 'x', {}, 503);
  assert.doesNotMatch(gw.log, /not the secret/);
});

test('mqtt: TLS', async (t) => {
  const broker = await startMosquitto(t, { tls: 'DNS:localhost' });
  const other = await startMosquitto(t, { tls: 'DNS:elsewhere.example' });
  const refused = async (s, settings, why, from = broker) => {
    const gw = await m.start(s, from, { settings, wait: false });
    await waitFor(`${why}`, () => why.test(gw.log));
    await m.degraded(gw);
  };
  await Promise.all([
    t.test('with its own authority', async (s) => {
      const gw = await m.start(s, broker, { dialects: ['probe'] });
      const client = await m.probe(s, gw);
      await client.literal('a');
      await m.publish(gw, 'a', 'x'.repeat(100000));
      assert.strictEqual(await client.next(), `1:${'x'.repeat(100000)}`);
    }),
    t.test('of another name', (s) => refused(s, {}, /certificate is not accepted: hostname mismatch/, other)),
    t.test('by another authority', (s) => refused(s, { ca: other.tls.ca }, /certificate is not accepted: /)),
    t.test('by no authority of the system', (s) => refused(s, { ca: '' }, /certificate is not accepted: /)),
    t.test('not verified', async (s) => {
      const gw = await m.start(s, other, { settings: { verify: false, ca: '' } });
      assert.match(gw.log, /the broker's certificate is not verified/);
    }),
  ]);
});

test('mqtt: settings that cannot work are told at the start', async (t) => {
  const fails = async (settings, why) => {
    const end = await startGateway(null, m.config({ url: 'mqtt://localhost' }, { settings }), { expectExit: true });
    assert.match(end.log, why);
    assert.doesNotMatch(end.log, /geheim/);
  };
  await Promise.all([
    fails({ url: 'mqtt://ann:geheim@localhost' }, /must not hold credentials/),
    fails({ url: 'http://localhost' }, /must begin with mqtt/),
    fails({ url: 'mqtts://localhost', ca: '/nowhere.pem' }, /settings.ca cannot be read/),
    fails({ username: '', password: 'geheim' }, /settings.password needs settings.username/),
    fails({ topics: ['$share/g/a'] }, /settings.topics/),
  ]);
});
