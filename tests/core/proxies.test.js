// SPDX-License-Identifier: Apache-2.0
// Whom a listener takes for its client when proxies stand between: the PROXY protocol, X-Forwarded-For and Forwarded.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');
const { startGateway, waitFor, program, pluginDirs } = require('../support/gateway');
const { connect, raw, upgrade, frame } = require('../support/client');
const { probeConfig, ask } = require('./probe');

const loopback = 'trusted_proxies: ["127.0.0.0/8"]';
const start = (t, listener, options = {}) =>
  startGateway(t, probeConfig({ listener: `, ${listener}`, ...options }).replace('limits:', 'settings: {routes: true}, limits:'));
const get = (target = '/peer', extra = '') => `GET ${target} HTTP/1.1\r\nHost: x\r\n${extra}\r\n`;
const bodies = (s) => s.split('HTTP/1.1 ').slice(1).map((answer) => answer.slice(answer.indexOf('\r\n\r\n') + 4));
const local = (r) => `127.0.0.1:${r.socket.localPort}`;
const accepted = (gw) => gw.metric('dragoman_connections_accepted_total', 'listener="main"');
const refused = (gw) => gw.metric('dragoman_refused_total', 'reason="proxy"');

// The bodies of the answers to requests that are sent at once on a connection.
async function exchange(t, port, ...parts) {
  const r = raw(t, port);
  for (const part of parts) r.write(part);
  const n = parts.filter((part) => String(part).startsWith('GET ')).length;
  const text = await r.until(`${n} answers`, (s) => bodies(s).filter((b) => b).length === n);
  return { r, seen: bodies(text) };
}

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n');
function v2(command, family, rest = Buffer.alloc(0), length = rest.length) {
  return Buffer.concat([signature, Buffer.from([command, family, length >> 8, length & 255]), rest]);
}
const tcp4 = Buffer.from([192, 0, 2, 1, 10, 0, 0, 1, 0xc3, 0x50, 0x01, 0xbb]);
const tcp6 = Buffer.concat([Buffer.from('20010db8000000000000000000000001', 'hex'), Buffer.from('00000000000000000000000000000001', 'hex'), Buffer.from([0xc3, 0x50, 1, 0xbb])]);
const v1 = 'PROXY TCP4 192.0.2.1 10.0.0.1 50000 443\r\n';

