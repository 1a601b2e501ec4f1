// SPDX-License-Identifier: Apache-2.0
// The bus nats when its server goes away, is slow or too fast.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const net = require('node:net');
const v = require('../dialects/valtronics/valtronics');
const { waitFor } = require('../support/gateway');
const n = require('../support/nats');
const { freePort } = require('../support/broker');
const { startNats } = require('../support/nats_server');

test('nats: a lost server', async (t) => {
  const server = await startNats(t);
  const gw = await n.start(t, server, { dialects: ['probe', 'valtronics'] });
  const probe = await n.probe(t, gw);
  for (let i = 0; i < 300; i += 1) await probe.literal(`door.${i}`, i % 5);
  await server.stop();
  await n.degraded(gw);
  const ready = await gw.request('GET', '/readyz');
  assert.deepStrictEqual([ready.status, ready.json.reasons], [200, ['bus broker is not connected']]);
  await gw.counted(0, 'dragoman_bus_connected');
  await n.publish(gw, 'door.1', 'x', {}, 503);
  // What is asked for and given up meanwhile counts too.
  await probe.literal('window.1', 1);
  const session = await v.listening(t, gw, 'telemetry');
  await server.start();
  await n.connected(gw);
  // valtronics wants everything, which covers the rest.
  assert.deepStrictEqual(await server.subscriptions(), ['>']);
  await server.pub('valtronics.TEMP-001.telemetry', { timestamp: v.noon, metrics: [{ name: 'a', value: 1, unit: '°C' }] });
  assert.deepStrictEqual(await v.read(session), v.telemetry(1, { a: 1 }));
  await server.pub('window.1', 'open');
  assert.strictEqual(await probe.next(), '1:open');
  await n.publish(gw, 'window.1', 'shut');
  assert.strictEqual(await probe.next(), '1:shut');
  await gw.counted(2, 'dragoman_bus_connections_total');
});

test('nats: all subscriptions are there before the bus is connected', async (t) => {
  const server = await startNats(t);
  const gw = await n.start(t, server, { dialects: ['probe'], limits: { subscriptions: 2000 } });
  const probe = await n.probe(t, gw);
  const keys = Array.from({ length: 900 }, (_, i) => `door.${i}`);
  for (const key of keys) await probe.literal(key, 1);
  await waitFor('the subscriptions', async () => (await server.subscriptions()).length === keys.length);
  await server.stop();
  await n.degraded(gw);
  await server.start();
  await n.connected(gw);
  assert.strictEqual((await server.subscriptions()).length, keys.length);
  await server.pub('door.899', 'open');
  assert.strictEqual(await probe.next(), '1:open');
});

test('nats: failover to another server, and back when that one goes', async (t) => {
  const [one, two] = [await startNats(t), await startNats(t)];
  const gw = await n.start(t, one, { dialects: ['probe'],
    settings: { url: [`nats://127.0.0.1:${await freePort()}`, 'nats://no-such-host.invalid', one.url, two.url] } });
  await waitFor('the log', () => /bus cannot be reached/.test(gw.log));
  const probe = await n.probe(t, gw);
  await probe.literal('a', 1);
  const served = async (by, text) => {
    await waitFor('the subscription', async () => (await by.subscriptions()).length === 1);
    await n.connected(gw);
    await by.pub('a', text);
    assert.strictEqual(await probe.next(), `1:${text}`);
  };
  await served(one, 'first');
  await one.stop();
  await served(two, 'second');
  // One that ends in order says so before.
  await one.start();
  two.child.kill('SIGUSR2');
  await served(one, 'third');
});

