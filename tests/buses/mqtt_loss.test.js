// SPDX-License-Identifier: Apache-2.0
// The bus mqtt when its broker goes away, is slow or too fast.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const net = require('node:net');
const path = require('node:path');
const h = require('../dialects/honeytrap/honeytrap');
const v = require('../dialects/valtronics/valtronics');
const { startGateway, waitFor } = require('../support/gateway');
const m = require('../support/mqtt');
const { freePort } = require('../support/broker');
const { startMosquitto } = require('../support/mosquitto');

for (const version of ['3.1.1', '5']) {
  test(`mqtt: a lost broker, version ${version}`, async (t) => {
    const broker = await startMosquitto(t);
    const gw = await m.start(t, broker, { settings: { version }, dialects: ['probe', 'valtronics'] });
    const probe = await m.probe(t, gw);
    for (let i = 0; i < 300; i += 1) await probe.literal(`door.${i}`, i % 7);
    await broker.stop();
    await m.degraded(gw);
    const ready = await gw.request('GET', '/readyz');
    assert.deepStrictEqual([ready.status, ready.json.reasons], [200, ['bus broker is not connected']]);
    await gw.counted(0, 'dragoman_bus_connected');
    await m.publish(gw, 'door.1', 'x', {}, 503);
    // What is asked for and given up meanwhile counts too.
    await probe.literal('window.1', 1);
    const session = await v.listening(t, gw, 'telemetry');
    const from = broker.log.length;
    await broker.start();
    await m.connected(gw);
    await gw.counted(1, 'dragoman_bus_connected');
    // valtronics wants everything, which covers the rest.
    assert.deepStrictEqual(broker.subscriptions('gw', from), ['#']);
    assert.strictEqual(broker.log.slice(from).split('Received SUBSCRIBE from gw').length - 1, 1);
    await broker.pub('valtronics/TEMP-001/telemetry', { timestamp: v.noon, metrics: [{ name: 'a', value: 1, unit: '°C' }] });
    assert.deepStrictEqual(await v.read(session), v.telemetry(1, { a: 1 }));
    await broker.pub('window/1', 'open');
    assert.strictEqual(await probe.next(), '1:open');
    await gw.counted(2, 'dragoman_bus_connections_total');
  });
}

test('mqtt: subscriptions are restored in few packets', async (t) => {
  const broker = await startMosquitto(t);
  const gw = await m.start(t, broker, { dialects: ['probe'], limits: { subscriptions: 2000 } });
  const probe = await m.probe(t, gw);
  const keys = Array.from({ length: 900 }, (_, i) => `door.${i}`);
  for (const key of keys) await probe.literal(key, 1);
  await waitFor('the subscriptions', () => broker.subscriptions('gw').length === keys.length);
  await broker.stop();
  await m.degraded(gw);
  const from = broker.log.length;
  await broker.start();
  await m.connected(gw);
  assert.strictEqual(broker.subscriptions('gw', from).length, keys.length);
  assert.strictEqual(broker.log.slice(from).split('Received SUBSCRIBE from gw').length - 1, 5);
  await broker.pub('door/899', 'open');
  assert.strictEqual(await probe.next(), '1:open');
});

// A broker by hand, version 3.1.1, with one client. packet: called with the type and bytes of each that comes but CONNECT and PINGREQ.
async function fakeBroker(t, packet) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    let rest = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      while (rest.length > 1 && rest.length >= 2 + rest[1]) {
        assert.ok(rest[1] < 128, 'small packets only');
        const one = rest.subarray(0, 2 + rest[1]);
        rest = rest.subarray(one.length);
        const type = one[0] >> 4;
        if (type === 1) socket.write(Buffer.from([0x20, 2, 0, 0]));
        else packet(socket, type, one);
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const end = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  t.after(end);
  return { url: `mqtt://127.0.0.1:${server.address().port}`, end };
}
const suback = (subscribe, ...granted) => Buffer.from([0x90, 2 + granted.length, subscribe[2], subscribe[3], ...granted]);
const message = (topic, id, payload) => {
  const body = Buffer.concat([Buffer.from([0, topic.length]), Buffer.from(topic), Buffer.from([id >> 8, id & 255]), Buffer.from(payload)]);
  return Buffer.concat([Buffer.from([0x32, body.length]), body]);
};

test('mqtt: what waits for a confirmation is answered when the broker is lost', async (t) => {
  let publishes = 0;
  const broker = await fakeBroker(t, (socket, type) => { publishes += type === 3; });
  const gw = await m.start(t, broker, { settings: { version: '3.1.1', max_inflight: 1 }, dialects: ['probe'] });
  const answers = [m.publish(gw, 'a', '1', {}, 503), m.publish(gw, 'a', '2', {}, 503)];
  await waitFor('a message', () => publishes === 1);
  broker.end();
  await Promise.all(answers);
  assert.strictEqual(publishes, 1);
  await gw.counted(2, 'dragoman_bus_publish_errors_total');
});

test('mqtt: messages before the end of a connection are delivered, and a refused subscription is told', async (t) => {
  const broker = await fakeBroker(t, (socket, type, packet) => {
    if (type !== 8) return;
    const all = [suback(packet, packet.includes('secret') ? 0x80 : 1)];
    if (packet.includes('burst')) for (let i = 1; i <= 200; i += 1) all.push(message('burst', i, `${i}`));
    if (!packet.includes('burst')) return void socket.write(Buffer.concat(all));
    // The gateway finds the end right behind the messages, and nobody at its next attempt.
    gw.child.kill('SIGSTOP');
    socket.end(Buffer.concat(all), () => {
      broker.end();
      gw.child.kill('SIGCONT');
    });
  });
  const gw = await m.start(t, broker, { settings: { version: '3.1.1' }, dialects: ['probe'] });
  const probe = await m.probe(t, gw);
  await probe.literal('secret', 1);
  await waitFor('the refusal', () => gw.log.includes('the broker refuses 1 subscriptions, the first to'));
  await probe.literal('burst', 1);
  for (let i = 1; i <= 200; i += 1) assert.strictEqual(await probe.next(), `1:${i}`);
});

