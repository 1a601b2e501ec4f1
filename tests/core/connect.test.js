// SPDX-License-Identifier: Apache-2.0
// dragoman connect: against a gateway, and against servers that are odd or hostile.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { startGateway, wazoConfig, waitFor, program } = require('../support/gateway');
const { WebSocket } = require('../support/client');
const { startProbe } = require('./probe');

// A running `dragoman connect`; `ended` gives { code, stdout, stderr }. input: text, 'open' (a pipe that stays open) or
// undefined: none.
function run(args, { input, env = {}, terminal = false } = {}) {
  const [command, given] = terminal
    ? ['script', ['-qec', [program, 'connect', ...args].map((a) => `'${a}'`).join(' '), '/dev/null']]
    : [program, ['connect', ...args]];
  const child = spawn(command, given, { env: { ...process.env, ...env }, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  const out = { child, stdout: '', stderr: '' };
  child.stdout.on('data', (d) => { out.stdout += d; });
  child.stderr.on('data', (d) => { out.stderr += d; });
  if (child.stdin) child.stdin.on('error', () => {});
  if (input !== undefined && input !== 'open') child.stdin.end(input);
  out.ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout: out.stdout, stderr: out.stderr })));
  return out;
}
const connect = (args, options) => run(args, options).ended;

const init2 = '{"op": "init", "code": 0, "data": {"version": 2}}\n';
const target = '/?version=2&token=some-token-id';

test('connect: a wazo mount greets, is spoken to and closed', async (t) => {
  const gw = await startGateway(t, wazoConfig());
  const url = `ws://127.0.0.1:${gw.port('wazo')}${target}`;
  const ping = (x) => JSON.stringify({ op: 'ping', data: { payload: x } });
  const pong = (x) => `{"op": "pong", "code": 0, "data": {"payload": "${x}"}}\n`;

  await t.test('--count ends it', async () => {
    assert.deepStrictEqual(await connect(['--count', '1', url]), { code: 0, stdout: init2, stderr: 'closed: 1000\n' });
  });
  await t.test('--send, with its default to go on receiving', async () => {
    const done = await connect(['--send', ping('a'), '--send', ping('b'), '--count', '3', url]);
    assert.deepStrictEqual(done, { code: 0, stdout: init2 + pong('a') + pong('b'), stderr: 'closed: 1000\n' });
  });
  await t.test('lines of a pipe, then a moment for the answers', async () => {
    const done = await connect([url], { input: `${ping('a')}\r\n${ping('b')}` });
    assert.deepStrictEqual(done, { code: 0, stdout: init2 + pong('a') + pong('b'), stderr: 'closed: 1000\n' });
  });
  await t.test('lines of a file', async (s) => {
    const file = path.join(gw.directory, 'lines');
    fs.writeFileSync(file, ping('a') + '\n');
    const fd = fs.openSync(file);
    s.after(() => fs.closeSync(fd));
    const child = spawn(program, ['connect', url], { stdio: [fd, 'pipe', 'ignore'] });
    let stdout = '';
    child.stdout.on('data', (d) => { stdout += d; });
    await new Promise((resolve) => child.on('close', resolve));
    assert.strictEqual(stdout, init2 + pong('a'));
  });
  await t.test('a header as the credential', async () => {
    const done = await connect(['-H', 'X-Auth-Token: some-token-id', '--count', '1', `ws://127.0.0.1:${gw.port('wazo')}/?version=2`]);
    assert.strictEqual(done.stdout, init2);
  });
  await t.test('a close that is none of the normal ones', async () => {
    const done = await connect([`ws://127.0.0.1:${gw.port('wazo')}/?token=wrong`]);
    assert.strictEqual(done.code, 1);
    assert.match(done.stderr, /^closed: 4002 /);
  });
  await t.test('a refused handshake', async (s) => {
    const elsewhere = await startGateway(s, wazoConfig().replace('path: "/"', 'path: "/elsewhere"'));
    const done = await connect([`ws://127.0.0.1:${elsewhere.port('wazo')}/`]);
    assert.strictEqual(done.code, 1);
    assert.match(done.stderr, /the server refused with 404 Not Found/);
  });
  await t.test('--timeout: the end without --count, a failure with it', async () => {
    assert.deepStrictEqual(await connect(['--timeout', '0.3', '--wait', '10', url]), { code: 0, stdout: init2, stderr: 'closed: 1000\n' });
    const late = await connect(['--timeout', '0.3', '--count', '2', url]);
    assert.strictEqual(late.code, 1);
    assert.match(late.stderr, /1 of 2 messages came in time/);
  });
  await t.test('Ctrl-C is an end like any other', async () => {
    const session = run([url], { input: 'open' });
    await waitFor('the init', () => session.stdout === init2);
    session.child.kill('SIGINT');
    assert.deepStrictEqual(await session.ended, { code: 0, stdout: init2, stderr: 'closed: 1000\n' });
  });
  await t.test('a gateway that shuts down', async () => {
    const session = run([url], { input: 'open' });
    await waitFor('the init', () => session.stdout === init2);
    await gw.stop();
    const done = await session.ended;
    assert.strictEqual(done.code, 1);
    assert.strictEqual(done.stderr, 'closed: 1001\n');
  });
});