// A server by hand. line: called with the socket and each line that comes; PING is answered where it returns true.
async function fakeServer(t, { info = {}, line = () => true } = {}) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write(`INFO ${JSON.stringify({ server_id: 'X', version: '2.9.0', headers: true, max_payload: 100000, ...info })}\r\n`);
    let rest = '';
    socket.on('data', (data) => {
      const lines = (rest + data).split('\r\n');
      rest = lines.pop();
      for (const one of lines) if (line(socket, one) && one === 'PING') socket.write('PONG\r\n');
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const end = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  t.after(end);
  return { url: `nats://127.0.0.1:${server.address().port}`, sockets, end };
}

test('nats: what waits for a confirmation is answered when the server is lost, or says nothing', async (t) => {
  let published = 0;
  const server = await fakeServer(t, { line: (socket, one) => {
    published += /^H?PUB /.test(one);
    return !published;
  } });
  const gw = await n.start(t, server, { settings: { max_inflight: 1, answer_timeout: '30s' }, dialects: ['probe'] });
  const answers = [n.publish(gw, 'a', '1', {}, 503), n.publish(gw, 'a', '2', {}, 503)];
  await waitFor('a message', () => published === 1);
  server.end();
  await Promise.all(answers);
  assert.strictEqual(published, 1);
  await gw.counted(2, 'dragoman_bus_publish_errors_total');
  const silent = await fakeServer(t, { line: (socket, one) => !/^H?PUB /.test(one) && !socket.silent || !(socket.silent = true) });
  const other = await n.start(t, silent, { settings: { answer_timeout: '200ms' }, dialects: ['probe'] });
  await n.publish(other, 'a', '1', {}, 503);
  await waitFor('the loss', () => other.log.includes('it did not answer in time'));
});

test('nats: a server that does not answer probes is lost', async (t) => {
  let probes = 0;
  const server = await fakeServer(t, { line: (socket, one) => one !== 'PING' || (probes += 1) <= 2 });
  const gw = await n.start(t, server, { settings: { ping_interval: '100ms' }, dialects: ['probe'] });
  await waitFor('the loss', () => gw.log.includes('bus lost'));
  await waitFor('the log', () => /Stale Connection/i.test(gw.log));
});

test('nats: what is no NATS ends the connection only', async (t) => {
  const said = ['MSG\r\n', 'MSG a 1 -1\r\n', 'MSG a 1 99999999999999999999\r\n', 'HMSG a 1 5 4\r\nabcd\r\n', 'PONG\r\nPONG\r\nnonsense\r\n', '\0\0\0\0',
    'INFO {"max_payload":\r\n', 'x'.repeat(100000), "-ERR 'all is lost'\r\n", `+OK\r\n-ERR ${'y'.repeat(10000)}\r\n`];
  let next = 0;
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    const early = next % 2;
    const text = said[(next++ >> 1) % said.length];
    socket.write(early ? text : 'INFO {"server_id":"X","max_payload":1000}\r\n');
    if (!early) socket.once('data', () => socket.write(`PONG\r\n${text}`));
    socket.setTimeout(200, () => socket.destroy());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const gw = await n.start(t, { url: `nats://127.0.0.1:${server.address().port}` }, { wait: false, dialects: ['probe'] });
  await waitFor('all of it', () => next >= said.length * 2);
  assert.strictEqual((await gw.request('GET', '/healthz')).status, 200);
});

test('nats: 20,000 messages through mailboxes of 64 KiB', async (t) => {
  const server = await startNats(t);
  const gw = await n.start(t, server, { top: ['mailbox_bytes: 64KiB'], dialects: ['probe'],
    limits: { queue_bytes: '64MiB', queue_messages: 100000 } });
  const probe = await n.probe(t, gw);
  await probe.pattern('burst.*', 1);
  await waitFor('the subscription', async () => (await server.subscriptions()).length === 1);
  const filler = 'x'.repeat(100);
  const bodies = Array.from({ length: 20000 }, (_, i) => `${i} ${filler}`);
  const publisher = await server.client();
  for (const body of bodies) publisher.write('burst.1', body);
  await publisher.flush();
  for (const body of bodies) assert.strictEqual(await probe.next(), `1:${body}`);
  await gw.counted(20000, 'dragoman_bus_events_total');
  // One that no mailbox can hold is left out, and nothing else.
  await server.pub('burst.1', 'y'.repeat(70000));
  await server.pub('burst.1', 'end');
  assert.strictEqual(await probe.next(), '1:end');
  await waitFor('the log', () => /the gateway refuses an event; messages dropped so far: 1/.test(gw.log));
});

test('nats: what a slow gateway cannot take is dropped, counted and told', async (t) => {
  const server = await startNats(t);
  const gw = await n.start(t, server, { settings: { pending_messages: 100 }, top: ['mailbox_bytes: 64KiB'], dialects: ['probe'],
    limits: { queue_bytes: '64MiB', queue_messages: 200000 } });
  const probe = await n.probe(t, gw);
  await probe.pattern('burst.*', 1);
  await waitFor('the subscription', async () => (await server.subscriptions()).length === 1);
  const publisher = await server.client();
  const total = 50000;
  for (let i = 0; i < total; i += 1) publisher.write('burst.1', `${i} ${'x'.repeat(500)}`);
  await publisher.flush();
  await waitFor('all of them to be accounted for', async () => {
    const [events, refused] = [await gw.metric('dragoman_bus_events_total'), await gw.metric('dragoman_bus_refused_total')];
    return refused > 0 && events + refused === total;
  });
  await waitFor('the log', () => /(gateway|client) is slower than the server; messages dropped so far: \d/.test(gw.log));
  let last = -1;
  for (let left = await gw.metric('dragoman_bus_events_total'); left > 0; left -= 1) {
    const at = Number((await probe.next()).match(/^1:(\d+) /)[1]);
    assert.ok(at > last);
    last = at;
  }
  await server.pub('burst.1', 'end');
  assert.strictEqual(await probe.next(), '1:end');
});

test('nats: the gateway ends at once while it connects or its server stands still', async (t) => {
  // It accepts, and says nothing at all or nothing after its greeting.
  const sockets = new Set();
  const silent = async (text) => {
    const server = net.createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.write(text);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return `127.0.0.1:${server.address().port}`;
  };
  const ends = async (gw) => {
    const began = Date.now();
    await gw.stop();
    assert.ok(Date.now() - began < 10000);
  };
  const mute = await silent('');
  const greeting = await silent('INFO {"server_id":"X","max_payload":1000,"tls_available":true}\r\n');
  for (const url of [`nats://${mute}`, `nats://${greeting}`, `tls://${greeting}`, 'nats://192.0.2.1']) {
    const gw = await n.start(t, { url }, { wait: false, settings: { connect_timeout: '300s' }, dialects: ['probe'] });
    if (!url.includes('192')) await waitFor('the attempt', () => sockets.size > 0);
    sockets.clear();
    await ends(gw);
  }
  // One thread waits for the server, however long that takes.
  const gw = await n.start(t, { url: `nats://${greeting}` }, { wait: false, settings: { connect_timeout: '100ms' }, dialects: ['probe'] });
  await waitFor('another attempt', () => gw.log.includes('it did not answer in time'));
  assert.strictEqual(sockets.size, 1);
  for (const socket of sockets) socket.destroy();
  await waitFor('another attempt', () => sockets.size > 1);
  await ends(gw);
  const server = await startNats(t);
  const other = await n.start(t, server, { settings: { answer_timeout: '300s', ping_interval: '1h' }, dialects: ['probe'] });
  server.child.kill('SIGSTOP');
  t.after(() => server.child.kill('SIGCONT'));
  const answer = n.publish(other, 'a', 'x'.repeat(50000), {}, 503).catch(() => {});
  // It does not know yet.
  await other.counted(1, 'dragoman_bus_connected');
  await ends(other);
  await answer;
});
