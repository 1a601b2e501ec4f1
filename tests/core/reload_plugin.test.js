// SPDX-License-Identifier: Apache-2.0
// Hot upgrade of a plugin: new sessions get the new file, old ones stay with the old, no socket is dropped and no event lost.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { startGateway, waitFor, adminToken, build } = require('../support/gateway');
const { connect } = require('../support/client');
const { reload, change } = require('../support/reload');

const configuration = (more = '', settings = '') => [
  'threads: 2',
  'listeners: {l: {address: "127.0.0.1:0"}}',
  'buses: {main: {plugin: embedded}}',
  `mounts: {e: {plugin: edition, listen: [{listener: l, path: "/"}]${settings}}, wazo: {plugin: echo, listen: [{listener: l, path: "/echo"}]}}`,
  `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
  more,
  '',
].join('\n');
const edition = (n) => path.join(build, 'lib/dragoman/editions', String(n), 'edition.so');

// A directory with the plugin; install(n) puts another edition in its place as package managers do.
function directory(t) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-test-'));
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
  const file = path.join(dir, 'edition.so');
  const install = (n) => {
    fs.copyFileSync(edition(n), `${file}.new`);
    fs.renameSync(`${file}.new`, file);
  };
  install(1);
  return { dir, file, install };
}
const start = (t, { dir }, yaml = configuration()) => startGateway(t, yaml, { args: ['--plugins', dir] });
const open = (t, gw, where = '/') => connect(t, `ws://127.0.0.1:${gw.port('l')}${where}`);
async function echo(client) {
  client.send('x');
  return client.next();
}

test('upgrade: under load no socket is dropped, no event is lost or doubled', async (t) => {
  const files = directory(t);
  const gw = await start(t, files);
  const clients = [];
  let dropped = 0;
  // What each got: edition and number of each event.
  const join = async () => {
    const client = await open(t, gw);
    client.from = published;
    client.got = [];
    client.socket.on('message', (data) => client.got.push(data.toString()));
    client.socket.on('close', () => { if (!over) dropped += 1; });
    client.waiting = [];
    clients.push(client);
    return client;
  };
  let published = 0, over = false, upgraded = false;
  for (let i = 0; i < 20; ++i) await join();
  const publisher = (async () => {
    while (!over) {
      published += 1;
      await gw.publish({ channel: 'news', key: 'k', body: String(published) });
    }
  })();
  const joiner = (async () => {
    while (!over) {
      const client = await join();
      client.fresh = upgraded;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  })();
  await waitFor('the load', () => published > 100 && clients.length > 40);
  files.install(2);
  const report = await reload(gw);
  upgraded = true;
  assert.deepStrictEqual([change(report, 'mount', 'e'), change(report, 'mount', 'wazo')], ['upgraded', 'kept']);
  const at = published;
  await waitFor('more load', () => published > at + 100 && clients.filter((c) => c.fresh).length > 20);
  over = true;
  await Promise.all([publisher, joiner]);
  // Who came last has missed what came before.
  published += 1;
  await gw.publish({ channel: 'news', key: 'k', body: String(published) });
  await waitFor('the last event everywhere', () => clients.every((c) => c.got.some((m) => m.endsWith(`:${published}`))));
  assert.strictEqual(dropped, 0);
  for (const client of clients) {
    const editions = new Set(client.got.map((m) => m.split(':')[0]));
    assert.strictEqual(editions.size, 1, 'a session stays with its edition');
    const numbers = client.got.map((m) => Number(m.split(':')[1]));
    assert.deepStrictEqual(numbers, numbers.map((_, i) => numbers[0] + i), 'in order, none lost, none twice');
    assert.ok(numbers[0] <= client.from + 2, `from ${client.from}: ${numbers[0]}`);
    assert.strictEqual(numbers.at(-1), published);
    if (client.fresh) assert.ok(editions.has('2'));
  }
  for (const client of clients.slice(0, 20)) assert.ok(client.got[0].startsWith('1:'));
  assert.strictEqual(await gw.metric('dragoman_sessions_open', 'mount="e"'), clients.length);
});

test('upgrade: old sessions stay until the deadline, then they are closed at the rate', async (t) => {
  const files = directory(t);
  const gw = await start(t, files, configuration('reload: {drain_deadline: 2s, drain_rate: 1000}'));
  const old = await open(t, gw);
  files.install(2);
  await reload(gw);
  const fresh = await open(t, gw);
  assert.deepStrictEqual([await echo(old), await echo(fresh)], ['1 echo x', '2 echo x']);
  assert.strictEqual((await old.closed()).code, 1001);
  assert.strictEqual(await echo(fresh), '2 echo x');
});

test('upgrade: several in a row, a change between them, and back', async (t) => {
  const files = directory(t);
  const gw = await start(t, files);
  const first = await open(t, gw);
  files.install(2);
  await reload(gw);
  const second = await open(t, gw);
  files.install(1);
  await reload(gw);
  const third = await open(t, gw);
  assert.deepStrictEqual([await echo(first), await echo(second), await echo(third)], ['1 echo x', '2 echo x', '1 echo x']);
  // Changed settings end all that came before, also those who had until the deadline.
  const report = await reload(gw, configuration('', ', limits: {message_bytes: 1000}'));
  assert.strictEqual(change(report, 'mount', 'e'), 'changed');
  for (const client of [first, second, third]) assert.strictEqual((await client.closed()).code, 1001);
  assert.strictEqual(await echo(await open(t, gw)), '1 echo x');
  await waitFor('the old ones to end', () => gw.log.match(/msg=drained/g)?.length === 3);
});

test('upgrade: the same content is nothing new', async (t) => {
  const files = directory(t);
  const gw = await start(t, files);
  const client = await open(t, gw);
  files.install(1);
  assert.strictEqual(change(await reload(gw), 'mount', 'e'), 'kept');
  assert.strictEqual(await echo(client), '1 echo x');
});

test('upgrade: a file that is not good enough changes nothing', async (t) => {
  const files = directory(t);
  const gw = await start(t, files);
  const client = await open(t, gw);
  fs.writeFileSync(`${files.file}.new`, 'no library');
  fs.renameSync(`${files.file}.new`, files.file);
  const { errors } = await reload(gw, undefined, { expect: 422 });
  assert.match(errors.join('\n'), /: mounts\.e\.plugin: .*edition\.so.* is refused: it is not a shared library/);
  fs.rmSync(files.file);
  assert.match((await reload(gw, undefined, { expect: 422 })).errors.join('\n'), /edition is not installed/);
  assert.deepStrictEqual([await echo(client), await echo(await open(t, gw))], ['1 echo x', '1 echo x']);
});

test('upgrade: a file that was written into while it runs is refused', async (t) => {
  const files = directory(t);
  const gw = await start(t, files);
  fs.appendFileSync(files.file, 'more');
  assert.match((await reload(gw, undefined, { expect: 422 })).errors.join('\n'), /its content was replaced while the gateway runs it/);
  files.install(2);
  assert.strictEqual(change(await reload(gw), 'mount', 'e'), 'upgraded');
  assert.strictEqual(await echo(await open(t, gw)), '2 echo x');
});

test('upgrade: a shutdown ends old and new sessions in order', async (t) => {
  const files = directory(t);
  const gw = await start(t, files);
  const old = await open(t, gw);
  files.install(2);
  await reload(gw);
  const fresh = await open(t, gw);
  const stopped = gw.stop();
  assert.deepStrictEqual([(await old.closed()).code, (await fresh.closed()).code], [1001, 1001]);
  await stopped;
});