test('connect: certificates are verified', async (t) => {
  const gw = await startGateway(t, wazoConfig({ tls: true }));
  const port = gw.port('wazo');
  const url = `wss://localhost:${port}${target}`;
  const refused = await connect(['--count', '1', url]);
  assert.strictEqual(refused.code, 1);
  assert.strictEqual(refused.stdout, '');
  assert.match(refused.stderr, /certificate of localhost:\d+ is not trusted: self-signed certificate/);
  assert.doesNotMatch(refused.stderr, /some-token-id/);
  assert.deepStrictEqual(await connect(['--insecure', '--count', '1', url]), { code: 0, stdout: init2, stderr: 'closed: 1000\n' });

  const found = fs.readdirSync(path.join(gw.directory, 'state'), { recursive: true }).find((f) => /\.(crt|pem)$/.test(f) && !/key/.test(f));
  const trusting = { env: { SSL_CERT_FILE: path.join(gw.directory, 'state', found) } };
  for (const host of ['localhost', '127.0.0.1'])
    assert.strictEqual((await connect(['--count', '1', `wss://${host}:${port}${target}`], trusting)).stdout, init2, host);
  // The same address under a name that the certificate does not have.
  const other = await connect(['--count', '1', `wss://localhost.:${port}${target}`], trusting);
  assert.strictEqual(other.stdout, '');
  assert.strictEqual(other.code, 1);
});

test('connect: speaking TLS to a plain port and the other way round', async (t) => {
  const plain = await startProbe(t);
  const encrypted = await startGateway(t, wazoConfig({ tls: true }));
  for (const url of [`wss://127.0.0.1:${plain.port('main')}/`, `ws://127.0.0.1:${encrypted.port('wazo')}/`]) {
    const done = await connect([url]);
    assert.strictEqual(done.code, 1);
    assert.match(done.stderr, /^dragoman: (cannot speak TLS|the WebSocket handshake failed)/);
  }
});

// A server that does with each client what the test says.
async function server(t, onClient, options = {}) {
  const wss = new WebSocket.Server({ host: '127.0.0.1', port: 0, ...options });
  wss.on('connection', onClient);
  await new Promise((resolve) => wss.on('listening', resolve));
  t.after(() => { for (const c of wss.clients) c.terminate(); wss.close(); });
  return `ws://127.0.0.1:${wss.address().port}/path?q=1`;
}

