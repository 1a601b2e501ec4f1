// SPDX-License-Identifier: Apache-2.0
// The bus redis when its server goes away, is slow, too fast, or is none.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const net = require('node:net');
const path = require('node:path');
const h = require('../dialects/honeytrap/honeytrap');
const v = require('../dialects/valtronics/valtronics');
const { startGateway, waitFor } = require('../support/gateway');
const r = require('../support/redis');
const { freePort } = require('../support/broker');
const { values } = require('../support/redis_client');
const { startRedis } = require('../support/redis_server');

test('redis: a lost server', async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server, { dialects: ['probe', 'valtronics'], limits: { subscriptions: 2000 }, settings: { patterns: ['door.#', 'valtronics.#', 'window.1'] } });
  const probe = await r.probe(t, gw);
  for (let i = 0; i < 50; i += 1) await probe.literal(`door.${i}`, i % 7);
  await server.stop();
  await r.degraded(gw);
  const ready = await gw.request('GET', '/readyz');
  assert.deepStrictEqual([ready.status, ready.json.reasons], [200, ['bus broker is not connected']]);
  await gw.counted(0, 'dragoman_bus_connected');
  await r.publish(gw, 'door.1', 'x', {}, 503);
  // What is asked for meanwhile counts too.
  await probe.literal('window.1', 1);
  const session = await v.listening(t, gw, 'telemetry');
  await server.start();
  await r.connected(gw);
  // valtronics wants everything, which covers the rest.
  assert.deepStrictEqual(await server.subscriptions(), { channels: [], patterns: 3 });
  await server.pub('valtronics.TEMP-001.telemetry', { timestamp: v.noon, metrics: [{ name: 'a', value: 1, unit: '°C' }] });
  assert.deepStrictEqual(await v.read(session), v.telemetry(1, { a: 1 }));
  await server.pub('window.1', 'open');
  assert.strictEqual(await probe.next(), '1:open');
  await gw.counted(2, 'dragoman_bus_connections_total');
});

test('redis: subscriptions are restored in few commands', async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server, { dialects: ['probe'], limits: { subscriptions: 2000 } });
  const probe = await r.probe(t, gw);
  for (let i = 0; i < 1200; i += 1) await probe.literal(`door.${i}`, 1);
  await server.stop();
  await r.degraded(gw);
  await server.start();
  await r.connected(gw);
  assert.strictEqual((await server.subscriptions()).channels.length, 1200);
  const stats = await server.ask('INFO', 'commandstats');
  assert.match(stats, /cmdstat_subscribe:calls=3,/);
  await server.pub('door.1199', 'open');
  assert.strictEqual(await probe.next(), '1:open');
});

test('redis: a refusal of the whole batch does not keep the rest from being restored', async (t) => {
  const server = await startRedis(t, { acl: 'resetchannels &door.* +@all' });
  const gw = await r.start(t, server, { dialects: ['probe'] });
  const probe = await r.probe(t, gw);
  await probe.literal('car', 1);
  for (let i = 0; i < 20; i += 1) await probe.literal(`door.${i}`, 2);
  await server.stop();
  await r.degraded(gw);
  await server.start();
  await r.connected(gw);
  assert.strictEqual((await server.subscriptions()).channels.length, 20);
});

test('redis: failover', async (t) => {
  const primary = await startRedis(t), replica = await startRedis(t);
  const dead = `redis://127.0.0.1:${await freePort()}`;
  // It is a replica of nobody that answers.
  await replica.ask('REPLICAOF', '127.0.0.1', new URL(dead).port);
  const gw = await r.start(t, primary, { dialects: ['probe'], settings: { url: [dead, 'redis://no-such-host.invalid', replica.url, primary.url], keepalive: '1s' } });
  await waitFor('the log', () => /bus cannot be reached.*Connection refused/.test(gw.log));
  await waitFor('the log', () => /it is a replica, which takes no events/.test(gw.log));
  const probe = await r.probe(t, gw);
  await probe.literal('a', 1);
  await waitFor('the subscription', async () => (await primary.subscriptions()).channels.length === 1);
  await r.publish(gw, 'a', 'x');
  assert.strictEqual(await probe.next(), '1:x');
  // The roles change without an end of the connections.
  await replica.ask('REPLICAOF', 'NO', 'ONE');
  await primary.ask('REPLICAOF', '127.0.0.1', replica.port);
  await waitFor('the other one', async () => (await replica.subscriptions()).channels.length === 1);
  await r.connected(gw);
  await r.publish(gw, 'a', 'y');
  assert.strictEqual(await probe.next(), '1:y');
});

