// SPDX-License-Identifier: Apache-2.0
// dragoman publish --file: against a gateway, and against a door that is busy, strict or gone.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { startGateway, wazoConfig, waitFor, program, adminToken } = require('../support/gateway');
const { connect } = require('../support/client');
const { startProbe, open, ask, probeConfig } = require('./probe');

// A running `dragoman publish`; `ended` gives { code, stdout, stderr }.
function publish(port, args, { env = {}, terminal = false } = {}) {
  const all = ['publish', '--url', `http://127.0.0.1:${port}`, ...args];
  const [command, given] = terminal
    ? ['script', ['-qec', [program, ...all].map((a) => `'${a}'`).join(' '), '/dev/null']]
    : [program, all];
  const child = spawn(command, given, { env: { ...process.env, DRAGOMAN_TOKEN: adminToken, ...env } });
  const out = { child, stdout: '', stderr: '' };
  child.stdout.on('data', (d) => { out.stdout += d; });
  child.stderr.on('data', (d) => { out.stderr += d; });
  child.stdin.on('error', () => {});
  out.ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout: out.stdout, stderr: out.stderr })));
  return out;
}
function file(t, lines) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-test-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  const name = path.join(directory, 'events.jsonl');
  fs.writeFileSync(name, Array.isArray(lines) ? lines.join('\n') + '\n' : lines);
  return name;
}
const body = (i) => ({ name: 'n', required_acl: null, data: { i } });
const cloud = (i, more = {}) => JSON.stringify({ specversion: '1.0', id: `${i}`, source: '/test', type: 'test.key', channel: 'xivo', data: body(i), ...more });
const plain = (i, more = {}) => JSON.stringify({ channel: 'xivo', key: 'test.key', body: body(i), ...more });
const range = (n) => Array.from({ length: n }, (_, i) => i);

async function subscriber(t, gw) {
  const client = await connect(t, `ws://127.0.0.1:${gw.port('wazo')}/?version=2&token=some-token-id`);
  await client.next();
  client.send({ op: 'subscribe', data: { event_name: '*' } });
  await client.next();
  client.send({ op: 'start' });
  await client.next();
  return client;
}
const number = (message) => JSON.parse(message).data.data.i;

test('publish --file: 5,000 CloudEvents and plain events arrive in their order', async (t) => {
  const gw = await startGateway(t, wazoConfig({ limits: { queue_bytes: '16MiB' } }));
  const client = await subscriber(t, gw);
  const done = await publish(gw.adminPort, ['--file', file(t, range(5000).map((i) => (i % 1000 < 990 ? cloud(i) : plain(i))))]).ended;
  assert.strictEqual(done.code, 0, done.stderr);
  assert.match(done.stdout, /^5000 events accepted in [\d.]+ s \(\d+\/s\)\n$/);
  assert.strictEqual(done.stderr, '');
  for (let i = 0; i < 5000; ++i) assert.strictEqual(number(await client.next()), i);
});

test('publish --file: bodies from standard input, each sent when it is there', async (t) => {
  const gw = await startProbe(t);
  const c = await open(t, gw);
  await ask(c, 'sub c # 1');
  const run = publish(gw.adminPort, ['--file', '-', '--format', 'bodies', '--channel', 'c', '--key', 'k']);
  run.child.stdin.write('{"n": 1.0}\r\n\n"te');
  assert.strictEqual(await c.next(), '1:{"n": 1.0}');
  run.child.stdin.write('xt"\n');
  assert.strictEqual(await c.next(), '1:"text"');
  run.child.stdin.end('null');
  assert.strictEqual(await c.next(), '1:null');
  const done = await run.ended;
  assert.strictEqual(done.code, 0, done.stderr);
  assert.match(done.stdout, /^3 events accepted/);
});

test('publish --file: a bad line ends it and is named; everything before it is accepted', async (t) => {
  const gw = await startProbe(t);
  const c = await open(t, gw);
  await ask(c, 'sub xivo # 1');
  const lines = [cloud(1), '', plain(2), '{"specversion":"1.0","id":"x","source":"/s"}', cloud(3)];
  const done = await publish(gw.adminPort, ['--file', file(t, lines)]).ended;
  assert.strictEqual(done.code, 1);
  assert.match(done.stdout, /^2 events accepted/);
  assert.strictEqual(done.stderr, 'dragoman: line 4: /type: this required attribute is missing\n');
  await gw.publish({ channel: 'xivo', key: 'k', body: 'end' });
  for (const i of [1, 2]) assert.match(await c.next(), new RegExp(`"i":${i}`));
  assert.strictEqual(await c.next(), '1:end');
});

test('publish --file --skip-bad: reports bad lines and goes on', async (t) => {
  const gw = await startProbe(t);
  const long = plain(2, { body: 'x'.repeat(17 << 20) });
  const lines = [cloud(1), '{', 'x\u001b[31m', long, JSON.stringify({ body: 1, evil: 1, key: 'a' }), plain(3)];
  const done = await publish(gw.adminPort, ['--skip-bad', '--file', file(t, lines)]).ended;
  assert.strictEqual(done.code, 0, done.stderr);
  assert.match(done.stdout, /^2 events accepted .*, 4 bad lines skipped\n$/);
  const said = done.stderr.trim().split('\n');
  assert.deepStrictEqual(said.map((l) => Number(/^dragoman: line (\d+): /.exec(l)[1])), [2, 3, 4, 5]);
  assert.match(said[2], /longer than 16.0 MiB/);
  assert.match(said[3], /\/evil: /);
  assert.ok(!done.stderr.includes('\u001b'));
});

