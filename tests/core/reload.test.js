// SPDX-License-Identifier: Apache-2.0
// Reload: what has not changed keeps its sessions, what has changed drains, and a configuration that is wrong changes nothing.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { execFile, execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const tls = require('node:tls');
const { startGateway, waitFor, program, adminToken } = require('../support/gateway');
const { connect, raw } = require('../support/client');
const { probeConfig } = require('./probe');
const { reload, change } = require('../support/reload');
const { listening, session, event, init1 } = require('../dialects/wazo/wazo');

const token = { token: 'some-token-id', grants: ['websocketd', '#'] };
const mount = (name, { listener = 'wazo', at = '/', bus = 'main', settings = {}, limits = {}, authenticator = 'demo' } = {}) =>
  `  ${name}: {plugin: wazo, listen: [{listener: ${listener}, path: "${at}"}], bus: ${bus}, authenticator: ${authenticator}, limits: ${JSON.stringify(limits)}, settings: ${JSON.stringify({ tls: 'off', ...settings })}}`;
const configuration = ({ mounts = [mount('wazo')], listeners = ['  wazo: {address: "127.0.0.1:0"}'], buses = 'main: {plugin: embedded}', tokens = [token], more = [] } = {}) => [
  'threads: 2',
  'listeners:',
  ...listeners,
  `buses: {${buses}}`,
  `authenticators: {demo: {type: static, tokens: ${JSON.stringify(tokens)}}}`,
  'mounts:',
  ...mounts,
  `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
  ...more,
  '',
].join('\n');
const two = (second = {}, more = {}) => configuration({ mounts: [mount('wazo'), mount('other', { at: '/other', ...second })], ...more });
const at = (gw, where, query = 'token=some-token-id') => `ws://127.0.0.1:${gw.port('wazo')}${where}?${query}`;
async function subscribed(t, gw, where) {
  const client = await connect(t, at(gw, where));
  assert.strictEqual(await client.next(), init1);
  client.send({ op: 'subscribe', data: { event_name: '*' } });
  await client.next();
  client.send({ op: 'start' });
  await client.next();
  return client;
}
const command = (gw, ...args) => new Promise((resolve) => {
  execFile(program, ['reload', ...args, '--url', `http://127.0.0.1:${gw.adminPort}`], { env: { ...process.env, DRAGOMAN_TOKEN: adminToken } },
    (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr }));
});
const says = async (gw, clients, name) => {
  const body = event(name, null);
  await gw.publish({ channel: 'xivo', key: 'k', body });
  for (const client of clients) assert.strictEqual(await client.next(), body);
};

test('reload: the same configuration keeps everything, by SIGHUP and by command', async (t) => {
  const gw = await startGateway(t, configuration());
  const client = await listening(t, gw);
  const ports = { ...gw.ports.listeners };
  const report = await reload(gw);
  assert.deepStrictEqual(report.changes.map((c) => c.change), report.changes.map(() => 'kept'), JSON.stringify(report));
  assert.deepStrictEqual(report.changes.find((c) => c.kind === 'mount'), { kind: 'mount', name: 'wazo', change: 'kept', sessions: 1 });
  gw.child.kill('SIGHUP');
  await waitFor('the second reload', async () => await gw.metric('dragoman_reloads_total', 'result="done"') === 2);
  const { code, stdout } = await command(gw);
  assert.strictEqual(code, 0);
  assert.match(stdout, /^kept +mount +wazo +1 connected$/m);
  await says(gw, [client], 'still');
  assert.deepStrictEqual(gw.ports.listeners, ports);
  assert.strictEqual((await gw.request('GET', '/readyz')).status, 200);
});

