// SPDX-License-Identifier: Apache-2.0
// The process as a service of systemd: readiness, the watchdog, sockets that are passed to it.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { startGateway, waitFor } = require('../support/gateway');
const { startSupervisor } = require('../support/supervisor');
const { startProbe, open, ask, probeConfig } = require('./probe');
const { connect } = require('../support/client');
const { reload, change } = require('../support/reload');

async function listen(t, ...where) {
  // Node accepts from it too, since there is no way to make it only hold the socket.
  const server = net.createServer((socket) => socket.destroy());
  await new Promise((resolve) => server.listen(...where, resolve));
  // Not server.close(): Node would wait for what it never accepted.
  t.after(() => server._handle?.close());
  return server;
}

// Who came to Node instead tries again.
const reach = (come) => waitFor('a connection to the gateway', () => come().catch(() => null));

test('service: it says that it is ready and that it stops; without WATCHDOG_USEC nothing between', async (t) => {
  const supervisor = await startSupervisor(t);
  const gw = await startProbe(t, {}, { env: supervisor.env });
  await waitFor('READY=1', () => supervisor.heard.includes('READY=1'));
  await gw.stop();
  await waitFor('STOPPING=1', () => supervisor.heard.includes('STOPPING=1'));
  assert.deepStrictEqual(supervisor.heard, ['READY=1', 'STOPPING=1']);
});

test('service: the watchdog is told while all shards move, and not while one does not', async (t) => {
  const supervisor = await startSupervisor(t);
  const gw = await startProbe(t, { threads: 2 }, { env: { ...supervisor.env, WATCHDOG_USEC: '400000' } });
  const told = () => supervisor.heard.filter((line) => line === 'WATCHDOG=1').length;
  await waitFor('the watchdog', () => told() >= 3);
  const client = await open(t, gw);
  client.send('slow 2000');
  await waitFor('the gap', () => gw.log.includes('a shard does not go on'));
  const before = told();
  assert.strictEqual(await client.next(), 'done');
  // The one that was on its way, and the first after the answer.
  assert.ok(told() <= before + 2, `${told() - before} words during the gap`);
  await waitFor('the watchdog', () => told() > before + 2);
  assert.match(gw.log, /the shards go on/);
});

