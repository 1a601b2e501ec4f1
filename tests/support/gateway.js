// SPDX-License-Identifier: Apache-2.0
// Starts a gateway of its own for a test, on free ports and in a directory of its own, and ends it with the test.
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const assert = require('node:assert');

const root = path.resolve(__dirname, '../..');
const build = process.env.DRAGOMAN_BUILD || path.join(root, 'build/release');
const program = process.env.DRAGOMAN_BIN || path.join(build, 'bin/dragoman');
const pluginDirs = [path.join(build, 'lib/dragoman/plugins'), path.join(build, 'lib/dragoman/test-plugins')];
const adminToken = 'test-admin';
// Sanitizer builds are slow; a deadline only decides when a hanging test fails.
const patience = 20000;

async function waitFor(what, condition, deadline = patience) {
  const end = Date.now() + deadline;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function request(port, method, target, { headers = {}, body, token = adminToken } = {}) {
  return new Promise((resolve, reject) => {
    const all = { ...headers };
    if (token) all.Authorization = `Bearer ${token}`;
    const req = http.request({ host: '127.0.0.1', port, method, path: target, headers: all, agent: false }, (res) => {
      const chunks = [];
      res.on('data', (c) => chunks.push(c));
      res.on('error', reject);
      res.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        let json;
        try { json = JSON.parse(text); } catch { json = undefined; }
        resolve({ status: res.statusCode, headers: res.headers, text, json });
      });
    });
    req.on('error', reject);
    req.end(body);
  });
}

// A configuration with one wazo mount. Extra members replace or add lines.
function wazoConfig({ tls = false, settings = {}, limits = {}, compression = false, tokens = [], threads = 2, mount = '' } = {}) {
  const all = [{ token: 'some-token-id', grants: ['websocketd', '#'] }, ...tokens];
  return [
    `threads: ${threads}`,
    'listeners:',
    `  wazo: {address: "127.0.0.1:0"${tls ? ', tls: {self_signed: true}' : ''}}`,
    'buses: {main: {plugin: embedded}}',
    `authenticators: {demo: {type: static, tokens: ${JSON.stringify(all)}}}`,
    'mounts:',
    '  wazo:',
    '    plugin: wazo',
    '    listen: [{listener: wazo, path: "/"}]',
    '    bus: main',
    '    authenticator: demo',
    `    compression: ${compression}`,
    `    limits: ${JSON.stringify(limits)}`,
    `    settings: ${JSON.stringify({ ...(tls ? {} : { tls: 'off' }), ...settings })}`,
    mount,
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
    '',
  ].join('\n');
}

class Gateway {
  constructor(directory, child) {
    this.directory = directory;
    this.child = child;
    this.log = '';
    // After the last of its log.
    this.exited = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })));
    child.stderr.on('data', (data) => { this.log += data; });
    child.stdout.on('data', (data) => { this.log += data; });
  }
  port(listener) { return this.ports.listeners[listener]; }
  get adminPort() { return this.ports.admin; }
  get lines() { return this.log.split('\n'); }
  request(method, target, options) { return request(this.adminPort, method, target, options); }

  // Publishes an object as the plain form; checks that it was taken unless told what else to expect.
  async publish(event, expect = 200) {
    const answer = await this.request('POST', '/publish', { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(event) });
    assert.strictEqual(answer.status, expect, answer.text);
    return answer;
  }
  // A wazo bus event: the body as given (a string byte for byte) on the channel of the document.
  wazo(body, key = 'test.key') { return this.publish({ channel: 'xivo', key, body }); }
  async admin(target, object, expect = 200) {
    const answer = await this.request('POST', target, { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(object) });
    assert.strictEqual(answer.status, expect, answer.text);
    return answer;
  }
  addToken(token, authenticator = 'demo') { return this.admin(`/authenticators/${authenticator}/tokens`, token); }
  revoke(token, authenticator = 'demo') { return this.admin(`/authenticators/${authenticator}/revoke`, { token }); }

  // The value of a metric; labels as in the text, such as 'mount="wazo",reason="lost"'. 0 when absent.
  async metric(name, labels = '') {
    const { text } = await this.request('GET', '/metrics');
    const line = text.split('\n').find((l) => l.startsWith(`${name}{`) && labels.split(',').every((x) => l.includes(x)));
    const bare = text.split('\n').find((l) => l.startsWith(`${name} `));
    const found = line || (labels ? undefined : bare);
    return found ? Number(found.slice(found.lastIndexOf(' ') + 1)) : 0;
  }

  // What a client has seen may be counted a moment later.
  async counted(value, name, labels) {
    let now;
    await waitFor(`${name} ${labels || ''} to be ${value}`, async () => { now = await this.metric(name, labels); return now === value; }).catch((error) => {
      error.message += `, it is ${now}`;
      throw error;
    });
  }

  async stop({ signal = 'SIGTERM', code = 0 } = {}) {
    if (this.stopped) return this.exited;
    this.stopped = true;
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), patience * 2);
    const end = await this.exited;
    clearTimeout(timer);
    fs.rmSync(this.directory, { recursive: true, force: true });
    if (code !== null) assert.deepStrictEqual(end, { code, signal: null }, this.log);
    return end;
  }
}

// t: the node:test context, which ends the gateway; yaml: its configuration. expectExit: it is expected not to start. state: a directory that outlives it. sockets:
// {NAME: file descriptor} to pass as systemd does. plugins: directories of plugins.
async function startGateway(t, yaml, { args = [], debug = false, expectExit = false, env = {}, state, sockets = {}, plugins = pluginDirs } = {}) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-test-'));
  const config = path.join(directory, 'dragoman.yaml');
  const ports = path.join(directory, 'ports.json');
  fs.writeFileSync(config, (debug ? 'log: {level: debug}\n' : '') + yaml.replaceAll('@DIR@', directory));
  const names = Object.keys(sockets);
  // Only the process itself knows its number beforehand.
  const passed = names.length ? ['sh', '-c', 'LISTEN_PID=$$ exec "$0" "$@"', program] : [program];
  const listening = names.length ? { LISTEN_FDS: `${names.length}`, LISTEN_FDNAMES: names.join(':') } : {};
  const child = spawn(passed[0], [...passed.slice(1), 'serve', '--config', config, '--state', state || path.join(directory, 'state'), '--ports-file', ports, '--strict',
    ...plugins.flatMap((d) => ['--plugins', d]), ...args], { stdio: ['ignore', 'pipe', 'pipe', ...Object.values(sockets)], env: { ...process.env, ...listening, ...env } });
  const gateway = new Gateway(directory, child);
  let gone = null;
  gateway.exited.then((end) => { gone = end; });
  if (t) t.after(() => gateway.stop());
  if (expectExit) {
    gateway.stopped = true;
    const end = await gateway.exited;
    if (t) t.after(() => {});
    fs.rmSync(directory, { recursive: true, force: true });
    gateway.stop = async () => end;
    return { ...end, log: gateway.log };
  }
  await waitFor('the gateway to listen', () => {
    if (gone) throw new Error(`the gateway ended with ${JSON.stringify(gone)}:\n${gateway.log}`);
    return fs.existsSync(ports);
  });
  gateway.ports = JSON.parse(fs.readFileSync(ports, 'utf8'));
  await waitFor('readiness', async () => (await gateway.request('GET', '/readyz')).status === 200);
  return gateway;
}

module.exports = { startGateway, wazoConfig, waitFor, request, adminToken, program, build, pluginDirs, patience };