test('connect: the request carries what was asked for', async (t) => {
  let request;
  const url = await server(t, (c, r) => { request = r; c.close(1000, 'enough'); }, { handleProtocols: (offered) => [...offered][1] });
  const done = await connect(['-H', 'X-A: 1', '-H', 'x-b:2', '--header', 'Host: other', '--subprotocol', 'one', '--subprotocol', 'two', '--origin', 'https://example.org', url]);
  assert.deepStrictEqual(done, { code: 0, stdout: '', stderr: 'closed: 1000 enough\n' });
  assert.strictEqual(request.url, '/path?q=1');
  assert.deepStrictEqual([request.headers['x-a'], request.headers['x-b'], request.headers.host, request.headers.origin], ['1', '2', 'other', 'https://example.org']);
  assert.strictEqual(request.headers['sec-websocket-protocol'], 'one, two');
  assert.match(request.headers['user-agent'], /^dragoman\//);
});

test('connect: text, binary, fragments, pings, large messages', async (t) => {
  const large = 'x'.repeat(20 << 20);
  let pongs = 0;
  const url = await server(t, (c) => {
    c.on('pong', () => { ++pongs; });
    c.ping('are you there');
    c.send('two\nlines');
    c.send(Buffer.from([0, 1, 255]));
    c.send('frag', { fin: false });
    c.send('ments');
    c.on('message', (m) => { c.send(`${m.length}`); c.send(large); });
  });
  const done = await connect(['--send', 'é'.repeat(50000), '--count', '5', url]);
  assert.strictEqual(done.code, 0, done.stderr);
  assert.ok(done.stdout === `two\\nlines\n<binary 3 bytes> AAH/\nfragments\n100000\n${large}\n`, done.stdout.slice(0, 200));
  assert.strictEqual(pongs, 1);
  assert.match((await connect(['--binary', 'hex', '--count', '2', url])).stdout, /<binary 3 bytes> 0001ff\n$/);
});

test('connect: on a terminal nothing that a server sends is obeyed', async (t) => {
  const evil = '\u001b[2J\u001b]0;title\u0007 \u009b31m \u202e é\t"\r\n';
  const url = await server(t, (c) => { c.send(evil); setTimeout(() => c.close(4000, '\u001b[31mred'), 200); });
  const done = await connect([url], { terminal: true, input: 'open' });
  assert.strictEqual(done.code, 1);
  assert.ok(done.stdout.includes('\\x1b[2J\\x1b]0;title\\x07 \\u009b31m \\u202e é\\t"\\r\\n\r\n'), JSON.stringify(done.stdout));
  assert.ok(done.stdout.includes('closed: 4000 \\x1b[31mred'));
  assert.ok(!/[\u001b\u009b\u202e]/.test(done.stdout));
});

test('connect: in the background of a shell it goes on while something else is typed', async (t) => {
  const said = [];
  let timer;
  const url = await server(t, (c) => {
    c.on('message', (m) => said.push(`${m}`));
    timer = setInterval(() => c.send('tick'), 20);
  });
  t.after(() => clearInterval(timer));
  const shell = spawn('script', ['-qec', `bash --norc -ic "'${program}' connect --count 20 '${url}' & wait"`, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(() => shell.kill('SIGKILL'));
  let output = '';
  shell.stdout.on('data', (d) => { output += d; });
  await waitFor('the first', () => output.includes('tick'));
  shell.stdin.write('for the shell\n');
  await waitFor('the last', () => output.includes('closed: 1000'));
  assert.deepStrictEqual(said, []);
});

test('connect: lines that are not UTF-8 are not sent', async (t) => {
  const url = await server(t, (c) => c.on('message', (m) => c.send(`got ${m}`)));
  const done = await connect(['--wait', '0.3', url], { input: Buffer.from([...Buffer.from('good\n'), 0xff, 0x0a, ...Buffer.from('\nlast\n')]) });
  assert.strictEqual(done.stdout, 'got good\ngot \ngot last\n');
  assert.strictEqual(done.stderr, 'dragoman: line 2 is not UTF-8 and was not sent\nclosed: 1000\n');
});

// A server of bytes: `answer` follows an upgrade that is agreed to with the right key and the headers `extra`.
async function rawServer(t, answer, extra = '') {
  const crypto = require('node:crypto');
  const s = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (d) => {
      const key = /Sec-WebSocket-Key: (.*)\r\n/i.exec(d)[1];
      const accept = crypto.createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(typeof answer === 'string' ? answer : `HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${extra}\r\n`);
      if (typeof answer === 'string') socket.end();
      else answer(socket);
    });
  });
  await new Promise((resolve) => s.listen(0, '127.0.0.1', resolve));
  t.after(() => s.close());
  return `ws://127.0.0.1:${s.address().port}/?token=very-secret`;
}