test('service: a watchdog that is meant for another process is not told', async (t) => {
  const supervisor = await startSupervisor(t);
  const gw = await startProbe(t, {}, { env: { ...supervisor.env, WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' } });
  const client = await open(t, gw);
  assert.strictEqual(await ask(client, 'alive'), 'echo alive');
  await gw.stop();
  await waitFor('STOPPING=1', () => supervisor.heard.includes('STOPPING=1'));
  assert.ok(!supervisor.heard.includes('WATCHDOG=1'));
});

test('service: a listener takes a passed socket by its name, on every shard, and leaves it open behind itself', async (t) => {
  const first = await listen(t, 0, '127.0.0.1'), second = await listen(t, 0, '127.0.0.1');
  const port = second.address().port;
  const sockets = { other: first._handle.fd, 'public.socket': second._handle.fd };
  const yaml = probeConfig({ address: 'systemd:public.socket', threads: 3 });
  for (let run = 0; run < 2; ++run) {
    const gw = await startGateway(t, yaml, { sockets });
    assert.strictEqual(gw.port('main'), port);
    const clients = await Promise.all(Array.from({ length: 30 }, () => reach(() => open(t, gw))));
    for (const client of clients) assert.strictEqual(await ask(client, 'alive'), 'echo alive');
    assert.match(await ask(clients[0], 'peer'), /127\.0\.0\.1/);
    await gw.stop();
  }
});

test('service: a passed Unix socket keeps its file', async (t) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-test-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  const file = path.join(directory, 'public');
  const server = await listen(t, file);
  const gw = await startGateway(t, probeConfig({ address: 'systemd:public' }), { sockets: { public: server._handle.fd } });
  await reach(async () => {
    const client = await connect(t, `ws+unix://${file}:/`);
    assert.strictEqual(await ask(client, 'alive'), 'echo alive');
    return true;
  });
  await gw.stop();
  assert.ok(fs.statSync(file).isSocket());
});

test('service: it does not start without the socket that a listener names, and says what there is', async (t) => {
  const server = await listen(t, 0, '127.0.0.1');
  const fd = server._handle.fd;
  const file = fs.openSync('/dev/null', 'r');
  t.after(() => fs.closeSync(file));
  for (const [options, words] of [
    [{}, /listeners\.main: cannot listen on systemd:public: this process was given no sockets/],
    [{ sockets: { private: fd } }, /no socket has this FileDescriptorName; there is private/],
    [{ sockets: { public: fd, more: fd }, env: { LISTEN_FDNAMES: 'public:public' } }, /several sockets have this FileDescriptorName/],
    [{ sockets: { public: file } }, /no listening stream socket/],
  ]) {
    const end = await startGateway(t, probeConfig({ address: 'systemd:public' }), { ...options, expectExit: true });
    assert.strictEqual(end.code, 1);
    assert.match(end.log, words);
  }
});

test('service: in a reload a passed socket stays, gets another name, goes and comes back', async (t) => {
  const [one, two] = [await listen(t, 0, '127.0.0.1'), await listen(t, 0, '127.0.0.1')];
  const at = { one: one.address().port, two: two.address().port };
  const yaml = (listeners) => probeConfig()
    .replace(/listeners: .*/, `listeners: ${JSON.stringify(Object.fromEntries(Object.entries(listeners).map(([name, address]) => [name, { address }])))}`)
    .replace(/listen: \[.*?\]/, `listen: ${JSON.stringify(Object.keys(listeners).map((listener) => ({ listener, path: '/' })))}`);
  const gw = await startGateway(t, yaml({ main: 'systemd:one' }), { sockets: { one: one._handle.fd, two: two._handle.fd } });
  const come = async (name) => {
    const client = await reach(() => connect(t, `ws://127.0.0.1:${at[name]}/`));
    assert.strictEqual(await ask(client, 'alive'), 'echo alive');
    return client;
  };
  const first = await come('one');
  // Added, with the first kept.
  let report = await reload(gw, yaml({ main: 'systemd:one', more: 'systemd:two' }));
  assert.deepStrictEqual([change(report, 'listener', 'main'), change(report, 'listener', 'more'), gw.ports.listeners], ['kept', 'added', { main: at.one, more: at.two }]);
  const second = await come('two');
  await come('one');
  // One that this process was not given.
  const { errors } = await reload(gw, yaml({ main: 'systemd:one', more: 'systemd:three' }), { expect: 422 });
  assert.deepStrictEqual(errors, ['listeners.more: cannot listen on systemd:three: no socket has this FileDescriptorName; there is one, two']);
  for (const client of [first, second, await come('one'), await come('two')]) assert.strictEqual(await ask(client, 'still'), 'echo still');
  // Under another name.
  report = await reload(gw, yaml({ main: 'systemd:one', other: 'systemd:two' }));
  assert.strictEqual(report.changes.find((c) => c.name === 'other').note, 'it was called more');
  assert.strictEqual(await ask(second, 'still'), 'echo still');
  await come('two');
  // Gone: whoever holds the socket beside the gateway is the only one to accept.
  report = await reload(gw, yaml({ main: 'systemd:one' }));
  assert.deepStrictEqual([change(report, 'listener', 'main'), change(report, 'listener', 'other')], ['kept', 'removed']);
  assert.strictEqual((await second.closed()).code, 1001);
  for (let i = 0; i < 30; ++i) await assert.rejects(connect(t, `ws://127.0.0.1:${at.two}/`));
  assert.strictEqual(await ask(first, 'still'), 'echo still');
  await reload(gw, yaml({ main: 'systemd:one', more: 'systemd:two' }));
  await come('two');
  await come('one');
});
