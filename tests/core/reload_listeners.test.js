// SPDX-License-Identifier: Apache-2.0
// Reload of listeners: one is known by its address, whatever it is called.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { startGateway, waitFor, adminToken } = require('../support/gateway');
const { connect, raw } = require('../support/client');
const { freePort } = require('../support/broker');
const { reload, change } = require('../support/reload');

// listeners: {NAME: address}; mounts: {NAME: listener}, each of the test dialect.
const configuration = (listeners, mounts, { more = '', limit = 1000 } = {}) => [
  'threads: 2',
  `listeners: ${JSON.stringify(Object.fromEntries(Object.entries(listeners).map(([name, address]) => [name, { address }])))}`,
  'buses: {main: {plugin: embedded}}',
  `mounts: ${JSON.stringify(Object.fromEntries(Object.entries(mounts).map(([name, listener]) =>
    [name, { plugin: 'probe', listen: [{ listener, path: `/${name}` }], limits: { connections: limit } }])))}`,
  `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
  more,
  '',
].join('\n');
const open = (t, port, mount) => connect(t, `ws://127.0.0.1:${port}/${mount}`);
const ask = async (client, text) => {
  client.send(text);
  return client.next();
};
const lives = async (client) => assert.strictEqual(await ask(client, 'still'), 'echo still');
const entries = (report, name) => report.changes.filter((c) => c.kind === 'listener' && c.name === name);

test('reload: a listener with another name keeps its socket, and no connection is refused meanwhile', async (t) => {
  const port = await freePort(), address = `127.0.0.1:${port}`;
  const gw = await startGateway(t, configuration({ first: address }, { kept: 'first', other: 'first' }));
  const kept = await open(t, port, 'kept'), other = await open(t, port, 'other');
  const waiting = raw(t, port);
  waiting.write('GET /nothing HTTP/1.1\r\nHo');
  let over = false, opened = 0;
  const refused = [];
  const joiners = [1, 2, 3, 4].map(async () => {
    while (!over) {
      try {
        const client = await connect(null, `ws://127.0.0.1:${port}/kept`);
        await lives(client);
        client.close();
        opened += 1;
      } catch (error) {
        refused.push(error.message);
      }
    }
  });
  const more = async () => {
    const at = opened;
    await waitFor('more connections', () => opened > at + 20 || refused.length);
  };
  let name = 'first';
  for (const next of ['second', 'third', 'first', 'last']) {
    await more();
    const report = await reload(gw, configuration({ [next]: address }, { kept: next, other: next }));
    assert.deepStrictEqual(entries(report, next).map((c) => [c.change, c.note]), [['changed', `it was called ${name}`]]);
    assert.deepStrictEqual(entries(report, name), []);
    assert.deepStrictEqual([change(report, 'mount', 'kept'), gw.port(next), gw.port(name)], ['kept', port, undefined]);
    name = next;
  }
  await more();
  over = true;
  await Promise.all(joiners);
  assert.deepStrictEqual(refused, []);
  await lives(kept);
  await lives(other);
  // Half a request is part of the socket too.
  waiting.write('st: x\r\n\r\n');
  await waiting.until('the answer', (s) => s.includes('404'));
  assert.ok(await gw.metric('dragoman_connections_accepted_total', 'listener="last"') > opened);
  assert.strictEqual(await gw.metric('dragoman_connections_accepted_total', 'listener="first"'), 0);

  await t.test('with a mount that changes, only its sessions are closed', async () => {
    const report = await reload(gw, configuration({ again: address }, { kept: 'again', added: 'again' }));
    assert.deepStrictEqual([change(report, 'mount', 'kept'), change(report, 'mount', 'other'), change(report, 'mount', 'added')], ['kept', 'removed', 'added']);
    assert.strictEqual((await other.closed()).code, 1001);
    await lives(kept);
    await lives(await open(t, port, 'added'));
  });
});

test('reload: two listeners change their addresses with each other', async (t) => {
  const [a, b] = [await freePort(), await freePort()];
  const yaml = (first, second) => configuration({ first: `127.0.0.1:${first}`, second: `127.0.0.1:${second}` }, { one: 'first', two: 'second' });
  const gw = await startGateway(t, yaml(a, b));
  const old = [await open(t, a, 'one'), await open(t, b, 'two')];
  const report = await reload(gw, yaml(b, a));
  assert.deepStrictEqual(report.changes.filter((c) => c.kind === 'listener').map((c) => [c.name, c.change, c.note]),
    [['first', 'changed', 'it was called second'], ['second', 'changed', 'it was called first']]);
  assert.deepStrictEqual([gw.port('first'), gw.port('second')], [b, a]);
  for (const client of [...old, await open(t, b, 'one'), await open(t, a, 'two')]) await lives(client);
  await assert.rejects(open(t, a, 'one'));
});

test('reload: a listener moves to the address of another, which is gone', async (t) => {
  const port = await freePort(), file = '@DIR@/socket';
  const gw = await startGateway(t, configuration({ tcp: `127.0.0.1:${port}`, local: `unix:${file}` }, { one: 'tcp', two: 'local' }));
  const socket = path.join(gw.directory, 'socket');
  const stays = await connect(t, `ws+unix://${socket}:/two`), gone = await open(t, port, 'one');
  const report = await reload(gw, configuration({ tcp: `unix:${file}` }, { one: 'tcp', two: 'tcp' }));
  assert.deepStrictEqual(entries(report, 'tcp').map((c) => [c.change, c.note, c.sessions]), [['changed', 'it was called local', 1], ['removed', undefined, 1]]);
  assert.deepStrictEqual(entries(report, 'local'), []);
  assert.strictEqual((await gone.closed()).code, 1001);
  await assert.rejects(open(t, port, 'one'));
  await lives(stays);
  await lives(await connect(t, `ws+unix://${socket}:/one`));
  await waitFor('the old one to end', () => /msg=drained listener=tcp/.test(gw.log));
  await lives(await connect(t, `ws+unix://${socket}:/one`));
  await gw.stop();
  assert.ok(!fs.existsSync(socket));
});

test('reload: a name changes with all the rest or not at all', async (t) => {
  const port = await freePort(), taken = net.createServer();
  await new Promise((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const before = configuration({ first: `127.0.0.1:${port}` }, { one: 'first' });
  const gw = await startGateway(t, before);
  const client = await open(t, port, 'one');
  for (const [listeners, words] of [
    [{ second: `127.0.0.1:${port}`, more: `127.0.0.1:${taken.address().port}` }, /^listeners\.more: cannot listen on 127.0.0.1:\d+: bind: Address already in use$/],
    // Another address, if only for the kernel it is a part of it.
    [{ second: `0.0.0.0:${port}` }, /^listeners\.second: cannot listen on 0\.0\.0\.0:\d+: bind: Address already in use$/],
  ]) {
    const { errors } = await reload(gw, configuration(listeners, { one: 'second' }), { expect: 422 });
    assert.strictEqual(errors.length, 1, errors.join('\n'));
    assert.match(errors[0], words);
    assert.deepStrictEqual(Object.keys(gw.ports.listeners), ['first']);
    await lives(client);
    await lives(await open(t, port, 'one'));
  }
  assert.deepStrictEqual((await reload(gw, before)).changes.map((c) => c.change), ['kept', 'kept', 'kept']);
});