test('publish --file: a line that the gateway finds too large is a bad line, and batches become smaller', async (t) => {
  const gw = await startGateway(t, probeConfig().replace('admin: {', 'admin: {body_bytes: 64KiB, '));
  const pad = 'x'.repeat(5000);
  const lines = [...range(100).map((i) => cloud(i, { pad })), cloud(100, { pad: 'x'.repeat(70000) }), plain(101, { body: 'y'.repeat(70000) }), plain(102)];
  const done = await publish(gw.adminPort, ['--skip-bad', '--file', file(t, lines)]).ended;
  assert.strictEqual(done.code, 0, done.stderr);
  assert.match(done.stdout, /^101 events accepted .*, 2 bad lines skipped\n$/);
  assert.match(done.stderr, /line 101: the gateway answered 413/);
  assert.match(done.stderr, /line 102: the gateway answered 413/);
});

test('publish --file: a gateway that is killed and comes back gets the rest', async (t) => {
  const gw = await startProbe(t);
  const port = gw.adminPort;
  const first = await open(t, gw);
  await ask(first, 'sub xivo # 1');
  const run = publish(port, ['--file', '-']);
  for (let i = 0; i < 100; ++i) run.child.stdin.write(cloud(i) + '\n');
  for (let i = 0; i < 100; ++i) assert.match(await first.next(), new RegExp(`"i":${i}}`));
  await gw.stop({ signal: 'SIGKILL', code: null });
  for (let i = 100; i < 1000; ++i) run.child.stdin.write(cloud(i) + '\n');
  await waitFor('the outage to be reported', () => /trying again/.test(run.stderr));
  run.child.kill('SIGSTOP');  // until somebody listens
  const again = await startGateway(t, probeConfig().replace('admin: {address: "127.0.0.1:0"', `admin: {address: "127.0.0.1:${port}"`));
  const second = await open(t, again);
  await ask(second, 'sub xivo # 1');
  run.child.kill('SIGCONT');
  // What was delivered and not answered comes again.
  const seen = [];
  while (seen.at(-1) !== 999) seen.push(JSON.parse((await second.next()).slice(2)).data.i);
  assert.ok(seen[0] <= 100, `${seen[0]}`);
  assert.deepStrictEqual(seen, range(1000).slice(seen[0]));
  run.child.stdin.end();
  const done = await run.ended;
  assert.strictEqual(done.code, 0, done.stderr);
  assert.match(done.stdout, /^1000 events accepted in [\d.]+ s \(\d+\/s\)\n$/);
  assert.strictEqual(done.stderr.match(/trying again/g).length, 1, 'once for an outage');
});