test('reload: what is wrong is refused as a whole, with every reason', async (t) => {
  const gw = await startGateway(t, configuration());
  const client = await listening(t, gw);
  const wrong = [
    ['mounts: 7\n', [/mounts/]],
    [configuration({ mounts: [mount('wazo', { settings: { nonsense: 1 } }), mount('new', { at: '/n', settings: { nonsense: 2 } })] }), [/mounts\.wazo\.settings\.nonsense/, /mounts\.new\.settings\.nonsense/]],
    [configuration({ listeners: ['  wazo: {address: "127.0.0.1:0"}', '  more: {address: "127.0.0.1:0", tls: {certificate: /nowhere.pem, key: /nowhere.key}}'] }), [/listeners\.more\.tls.*nowhere\.pem/]],
    [configuration({ listeners: ['  wazo: {address: "127.0.0.1:0"}', '  more: {address: "203.0.113.1:1"}'], mounts: [mount('wazo'), mount('new', { at: '/n' })] }), [/listeners\.more: cannot listen/]],
    [configuration().replace('threads: 2', 'threads: 3').replace('127.0.0.1:0", token', '127.0.0.2:0", token'), [/^threads cannot change without a restart$/, /^admin cannot change without a restart$/]],
  ];
  for (const [yaml, reasons] of wrong) {
    const { errors } = await reload(gw, yaml, { expect: 422 });
    assert.strictEqual(errors.length, reasons.length, errors.join('\n'));
    for (const reason of reasons) assert.ok(errors.some((e) => reason.test(e)), `${reason} in ${errors}`);
  }
  const { code, stdout, stderr } = await command(gw);
  assert.deepStrictEqual([code, stdout], [1, '']);
  assert.match(stderr, /nothing has changed\nthreads cannot change without a restart\nadmin cannot/);
  await says(gw, [client], 'still');
  assert.strictEqual((await gw.request('GET', '/mounts/new/sessions')).status, 404);
  assert.strictEqual(await gw.metric('dragoman_reloads_total', 'result="refused"'), wrong.length + 1);
  await session(t, gw);
});

test('reload: a mount that has changed drains, its new sessions have the new settings, others stay', async (t) => {
  const gw = await startGateway(t, two());
  const kept = await subscribed(t, gw, '/');
  const old = [await subscribed(t, gw, '/other'), await subscribed(t, gw, '/other'), await subscribed(t, gw, '/other')];
  const report = await reload(gw, two({ limits: { message_bytes: 1024 } }, { more: ['reload: {drain_rate: 2}'] }));
  assert.deepStrictEqual([change(report, 'mount', 'wazo'), change(report, 'mount', 'other')], ['kept', 'changed']);
  assert.strictEqual(report.changes.find((c) => c.name === 'other').sessions, 3);
  const began = Date.now();
  const fresh = await connect(t, at(gw, '/other'));
  assert.strictEqual(await fresh.next(), init1);
  const ends = await Promise.all(old.map((client) => client.closed()));
  assert.deepStrictEqual(ends.map((e) => e.code), [1001, 1001, 1001]);
  assert.ok(Date.now() - began > 700, 'two in a second');
  fresh.send({ op: 'x'.repeat(2000) });
  assert.strictEqual((await fresh.closed()).code, 1009);
  await says(gw, [kept], 'still');
  await waitFor('the old mount to end', () => /msg=drained mount=other/.test(gw.log));
  assert.strictEqual(await gw.metric('dragoman_sessions_opened_total', 'mount="other"'), 4, 'what has ended still counts');
  assert.strictEqual(await gw.metric('dragoman_sessions_ended_total', 'mount="other",reason="reload"'), 3);
});

test('reload: sessions that wait to be closed get their events, are listed, and count', async (t) => {
  const gw = await startGateway(t, two({ limits: { connections: 4 } }));
  const old = [await subscribed(t, gw, '/other'), await subscribed(t, gw, '/other')];
  await reload(gw, two({ limits: { connections: 3 } }, { more: ['reload: {drain_rate: 1}'] }));
  const fresh = await subscribed(t, gw, '/other');
  const left = old.filter((client) => client.socket.readyState === 1);
  assert.ok(left.length > 0);
  const { json } = await gw.request('GET', '/mounts/other/sessions');
  assert.ok(json.sessions.some((s) => s.draining) && json.sessions.some((s) => !s.draining), JSON.stringify(json));
  assert.ok(await gw.metric('dragoman_sessions_draining', 'mount="other"') > 0);
  const body = event('still', null);
  await gw.publish({ channel: 'xivo', key: 'k', body });
  assert.strictEqual(await fresh.next(), body);
  // Each of them has it before its close, unless that was sent already.
  for (const client of left) {
    const end = await Promise.race([client.next(), client.closed()]);
    assert.ok(end === body || end.code === 1001, JSON.stringify(end));
  }
});