test('redis: a server that stops answering is given up', async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server, { dialects: ['probe'], settings: { keepalive: '1s', connect_timeout: '500ms' } });
  const probe = await r.probe(t, gw);
  await probe.literal('a', 1);
  // Probed, and so still there.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  await gw.counted(1, 'dragoman_bus_connections_total');
  server.child.kill('SIGSTOP');
  await r.publish(gw, 'a', 'x', {}, 503);
  await waitFor('the log', () => /bus lost.*it does not answer any more/.test(gw.log));
  await waitFor('an attempt', () => /it did not answer in time/.test(gw.log));
  server.child.kill('SIGCONT');
  await r.connected(gw);
  await server.pub('a', 'y');
  while (await probe.next() !== '1:y');
});

test('redis: the gateway ends at once, whatever the server does', async (t) => {
  const sockets = [];
  const silent = net.createServer((socket) => sockets.push(socket.on('error', () => {})));
  await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const timed = async (gw) => {
    const began = Date.now();
    await gw.stop();
    assert.ok(Date.now() - began < 10000);
  };
  const host = `127.0.0.1:${silent.address().port}`;
  await Promise.all([`redis://${host}`, `rediss://${host}`, 'redis://192.0.2.1'].map(async (url) => {
    const gw = await r.start(t, { url }, { wait: false, settings: { connect_timeout: '300s' }, dialects: ['probe'] });
    if (url.includes(host)) await waitFor('the attempt', () => sockets.length > 0);
    await timed(gw);
  }));
  const server = await startRedis(t);
  const gw = await r.start(t, server, { dialects: ['probe'], settings: { keepalive: '1h' } });
  server.child.kill('SIGSTOP');
  const answer = r.publish(gw, 'a', 'x', {}, 503).catch(() => {});
  await timed(gw);
  await answer;
});

test('redis: 20,000 messages through mailboxes of 64 KiB', async (t) => {
  const server = await startRedis(t);
  const gw = await r.start(t, server, { top: ['mailbox_bytes: 64KiB'], dialects: ['probe'], limits: { queue_bytes: '64MiB', queue_messages: 100000 } });
  const probe = await r.probe(t, gw);
  await probe.pattern('burst.*', 1);
  await waitFor('the subscription', async () => (await server.subscriptions()).patterns === 1);
  const filler = 'x'.repeat(100);
  const lines = Array.from({ length: 20000 }, (_, i) => `${i} ${filler}`);
  await Promise.all(lines.map((line) => server.pub('burst.1', line)));
  for (const line of lines) assert.strictEqual(await probe.next(), `1:${line}`);
  await gw.counted(20000, 'dragoman_bus_events_total');
  // One that no mailbox can hold is left out, and nothing else.
  await server.pub('burst.1', 'y'.repeat(70000));
  await server.pub('burst.1', 'end');
  assert.strictEqual(await probe.next(), '1:end');
  await waitFor('the log', () => /the gateway refuses an event; messages dropped so far: 1/.test(gw.log));
});

test('redis: a gateway slower than the server allows is told that it loses events', async (t) => {
  const server = await startRedis(t, { settings: ['client-output-buffer-limit pubsub 256kb 0 0'] });
  const file = path.join(h.directory(t), 'journal.sqlite');
  const gw = await startGateway(t, h.config({ journal: { path: file, busy_timeout_ms: 50 }, journalOptions: { append_timeout: '300ms' } })
    .replace('plugin: embedded', `plugin: redis, settings: ${JSON.stringify(r.busSettings(server, { channel: 'honeytrap', patterns: ['e'] }))}`));
  await r.connected(gw);
  const unlock = await h.lock(t, file);
  const clients = async () => (await server.ask('CLIENT', 'LIST', 'TYPE', 'pubsub')).split('\n').length - 1;
  assert.strictEqual(await clients(), 1);
  const one = JSON.stringify(h.event({ name: 'x'.repeat(10000) }));
  await waitFor('the end of the connection', async () => {
    await Promise.all(Array.from({ length: 200 }, () => server.pub('e', one)));
    return await clients() === 0;
  });
  await unlock();
  await waitFor('the loss', () => /bus lost.*perhaps because the gateway was slower than its client-output-buffer-limit allows; events are lost/.test(gw.log));
  await r.connected(gw);
  const events = await gw.metric('dragoman_bus_events_total');
  await server.pub('e', one);
  await waitFor('an event', async () => await gw.metric('dragoman_bus_events_total') > events);
});

