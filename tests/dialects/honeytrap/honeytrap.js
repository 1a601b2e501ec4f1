// SPDX-License-Identifier: Apache-2.0
// A dashboard, a honeypot and a gateway between them, for tests. Numbers in titles are those of the digest's statements.
'use strict';
const assert = require('node:assert');
const { execFile, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { startGateway, request, waitFor, adminToken, program, pluginDirs } = require('../../support/gateway');
const { connect } = require('../../support/client');

const secret = 'secret';

// A configuration with one honeytrap mount. journal: settings of the journal; null: none.
function config({ settings = {}, limits = {}, journal = {}, threads = 2, journalOptions = {} } = {}) {
  return [
    `threads: ${threads}`,
    'listeners: {h: {address: "127.0.0.1:0"}}',
    'buses: {main: {plugin: embedded}}',
    ...(journal ? [`journals: {main: ${JSON.stringify({ plugin: 'sqlite', ...journalOptions, settings: journal })}}`] : []),
    'mounts:',
    '  honeytrap:',
    '    plugin: honeytrap',
    '    listen: [{listener: h, path: "/"}]',
    '    bus: main',
    ...(journal ? ['    journal: main'] : []),
    `    limits: ${JSON.stringify({ ping_interval: '5s', pong_timeout: '15s', ...limits })}`,
    `    settings: ${JSON.stringify({ ingest: { token: secret }, ...settings })}`,
    `admin: {address: "127.0.0.1:0", token: "${adminToken}", body_bytes: 64MiB}`,
    '',
  ].join('\n');
}

const start = (t, options = {}, extra = {}) => startGateway(t, config(options), extra);
const url = (gw, target = '/ws') => `ws://127.0.0.1:${gw.port('h')}${target}`;
const dashboard = (t, gw, options) => connect(t, url(gw), options);

// A directory that outlives a gateway.
function directory(t) {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-honeytrap-'));
  t.after(() => fs.rmSync(made, { recursive: true, force: true }));
  return made;
}

// What a gateway says that does not start because of its configuration.
async function refusal(t, options) {
  const own = directory(t), file = path.join(own, 'dragoman.yaml');
  fs.writeFileSync(file, config(options).replaceAll('@DIR@', own));
  const args = ['serve', '--config', file, '--state', path.join(own, 'state'), '--strict', ...pluginDirs.flatMap((d) => ['--plugins', d])];
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: 60000 }, (error, stdout, stderr) => {
      if (error && error.code === 1) resolve(stdout + stderr);
      else reject(error || new Error(`it ended in order: ${stderr}`));
    });
  });
}

const event = (extra = {}) => ({ type: 3, sensor: 'ping', date: '2017-04-05T10:11:12.123Z', category: 'Server', ...extra });
const session = (extra = {}) => event({ type: 5, sensor: 'net', category: 'Connections', ...extra });

// body: an event, an array of them or their text.
const publish = (gw, body, extra = {}) => gw.publish({ channel: 'honeytrap', key: 'e', body, ...extra });
const deliver = (gw, body, { authorization = `Token ${secret}`, target = '/v1/action' } = {}) => request(gw.port('h'), 'POST', target, {
  headers: authorization ? { Authorization: authorization } : {}, token: null,
  body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
});

function get(gw, target, body) {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return request(gw.port('h'), 'GET', target, { headers: text === undefined ? {} : { 'Content-Length': Buffer.byteLength(text) }, body: text, token: null });
}
async function getEvents(gw, target, body) {
  const answer = await get(gw, target, body);
  assert.strictEqual(answer.status, 200, answer.text);
  return answer.json;
}

const next = async (client) => JSON.parse(await client.next());
async function ask(client, message) {
  client.send(message);
  return next(client);
}
async function fetched(client, type = 3) {
  const reply = await ask(client, { type });
  assert.strictEqual(reply.type, type + 1);
  return reply.payload;
}
// Nothing else comes before the answer to a request: what should not have been sent would be seen first.
async function nothingMore(client) {
  assert.deepStrictEqual(await ask(client, { type: 4242 }), unknown(4242));
}
const unknown = (request) => ({ type: 7, payload: { request, error: 'Unknown Request Type' } });

const range = (n, make) => Array.from({ length: n }, (_, i) => make(i));

// What a honeypot's pusher "raven" opens.
const raven = (t, gw, authorization = `Bearer ${secret}`) =>
  connect(t, url(gw, '/raven'), { headers: authorization ? { Authorization: authorization } : {} });

const lockProgram = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
if sys.argv[2] == 'everything': db.execute('PRAGMA locking_mode = EXCLUSIVE')
db.execute('BEGIN IMMEDIATE')
if sys.argv[2] == 'everything': db.execute('PRAGMA user_version = 0')
print('locked', flush=True)
sys.stdin.read()
db.execute('ROLLBACK')
`;
// Another program locks the file of a journal against writing, or with 'everything' against reading too, which it can only while nobody has the
// file open. Gives a function that ends this.
async function lock(t, file, what = 'writing') {
  const child = spawn('python3', ['-c', lockProgram, file, what], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.on('exit', resolve));
  t.after(() => child.kill('SIGKILL'));
  let said = '', gone = false;
  child.stdout.on('data', (data) => { said += data; });
  exited.then(() => { gone = true; });
  await waitFor('the lock', () => {
    assert.ok(!gone, 'the program that locks has ended');
    return said.includes('locked');
  });
  return async () => {
    child.stdin.end();
    assert.strictEqual(await exited, 0);
  };
}

module.exports = {
  ask, config, dashboard, deliver, directory, event, fetched, get, getEvents, lock, next, nothingMore, publish, range, raven, refusal, secret, session, start, unknown,
  url,
};