test('reload: mounts, buses and listeners come and go', async (t) => {
  const gw = await startGateway(t, configuration());
  const kept = await listening(t, gw);
  const extra = configuration({
    mounts: [mount('wazo'), mount('more', { listener: 'second', bus: 'side' })],
    listeners: ['  wazo: {address: "127.0.0.1:0"}', '  second: {address: "127.0.0.1:0"}'],
    buses: 'main: {plugin: embedded}, side: {plugin: embedded}',
  });
  const report = await reload(gw, extra);
  for (const [kind, name] of [['mount', 'more'], ['listener', 'second'], ['bus', 'side']]) assert.strictEqual(change(report, kind, name), 'added');
  const second = gw.port('second');
  const client = await connect(t, `ws://127.0.0.1:${second}/?token=some-token-id`);
  assert.strictEqual(await client.next(), init1);
  client.send({ op: 'subscribe', data: { event_name: '*' } });
  client.send({ op: 'start' });
  await client.next();
  await client.next();
  const body = event('side', null);
  const publish = await gw.request('POST', '/publish?bus=side', { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ channel: 'xivo', key: 'k', body }) });
  assert.strictEqual(publish.status, 200, publish.text);
  assert.strictEqual(await client.next(), body);

  const back = await reload(gw, configuration());
  for (const [kind, name] of [['mount', 'more'], ['listener', 'second'], ['bus', 'side']]) assert.strictEqual(change(back, kind, name), 'removed');
  assert.strictEqual((await client.closed()).code, 1001);
  await assert.rejects(connect(t, `ws://127.0.0.1:${second}/?token=some-token-id`));
  assert.strictEqual((await gw.request('POST', '/publish?bus=side', { body: '{}' })).status, 404);
  await says(gw, [kept], 'still');
  // Once more under the same names.
  await reload(gw, extra);
  await connect(t, `ws://127.0.0.1:${gw.port('second')}/?token=some-token-id`);
});

test('reload: sessions of a listener that is gone are closed, those of the same mount at another stay', async (t) => {
  const places = (listeners) => `  wazo: {plugin: wazo, listen: [${listeners.map((l) => `{listener: ${l}, path: "/"}`)}], authenticator: demo, settings: {tls: "off"}}`;
  const both = configuration({ mounts: [places(['wazo', 'second'])], listeners: ['  wazo: {address: "127.0.0.1:0"}', '  second: {address: "127.0.0.1:0"}'] });
  const gw = await startGateway(t, both);
  const kept = await listening(t, gw);
  const gone = await connect(t, `ws://127.0.0.1:${gw.port('second')}/?token=some-token-id`);
  const report = await reload(gw, configuration({ mounts: [places(['wazo'])] }));
  assert.deepStrictEqual([change(report, 'mount', 'wazo'), change(report, 'listener', 'second')], ['kept', 'removed']);
  assert.strictEqual((await gone.closed()).code, 1001);
  await says(gw, [kept], 'still');
});

test('reload: tokens of a static authenticator change one by one, under live sessions', async (t) => {
  const bye = { token: 'bye', grants: ['websocketd', '#'] };
  const gw = await startGateway(t, configuration({ tokens: [token, bye] }));
  await gw.addToken({ token: 'added', grants: ['websocketd', '#'] });
  const kept = await listening(t, gw);
  const gone = await session(t, gw, 'token=bye');
  const added = await session(t, gw, 'token=added');
  const report = await reload(gw, configuration({ tokens: [token, { token: 'new', grants: ['websocketd', '#'] }] }));
  assert.deepStrictEqual([change(report, 'mount', 'wazo'), change(report, 'authenticator', 'demo')], ['kept', 'changed']);
  assert.strictEqual((await gone.closed()).code, 4003);
  await session(t, gw, 'token=new');
  assert.strictEqual(added.socket.readyState, 1);
  await says(gw, [kept], 'still');
});