test('proxies: the header of the PROXY protocol names the client', async (t) => {
  const gw = await start(t, `${loopback}, proxy_protocol: true`);
  const port = gw.port('main');
  const named = [
    ['v1, IPv4', v1, '192.0.2.1:50000'],
    ['v1, IPv6', 'PROXY TCP6 2001:db8::1 ::1 50000 443\r\n', '[2001:db8::1]:50000'],
    ['v2, IPv4', v2(0x21, 0x11, tcp4), '192.0.2.1:50000'],
    ['v2, IPv6', v2(0x21, 0x21, tcp6), '[2001:db8::1]:50000'],
    ['v2, a mapped address', v2(0x21, 0x21, Buffer.concat([Buffer.alloc(10), Buffer.from([255, 255, 192, 0, 2, 1]), tcp6.subarray(16)])), '192.0.2.1:50000'],
    ['v2, a Unix socket', v2(0x21, 0x31, Buffer.alloc(216, 47)), 'unix'],
    ['v2, with more behind the addresses', v2(0x21, 0x11, Buffer.concat([tcp4, Buffer.alloc(3000, 4)])), '192.0.2.1:50000'],
  ];
  for (const [what, header, client] of named)
    await t.test(what, async (s) => assert.deepStrictEqual((await exchange(s, port, header, get())).seen, [client]));
  for (const [what, header] of [['v1 UNKNOWN', 'PROXY UNKNOWN what ever\r\n'], ['v2 UNSPEC', v2(0x21, 0)], ['v2 LOCAL', v2(0x20, 0)]])
    await t.test(`${what} leaves the address of the proxy`, async (s) => {
      const { r, seen } = await exchange(s, port, header, get());
      assert.deepStrictEqual(seen, [local(r)]);
    });
  await t.test('a session, and all requests of a connection', async (s) => {
    const { r } = await exchange(s, port, v1, get(), get());
    assert.deepStrictEqual(bodies(r.data.toString('latin1')), ['192.0.2.1:50000', '192.0.2.1:50000']);
    r.data = Buffer.alloc(0);
    r.write(Buffer.concat([Buffer.from(upgrade('/')), frame(1, 'peer')]));
    await r.until('the address', (text) => text.endsWith('192.0.2.1:50000'));
  });
  await t.test('byte by byte', async (s) => {
    const r = raw(s, port);
    r.socket.setNoDelay(true);
    for (const byte of Buffer.concat([v2(0x21, 0x11, tcp4), Buffer.from(get())])) {
      r.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await r.until('an answer', (text) => text.endsWith('192.0.2.1:50000'));
  });
  assert.strictEqual(await refused(gw), 0);
});

test('proxies: a connection without a right header is closed unheard', async (t) => {
  const gw = await start(t, `${loopback}, proxy_protocol: true, handshake_timeout: 300ms, max_connections: 4`);
  const port = gw.port('main');
  const wrong = [
    ['no header', get()], ['TLS', Buffer.from('160301', 'hex')], ['v1 with a wrong address', 'PROXY TCP4 192.0.2.1 x 1 2\r\n'],
    ['v1 without an end', `PROXY UNKNOWN ${'x'.repeat(200)}`], ['v2 with a wrong command', v2(0x22, 0x11, tcp4)],
    ['v2 that is too long', v2(0x21, 0x11, tcp4, 5000)], ['v2 that is too short', v2(0x21, 0x11, tcp4.subarray(1))],
    ['silence', ''], ['half a v1', 'PROXY TCP4 192.0'], ['half a v2', v2(0x21, 0x11, tcp4).subarray(0, 20)],
  ];
  for (const [i, [what, bytes]] of wrong.entries())
    await t.test(what, async (s) => {
      const r = raw(s, port);
      r.write(bytes);
      assert.strictEqual(await r.end(), '');
      // Counted behind the close.
      await waitFor('the refusal', async () => await refused(gw) === i + 1);
    });
  await t.test('who leaves before is not refused, and nobody keeps a place', async (s) => {
    for (let i = 0; i < 8; ++i) {
      const before = await accepted(gw);
      const r = raw(s, port);
      r.write('PROXY');
      await waitFor('the connection', async () => (await accepted(gw)) > before);
      r.socket.destroy();
    }
    await waitFor('a place', async () => {
      const r = raw(s, port);
      r.write(v1 + get('/peer', 'Connection: close\r\n'));
      return (await r.end()).endsWith('192.0.2.1:50000');
    });
    assert.strictEqual(await refused(gw), wrong.length);
  });
});

test('proxies: who is not trusted is not heard', async (t) => {
  const gw = await start(t, 'trusted_proxies: ["192.0.2.0/24", unix, "::/0"], proxy_protocol: true');
  for (const header of [v1, v2(0x21, 0x11, tcp4)]) {
    const r = raw(t, gw.port('main'));
    r.write(header);
    r.write(get());
    assert.strictEqual(await r.end(), '');
  }
  assert.strictEqual(await refused(gw), 2);
  const six = await start(t, 'trusted_proxies: ["::1"], proxy_protocol: true', { address: '[::1]:0' });
  const r = raw(t, six.port('main'), { host: '::1' });
  r.write(v1 + get());
  await r.until('an answer', (s) => s.endsWith('192.0.2.1:50000'));
  const unix = await start(t, 'trusted_proxies: [unix], proxy_protocol: true', { address: 'unix:@DIR@/p.sock' });
  const { seen } = await exchange(t, `${unix.directory}/p.sock`, v1, get());
  assert.deepStrictEqual(seen, ['192.0.2.1:50000']);
});

test('proxies: TLS begins behind the header', async (t) => {
  const gw = await start(t, `${loopback}, proxy_protocol: true, tls: {self_signed: true}`);
  for (const header of [v1, v2(0x21, 0x11, tcp4)]) {
    const below = net.connect(gw.port('main'), '127.0.0.1');
    t.after(() => below.destroy());
    below.write(header);
    const client = await connect(t, `wss://127.0.0.1:${gw.port('main')}/`, { createConnection: () => tls.connect({ socket: below, rejectUnauthorized: false }) });
    assert.strictEqual(await ask(client, 'peer'), '192.0.2.1:50000');
  }
  const bare = tls.connect({ port: gw.port('main'), host: '127.0.0.1', rejectUnauthorized: false });
  await new Promise((resolve) => bare.on('error', resolve).on('close', resolve));
  assert.strictEqual(await refused(gw), 1);
});

test('proxies: a connection that waits for its header does not hold up the end', async (t) => {
  const gw = await start(t, `${loopback}, proxy_protocol: true`);
  const r = raw(t, gw.port('main'));
  r.write('PROXY TCP4 ');
  await waitFor('the connection', async () => (await accepted(gw)) === 1);
  await gw.stop();
  await r.end();
});

test('proxies: X-Forwarded-For of a trusted proxy, for each request of a connection', async (t) => {
  const gw = await start(t, 'trusted_proxies: ["127.0.0.1", "10.0.0.0/8"]');
  const from = (...lines) => get('/peer', lines.map((line) => `X-Forwarded-For: ${line}\r\n`).join(''));
  const { r, seen } = await exchange(t, gw.port('main'), from('192.0.2.1'), from('192.0.2.2:77'), get(), from('203.0.113.5, 2001:db8::1, 10.1.1.1'),
    from('203.0.113.5', '192.0.2.3', '10.1.1.1'), from('192.0.2.4, unknown, 10.1.1.1'), from('nonsense'), get('/peer', 'Forwarded: for=192.0.2.9\r\n'));
  assert.deepStrictEqual(seen, ['192.0.2.1:0', '192.0.2.2:77', local(r), '[2001:db8::1]:0', '192.0.2.3:0', '10.1.1.1:0', local(r), local(r)]);
  const session = await connect(t, `ws://127.0.0.1:${gw.port('main')}/`, { headers: { 'X-Forwarded-For': '192.0.2.5' } });
  assert.strictEqual(await ask(session, 'peer'), '192.0.2.5:0');
});

test('proxies: Forwarded, when the listener says so', async (t) => {
  const gw = await start(t, 'trusted_proxies: ["127.0.0.1", "10.0.0.0/8"], forwarded_header: forwarded');
  const from = (value) => get('/peer', `Forwarded: ${value}\r\n`);
  const { r, seen } = await exchange(t, gw.port('main'), from('for=192.0.2.1'), from('for=203.0.113.5, For="[2001:db8::1]:4711";proto=https, for=10.0.0.7;by="a, b"'),
    from('for=unknown'), from('for="x, for=192.0.2.2'), get('/peer', 'X-Forwarded-For: 192.0.2.9\r\n'));
  assert.deepStrictEqual(seen, ['192.0.2.1:0', '[2001:db8::1]:4711', local(r), '192.0.2.2:0', local(r)]);
});

test('proxies: the header of a peer that is not trusted is nothing', async (t) => {
  const said = get('/peer', 'X-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.1\r\n');
  const plain = await startGateway(t, probeConfig().replace('limits:', 'settings: {routes: true}, limits:'));
  const direct = await exchange(t, plain.port('main'), said);
  assert.deepStrictEqual(direct.seen, [local(direct.r)]);
  const gw = await start(t, `${loopback}, proxy_protocol: true`);
  const outside = await exchange(t, gw.port('main'), v1, said);
  assert.deepStrictEqual(outside.seen, ['192.0.2.1:50000'], 'the client of the connection is no proxy');
  const chained = await exchange(t, gw.port('main'), 'PROXY TCP4 127.0.0.9 10.0.0.1 50000 443\r\n', get('/peer', 'X-Forwarded-For: 192.0.2.7\r\n'));
  assert.deepStrictEqual(chained.seen, ['192.0.2.7:0'], 'the client of the connection is a trusted proxy');
  for (const hidden of ['PROXY UNKNOWN\r\n', v2(0x21, 0)]) {
    const unknown = await exchange(t, gw.port('main'), hidden, said);
    assert.deepStrictEqual(unknown.seen, [local(unknown.r)], 'who is not known is no proxy');
  }
});

test('proxies: sessions over HTTP are counted by client, and by /64 of IPv6', async (t) => {
  const yaml = probeConfig({ listener: ', trusted_proxies: ["127.0.0.1"]' }).replace('limits:', 'transport: sockjs, sockjs: {sessions_per_address: 1}, limits:');
  const gw = await startGateway(t, yaml);
  let session = 0;
  const opened = async (client) => {
    const r = raw(t, gw.port('main'));
    r.write(`POST /000/s${++session}/xhr HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${client}\r\nContent-Length: 0\r\n\r\n`);
    return r.status();
  };
  assert.strictEqual(await opened('192.0.2.1'), 200);
  assert.strictEqual(await opened('192.0.2.2'), 200);
  assert.strictEqual(await opened('192.0.2.1:4000'), 429);
  assert.strictEqual(await opened('2001:db8:1:2::1'), 200);
  assert.strictEqual(await opened('2001:db8:1:2:ffff::2'), 429);
  assert.strictEqual(await opened('2001:db8:1:3::1'), 200);
});

test('proxies: check names what is wrong', async (t) => {
  const directory = fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'dragoman-check-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  const file = path.join(directory, 'dragoman.yaml');
  fs.writeFileSync(file, probeConfig({ listener: ', proxy_protocol: true' }));
  const { status, stdout, stderr } = spawnSync(program, ['check', file, ...pluginDirs.flatMap((d) => ['--plugins', d])], { encoding: 'utf8' });
  assert.notStrictEqual(status, 0);
  assert.match(stdout + stderr, /listeners\.main\.proxy_protocol: needs trusted_proxies/);
});

// HAProxy listens on a socket that the test has opened, so that no port is guessed.
async function haproxy(t, gw, mode, backend) {
  const listening = net.createServer();
  await new Promise((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address();
  const config = path.join(gw.directory, `haproxy-${port}.cfg`);
  fs.writeFileSync(config, `defaults
  mode ${mode}
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen test
  bind fd@3
  ${backend}
`);
  const child = spawn('haproxy', ['-db', '-f', config], { stdio: ['ignore', 'ignore', 'pipe', listening._handle.fd], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
  let said = '';
  child.stderr.on('data', (data) => { said += data; });
  const exited = new Promise((resolve) => child.on('exit', resolve).on('error', (error) => { said += error; resolve(); }));
  t.after(async () => { child.kill('SIGKILL'); await exited; });
  await new Promise((resolve, reject) => { child.on('spawn', resolve); child.on('error', () => reject(new Error(`haproxy does not start (./dev setup installs it): ${said}`))); });
  exited.then(() => { said += ' (ended)'; });
  await new Promise((resolve) => listening.close(resolve));
  return port;
}

test('proxies: behind a real HAProxy', async (t) => {
  const gw = await start(t, `${loopback}, proxy_protocol: true`);
  const upstream = `127.0.0.1:${gw.port('main')}`;
  for (const version of ['send-proxy', 'send-proxy-v2'])
    await t.test(`${version}, with health checks`, async (s) => {
      const before = await accepted(gw);
      const port = await haproxy(s, gw, 'tcp', `server gateway ${upstream} ${version} check inter 100ms`);
      const below = net.connect(port, '127.0.0.1');
      s.after(() => below.destroy());
      const client = await connect(s, `ws://127.0.0.1:${port}/`, { createConnection: () => below });
      assert.strictEqual(await ask(client, 'peer'), `127.0.0.1:${below.localPort}`);
      await waitFor('two health checks', async () => (await accepted(gw)) >= before + 3);
    });
  assert.strictEqual(await refused(gw), 0);
  const http = await start(t, 'trusted_proxies: ["127.0.0.1"]');
  await t.test('option forwardfor, on kept connections', async (s) => {
    const port = await haproxy(s, http, 'http', `option forwardfor\n  http-reuse always\n  http-request set-src req.hdr(X-Test)\n  server gateway 127.0.0.1:${http.port('main')}`);
    for (const client of ['192.0.2.1', '192.0.2.2', '192.0.2.1']) {
      const { seen } = await exchange(s, port, get('/peer', `X-Test: ${client}\r\n`));
      assert.deepStrictEqual(seen, [`${client}:0`]);
    }
  });
});