test('mqtt: what is no MQTT ends the connection only', async (t) => {
  const said = [[0x20, 0xff, 0xff, 0xff, 0xff, 0xff], [0x30, 2, 0, 9], [0x90, 0], [0xf0, 0], [0x32, 5, 0, 1, 0xff, 0, 1], [0x40, 1, 0]];
  let next = 0;
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(Buffer.from([...(next % 2 ? [0x20, 2, 0, 0] : []), ...said[(next++ >> 1) % said.length]])));
    socket.setTimeout(200, () => socket.destroy());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const gw = await m.start(t, { url: `mqtt://127.0.0.1:${server.address().port}` }, { wait: false, settings: { version: '3.1.1' }, dialects: ['probe'] });
  await waitFor('all of it', () => next >= said.length * 2);
  assert.strictEqual((await gw.request('GET', '/healthz')).status, 200);
});

test('mqtt: 20,000 messages through mailboxes of 64 KiB', async (t) => {
  const broker = await startMosquitto(t);
  const gw = await m.start(t, broker, { top: ['mailbox_bytes: 64KiB'], dialects: ['probe'],
    limits: { queue_bytes: '64MiB', queue_messages: 100000 } });
  const probe = await m.probe(t, gw);
  await probe.pattern('burst.*', 1);
  await waitFor('the subscription', () => broker.subscriptions('gw').length === 1);
  const filler = 'x'.repeat(100);
  const lines = Array.from({ length: 20000 }, (_, i) => `${i} ${filler}`);
  await broker.pubLines('burst/1', lines);
  for (const line of lines) assert.strictEqual(await probe.next(), `1:${line}`);
  await gw.counted(20000, 'dragoman_bus_events_total');
  // One that no mailbox can hold is left out, and nothing else.
  await broker.pub('burst/1', 'y'.repeat(70000));
  await broker.pub('burst/1', 'end');
  assert.strictEqual(await probe.next(), '1:end');
  assert.match(gw.log, /the gateway refuses an event; messages dropped so far: 1/);
});

test('mqtt: failover to another broker', async (t) => {
  const broker = await startMosquitto(t);
  const gw = await m.start(t, broker, { dialects: ['probe'],
    settings: { url: [`mqtt://127.0.0.1:${await freePort()}`, 'mqtt://no-such-host.invalid', broker.url] } });
  assert.match(gw.log, /bus cannot be reached.*Connection refused/);
  const probe = await m.probe(t, gw);
  await probe.literal('a', 1);
  await m.publish(gw, 'a', 'x');
  assert.strictEqual(await probe.next(), '1:x');
});

for (const version of ['3.1.1', '5']) {
  test(`mqtt: the broker keeps events for a gateway that is away, version ${version}`, async (t) => {
    const broker = await startMosquitto(t);
    const options = { settings: { version, session_expiry: '1h' }, dialects: ['valtronics'] };
    const first = await m.start(t, broker, options);
    await first.stop();
    await broker.pub('valtronics/TEMP-001/status', { status: 'online', timestamp: v.noon });
    const second = await m.start(t, broker, options);
    await waitFor('the event', async () => await second.metric('dragoman_bus_events_total') === 1);
  });
}

test('mqtt: a message is confirmed when the journal has it', async (t) => {
  const broker = await startMosquitto(t);
  const file = path.join(h.directory(t), 'journal.sqlite');
  const yaml = h.config({ journal: { path: file, busy_timeout_ms: 50 }, journalOptions: { append_timeout: '300ms' } })
    .replace('plugin: embedded', `plugin: mqtt, settings: ${JSON.stringify(m.busSettings(broker, { channel: 'honeytrap', session_expiry: '1h' }))}`);
  const start = async () => {
    const gw = await startGateway(t, yaml);
    await m.connected(gw);
    return gw;
  };
  const first = await start();
  const unlock = await h.lock(t, file);
  const names = ['one', 'two', 'three'];
  const confirmed = () => broker.log.split('Received PUBACK from gw').length - 1;
  for (const name of names) await broker.pub('honeypot/events', h.event({ name }), '-V', '5', '-D', 'publish', 'user-property', 'id', name);
  // It offers them to the journal again and again.
  await waitFor('the journal to fail', async () => await first.metric('dragoman_bus_events_total') > 3);
  assert.strictEqual(confirmed(), 0);
  await first.stop({ signal: 'SIGKILL', code: null });
  await unlock();
  const second = await start();
  await waitFor('the confirmations', () => confirmed() === 3);
  const client = await h.dashboard(t, second);
  assert.deepStrictEqual((await h.fetched(client)).map((event) => event.name), names);
});

test('mqtt: the gateway ends at once while it connects', async (t) => {
  // It accepts and says nothing.
  const sockets = [];
  const server = net.createServer((socket) => sockets.push(socket));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const silent = `127.0.0.1:${server.address().port}`;
  for (const url of [`mqtt://${silent}`, `mqtts://${silent}`, 'mqtt://192.0.2.1']) {
    const gw = await m.start(t, { url }, { wait: false, settings: { connect_timeout: '300s' }, dialects: ['probe'] });
    if (url.includes(silent)) await waitFor('the attempt', () => sockets.length > 0);
    sockets.length = 0;
    const began = Date.now();
    await gw.stop();
    assert.ok(Date.now() - began < 10000);
  }
});