test('connect: servers that break the protocol', async (t) => {
  const nothing = () => {};
  // Hangs up when it is told that it is wrong.
  const send = (...bytes) => (socket) => { socket.once('data', () => socket.end()); socket.write(Buffer.from(bytes)); };
  for (const [answer, extra, words] of [
    ['HTTP/1.1 403 \u001b[31mNo\r\nContent-Length: 5\r\n\r\nw\u001bhy\n', '', /./],
    ['HTTP/1.1 302 Found\r\nLocation: ws://elsewhere/\r\nContent-Length: 0\r\n\r\n', '', /refused with 302 Found, Location: ws:\/\/elsewhere/],
    ['HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n', '', /refused|handshake/],
    ['nonsense\r\n\r\n', '', /handshake failed/],
    ['', '', /handshake failed/],
    [nothing, 'Sec-WebSocket-Protocol: never\u001b-offered\r\n', /./],
    [nothing, 'Sec-WebSocket-Protocol: never-offered\r\n', /subprotocol that was not offered: never-offered/],
    [nothing, 'Sec-WebSocket-Extensions: permessage-deflate\r\n', /extension, but none was offered/],
    [send(0x81, 0x82, 1, 2, 3, 4, 0, 0), '', /broke the WebSocket protocol/],  // masked
    [send(0x81, 2, 0xc3, 0x28), '', /broke the WebSocket protocol/],  // not UTF-8
    [send(0xc1, 1, 0x61), '', /broke the WebSocket protocol/],  // RSV1
    [send(0x83, 0), '', /broke the WebSocket protocol/],  // opcode 3
    [send(0x80, 1, 0x61), '', /broke the WebSocket protocol/],  // a continuation of nothing
    [send(0x82, 127, 0, 0, 0, 0, 4, 0, 0, 1), '', /more than 64 MiB/],
    [(socket) => socket.write(Buffer.from([0x83, 0])), '', /broke the WebSocket protocol.* did not hang up/],
    [send(0x88, 0), '', /^closed: 1005\n$/],
    [(socket) => socket.end(Buffer.from([0x81, 5, 0x61])), '', /without a close/],
    [(socket) => socket.resetAndDestroy(), '', /without a close/],
  ]) {
    const done = await connect(['--wait', '20', await rawServer(t, answer, extra)]);
    assert.strictEqual(done.code, 1, `${words}: ${done.stderr}`);
    assert.match(done.stderr, words);
    assert.strictEqual(done.stdout, '');
    assert.ok(!/\u001b|very-secret/.test(done.stderr), JSON.stringify(done.stderr));
  }
});

test('connect: a server that answers nothing', async (t) => {
  const silent = net.createServer(() => {});
  await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.after(() => silent.close());
  const late = await connect(['--timeout', '0.3', `ws://127.0.0.1:${silent.address().port}/`]);
  assert.strictEqual(late.code, 1);
  assert.match(late.stderr, /no session in time/);
  // Nor the close.
  const done = await connect(['--wait', '0', await rawServer(t, () => {})]);
  assert.deepStrictEqual(done, { code: 0, stdout: '', stderr: 'closed: the server did not answer the close\n' });
});

test('connect: usage', async () => {
  for (const args of [[], ['--count', '0', 'ws://h/'], ['--count', 'x', 'ws://h/'], ['--timeout', '-1', 'ws://h/'], ['--binary', 'octal', 'ws://h/'], ['ws://h/', 'ws://i/']])
    assert.strictEqual((await connect(args)).code, 2, args.join(' '));
  for (const args of [['http://h/'], ['ws://h:0/'], ['ws://h:99999/'], ['h:80'], ['ws://'], ['ws://user:very-secret@h/'], ['ws://h/#x'], ['-H', 'very-secret', 'ws://h/'], ['-H', 'A: b\r\nc: d', 'ws://h/'],
    ['-H', 'Sec-WebSocket-Key: x', 'ws://h/'], ['-H', 'connection: close', 'ws://h/'], ['--origin', 'a\nb', 'ws://h/'], ['--subprotocol', 'a b', 'ws://h/']]) {
    const done = await connect(args);
    assert.strictEqual(done.code, 2, args.join(' '));
    assert.doesNotMatch(done.stderr, /very-secret|cannot/);
  }
});