// A server by hand. answer(words, socket): called with each command after the greeting.
async function fakeServer(t, answer, greet = true) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    values(socket, (words) => {
      if (greet && words[0] === 'HELLO') return void socket.write('*2\r\n$4\r\nrole\r\n$6\r\nmaster\r\n');
      if (greet && words[0] === 'PING') return void socket.write('+PONG\r\n');
      answer(words, socket);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const end = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  t.after(end);
  return { url: `redis://127.0.0.1:${server.address().port}`, end };
}

test('redis: what waits for a confirmation is answered when the server is lost', async (t) => {
  let publishes = 0;
  const server = await fakeServer(t, (words) => { publishes += words[0] === 'PUBLISH'; });
  const gw = await r.start(t, server, { dialects: ['probe'] });
  const answers = [r.publish(gw, 'a', '1', {}, 503), r.publish(gw, 'a', '2', {}, 503)];
  await waitFor('the messages', () => publishes === 2);
  server.end();
  await Promise.all(answers);
  await gw.counted(2, 'dragoman_bus_publish_errors_total');
});

test('redis: messages before the end of a connection are delivered', async (t) => {
  const server = await fakeServer(t, (words, socket) => {
    if (words[0] !== 'subscribe') return;
    const bulk = (text) => `$${text.length}\r\n${text}\r\n`;
    // The gateway finds the end right behind the messages, and nobody at its next attempt.
    gw.child.kill('SIGSTOP');
    socket.end(`*3\r\n${bulk('subscribe')}${bulk('burst')}:1\r\n${Array.from({ length: 200 }, (_, i) => `*3\r\n${bulk('message')}${bulk('burst')}${bulk(`${i}`)}`).join('')}`,
      () => {
        server.end();
        gw.child.kill('SIGCONT');
      });
  });
  const gw = await r.start(t, server, { dialects: ['probe'] });
  const probe = await r.probe(t, gw);
  await probe.literal('burst', 1);
  for (let i = 0; i < 200; i += 1) assert.strictEqual(await probe.next(), `1:${i}`);
});

test('redis: what is no Redis ends the connection only', async (t) => {
  const hello = '*2\r\n$4\r\nrole\r\n$6\r\nmaster\r\n+PONG\r\n';
  const said = ['HTTP/1.1 400 Bad Request\r\n\r\n', '*2147483647\r\n', '$99999999999999999999\r\n', '$-5\r\n', '*1\r\n'.repeat(50), '+OK\r\n', ':1\r\n', '-LOADING data\r\n',
    '-ERR unknown command `HELLO`\r\n', '*0\r\n*0\r\n', `${hello}*3\r\n$9\r\nsubscribe\r\n$1\r\nz\r\n:1\r\n`, `${hello}*3\r\n:1\r\n*0\r\n$-1\r\n`, `${hello}*4\r\n$8\r\npmessage\r\n*0\r\n:1\r\n:1\r\n`,
    `${hello}*1\r\n$7\r\nmessage\r\n`, `${hello}-ERR max number of clients reached\r\n`, '\0'.repeat(100000)];
  let next = 0;
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(said[(next++ >> 1) % said.length]));
    socket.setTimeout(300, () => socket.destroy());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const gw = await r.start(t, { url: `redis://127.0.0.1:${server.address().port}` }, { wait: false, dialects: ['valtronics'] });
  await waitFor('all of it', () => next >= said.length * 2 + 2);
  for (const why of [/does not speak as Redis/, /still loading/, /older than Redis 6/, /max number of clients/]) await waitFor(`${why}`, () => why.test(gw.log));
  assert.strictEqual((await gw.request('GET', '/healthz')).status, 200);
});

test('redis: a message larger than any event is not kept in memory', async (t) => {
  let sent = 0;
  const server = await fakeServer(t, (words, socket) => {
    if (words[0] !== 'psubscribe') return;
    socket.write(`*3\r\n$10\r\npsubscribe\r\n$1\r\n*\r\n:1\r\n*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\na\r\n$500000000\r\n`);
    const more = () => {
      if (socket.destroyed || sent >= 100 << 20) return;
      sent += 1 << 20;
      socket.write(Buffer.alloc(1 << 20), () => setImmediate(more));
    };
    if (sent === 0) more();
  });
  const gw = await r.start(t, server, { dialects: ['valtronics'], wait: false });
  await waitFor('the end', () => /it sends more at once than is taken/.test(gw.log));
  assert.ok(sent < 100 << 20, `${sent}`);
  await waitFor('the count', () => /a message is too large.*dropped so far: 1/.test(gw.log));
});