test('reload: certificates are read again without losing a socket', async (t) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-test-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  const make = (name) => execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
    '-keyout', path.join(directory, 'k.pem'), '-out', path.join(directory, 'c.pem')], { stdio: 'ignore' });
  make('first');
  const yaml = configuration({ listeners: [`  wazo: {address: "127.0.0.1:0", tls: {certificate: ${directory}/c.pem, key: ${directory}/k.pem}}`] });
  const gw = await startGateway(t, yaml);
  const name = () => new Promise((resolve, reject) => {
    const socket = tls.connect({ port: gw.port('wazo'), host: '127.0.0.1', rejectUnauthorized: false }, () => { resolve(socket.getPeerCertificate().subject.CN); socket.destroy(); });
    socket.on('error', reject);
  });
  const client = await connect(t, `wss://127.0.0.1:${gw.port('wazo')}/?token=some-token-id`);
  await client.next();
  assert.strictEqual(await name(), 'first');
  make('second');
  assert.strictEqual(await name(), 'first');
  assert.deepStrictEqual((await reload(gw)).changes.map((c) => c.change), ['kept', 'kept', 'kept', 'kept']);
  assert.strictEqual(await name(), 'second');
  client.send({ op: 'ping', data: { payload: 'x' } });
  assert.strictEqual(client.socket.readyState, 1);
  // A key of another certificate.
  execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', path.join(directory, 'k.pem')]);
  const { errors } = await reload(gw, undefined, { expect: 422 });
  assert.match(errors[0], /listeners\.wazo\.tls: the private key .* (cannot be used|does not belong)/);
  assert.strictEqual(await name(), 'second');
});

const supervisor = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('"bound"', flush=True)
while True: print(json.dumps(s.recv(4096).decode()), flush=True)
`;
test('reload: the supervisor hears when one begins and ends, also when it is refused', async (t) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-test-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  const child = spawn('python3', ['-c', supervisor, path.join(directory, 'notify')], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (data) => { said += data; });
  const heard = () => said.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
  await waitFor('the socket', () => heard()[0] === 'bound');
  const gw = await startGateway(t, configuration(), { env: { NOTIFY_SOCKET: path.join(directory, 'notify') } });
  await reload(gw);
  await reload(gw, 'x: 1\n', { expect: 422 });
  await gw.stop();
  await waitFor('the last word', () => heard().length === 7);
  const [, ready, first, again, second, third, last] = heard();
  assert.deepStrictEqual([ready, again, third, last], ['READY=1', 'READY=1', 'READY=1', 'STOPPING=1']);
  const times = [first, second].map((text) => Number(/^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(text)[1]));
  assert.ok(times[0] > 0 && times[1] > times[0]);
});

test('reload: requests over HTTP are answered by whom they were given to, until the deadline', async (t) => {
  const yaml = (bytes) => `${probeConfig({ limits: { message_bytes: bytes } }).replace('limits:', 'settings: {routes: true}, limits:')}reload: {drain_deadline: 1500ms}\n`;
  const gw = await startGateway(t, yaml(5000));
  const get = (target) => `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;
  const soon = raw(t, gw.port('main')), never = raw(t, gw.port('main'));
  soon.write(get('/wait?ms=500'));
  never.write(get('/wait'));
  await waitFor('the requests', async () => await gw.metric('dragoman_plugin_probe_requests_opened_total') === 2);
  assert.strictEqual(change(await reload(gw, yaml(6000)), 'mount', 'probe'), 'changed');
  await soon.until('the answer', (s) => s.endsWith('waited'));
  // The same connection goes on with the mount as it is now, and outlives the one before.
  soon.data = Buffer.alloc(0);
  soon.write(get('/items'));
  await soon.until('the next answer', (s) => s.endsWith('/items?'));
  assert.strictEqual(await never.end(), '');
  await waitFor('the old mount to end', () => /msg=drained mount=probe/.test(gw.log));
  soon.data = Buffer.alloc(0);
  soon.write(get('/items'));
  await soon.until('the last answer', (s) => s.endsWith('/items?'));
});

test('reload: where a mount is served changes under its sessions, and several at once wait for one another', async (t) => {
  const gw = await startGateway(t, configuration());
  const kept = await listening(t, gw);
  const moved = configuration({ mounts: [mount('wazo', { at: '/moved' })] });
  fs.writeFileSync(path.join(gw.directory, 'dragoman.yaml'), moved);
  const answers = await Promise.all([1, 2, 3].map(() => gw.request('POST', '/reload')));
  for (const answer of answers) assert.deepStrictEqual([answer.status, change(answer.json, 'mount', 'wazo')], [200, 'kept']);
  await assert.rejects(connect(t, at(gw, '/')));
  const there = await connect(t, at(gw, '/moved'));
  assert.strictEqual(await there.next(), init1);
  await says(gw, [kept], 'still');
});