// A door that answers as `answer(events, number of the request)` says; `taken` has the ids of what it answered 200 to.
async function door(t, answer) {
  const out = { taken: [], sizes: [], bodies: [] };
  const server = http.createServer((req, res) => {
    const chunks = [];
    req.on('data', (c) => chunks.push(c));
    req.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const parsed = JSON.parse(body);
      const events = Array.isArray(parsed) ? parsed : [parsed];
      out.bodies.push(body);
      out.sizes.push(events.length);
      const given = answer(events, out.sizes.length - 1);
      if (given === 'reset') return req.socket.destroy();
      const [status, object, headers = {}] = given;
      if (status === 200) out.taken.push(...events.map((e) => e.id));
      res.writeHead(status, { 'Content-Type': 'application/json', ...headers });
      res.end(JSON.stringify(object));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => { server.closeAllConnections(); server.close(); });
  out.port = server.address().port;
  return out;
}

test('publish --file: 503 and lost answers are tried again with the same ids, in order', async (t) => {
  const d = await door(t, (events, n) => (n === 1 ? [503, { error: 'busy' }] : n === 2 ? 'reset' : [200, {}]));
  const done = await publish(d.port, ['--file', file(t, [plain(0), plain(1), plain(2)])]).ended;
  assert.strictEqual(done.code, 0, done.stderr);
  assert.strictEqual(d.bodies.length, 5);
  assert.strictEqual(d.bodies[1], d.bodies[2]);
  assert.strictEqual(d.bodies[2], d.bodies[3]);
  assert.match(JSON.parse(d.bodies[1]).id, /^[0-9a-f]{32}$/);
  assert.strictEqual(new Set(d.taken).size, 3);
});

test('publish --file: a batch that a busy gateway has no room for is halved until it fits', async (t) => {
  const d = await door(t, (events) => (events.length > 20 ? [503, { error: 'busy' }] : [200, {}]));
  const done = await publish(d.port, ['--file', file(t, range(100).map((i) => cloud(i)))]).ended;
  assert.strictEqual(done.code, 0, done.stderr);
  assert.deepStrictEqual(d.taken, range(100).map(String));
});

test('publish --file: when the time for retries is over it fails and says how far it came', async (t) => {
  const d = await door(t, (events, n) => (n === 0 ? [200, {}] : [503, { error: 'busy' }, { 'Retry-After': '1' }]));
  const done = await publish(d.port, ['--retry-for', '1', '--file', file(t, [plain(0), plain(1)])]).ended;
  assert.strictEqual(done.code, 1);
  assert.match(done.stdout, /^1 event accepted in [\d.]+ s \(\d+\/s\)\n$/);
  assert.match(done.stderr, /the gateway answered 503: busy/);
});

test('publish --file: what only the gateway refuses is reported by its line', async (t) => {
  const strict = (events) => {
    const index = events.findIndex((e) => e.id === '3' || e.id === '7');
    return index < 0 ? [200, {}] : [400, { error: 'not \u001b[31mthis one', path: '/id', index }];
  };
  const lines = range(10).map((i) => cloud(i));
  const skipping = await door(t, strict);
  const skipped = await publish(skipping.port, ['--skip-bad', '--file', file(t, lines)]).ended;
  assert.strictEqual(skipped.code, 0, skipped.stderr);
  assert.deepStrictEqual(skipping.taken, ['0', '1', '2', '4', '5', '6', '8', '9']);
  assert.match(skipped.stderr, /line 4: the gateway answered 400: \/id: not \\x1b\[31mthis one\n.*line 8: /);
  const stopping = await door(t, strict);
  const stopped = await publish(stopping.port, ['--file', file(t, lines)]).ended;
  assert.strictEqual(stopped.code, 1);
  assert.deepStrictEqual(stopping.taken, ['0', '1', '2']);
  assert.match(stopped.stdout, /^3 events accepted/);
});

test('publish --file: Ctrl-C says how many were accepted', async (t) => {
  const d = await door(t, () => [200, {}]);
  const run = publish(d.port, ['--file', '-']);
  run.child.stdin.write([0, 1, 2].map((i) => cloud(i) + '\n').join(''));
  await waitFor('the events', () => d.taken.length === 3);
  run.child.kill('SIGINT');
  const done = await run.ended;
  assert.strictEqual(done.code, 130);
  assert.match(done.stdout, /^3 events accepted/);
});

test('publish --file: memory does not grow with the file', async (t) => {
  const d = await door(t, () => [200, {}]);
  const run = publish(d.port, ['--file', '-']);
  const chunk = (n) => range(200).map((i) => cloud(200 * n + i, { pad: 'x'.repeat(5000) }) + '\n').join('');
  for (let n = 0; n < 100; ++n)
    if (!run.child.stdin.write(chunk(n))) await new Promise((resolve) => run.child.stdin.once('drain', resolve));
  await waitFor('most of the events', () => d.taken.length > 15000);
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${run.child.pid}/status`, 'utf8'))[1]);
  run.child.stdin.end();
  assert.strictEqual((await run.ended).code, 0);
  // Events that were not answered in time are sent again.
  assert.strictEqual(new Set(d.taken).size, 20000);
  // The shadow memory of sanitizers is more than the program's own.
  if (peak > 64 << 10) assert.ok(/asan|tsan|sanitize/.test(program), `${peak} kB for 100 MB of events`);
});

test('publish --file: progress on a terminal', async (t) => {
  let n = 0;
  const d = await door(t, () => { const end = Date.now() + (n++ % 20 ? 0 : 120); while (Date.now() < end); return [200, {}]; });
  const run = await publish(d.port, ['--file', file(t, range(60).map((i) => plain(i)))], { terminal: true }).ended;
  assert.match(run.stdout, /\r(\[[#.]+\] )? +\d+%  [\d.]+ (KiB|B)  \d+ events  \d+\/s\u001b\[K/);
  assert.match(run.stdout, /\r\u001b\[K60 events accepted/);
});

test('publish --file: usage, and what is wrong from the start', async (t) => {
  const d = await door(t, () => [401, { error: 'this is not the admin token' }]);
  const events = file(t, [plain(0)]);
  for (const args of [['--channel', 'c'], ['--id', 'x'], ['--body', 'x'], ['--format', 'xml'], ['--retry-for', 'x']])
    assert.strictEqual((await publish(d.port, ['--file', events, ...args]).ended).code, 2, args.join(' '));
  assert.strictEqual((await publish(d.port, ['--skip-bad', '--body', '1']).ended).code, 2);
  const missing = await publish(d.port, ['--file', '/nonexistent']).ended;
  assert.strictEqual(missing.code, 1);
  assert.match(missing.stderr, /\/nonexistent: No such file/);
  const refused = await publish(d.port, ['--file', events]).ended;
  assert.strictEqual(refused.code, 1);
  assert.match(refused.stderr, /401: this is not the admin token/);
  const nobody = await publish(1, ['--file', events]).ended;
  assert.strictEqual(nobody.code, 1);
  assert.match(nobody.stderr, /cannot connect/);
  assert.doesNotMatch(nobody.stderr, /trying again/);
});
