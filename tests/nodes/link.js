// SPDX-License-Identifier: Apache-2.0
// A way to a server on this machine that can be cut: nothing comes through, and nobody is told. As root it leads over a network namespace whose
// interface goes down; otherwise over a proxy that stops reading.
'use strict';
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { waitFor } = require('../support/gateway');

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });

function listen(server, ...where) {
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(...where, () => resolve(server.address()));
  });
}

// Connects whoever comes with `to`; pairs: the sockets, in twos.
function forward(to, pairs = []) {
  return net.createServer((here) => {
    const there = net.connect(to);
    for (const [one, other] of [[here, there], [there, here]]) {
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
    pairs.push([here, there]);
    if (pairs.cut) return;
    here.pipe(there).pipe(here);
  });
}

async function throughProxy(t, port) {
  const pairs = [];
  const server = forward({ port, host: '127.0.0.1' }, pairs);
  t.after(() => {
    server.close();
    for (const pair of pairs) pair.forEach((socket) => socket.destroy());
  });
  const own = await listen(server, 0, '127.0.0.1');
  return {
    kind: 'a proxy that swallows everything', host: '127.0.0.1', port: own.port,
    cut() {
      pairs.cut = true;
      for (const [here, there] of pairs) {
        here.unpipe(there).pause();
        there.unpipe(here).pause();
      }
    },
    mend() {
      pairs.cut = false;
      for (const [here, there] of pairs) here.pipe(there).pipe(here);
    },
  };
}

// The far end of the namespace goes on over a Unix socket, which knows no namespaces.
async function throughNamespace(t, port) {
  const name = `dgm${process.pid}`;
  const [a, b] = [10 + (process.pid % 240), (process.pid >> 8) % 250];
  const host = `10.${a}.${b}.2`;
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-link-'));
  const socket = path.join(directory, 'socket');
  const sockets = [];
  const server = forward({ port, host: '127.0.0.1' }, sockets);
  await listen(server, socket);
  let far;
  t.after(() => {
    if (far) far.kill('SIGKILL');
    server.close();
    for (const pair of sockets) pair.forEach((s) => s.destroy());
    ip('netns', 'del', name);
    fs.rmSync(directory, { recursive: true, force: true });
  });
  ip('link', 'add', `${name}h`, 'type', 'veth', 'peer', 'name', `${name}n`, 'netns', name);
  ip('addr', 'add', `10.${a}.${b}.1/30`, 'dev', `${name}h`);
  ip('link', 'set', `${name}h`, 'up');
  const inside = (...args) => ip('-n', name, ...args);
  inside('addr', 'add', `${host}/30`, 'dev', `${name}n`);
  inside('link', 'set', `${name}n`, 'up');
  far = spawn('ip', ['netns', 'exec', name, process.execPath, __filename, host, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  far.stdout.on('data', (data) => { said += data; });
  await waitFor('the far end', () => said.endsWith('\n'));
  return {
    kind: 'a network namespace', host, port: Number(said),
    cut: () => inside('link', 'set', `${name}n`, 'down'),
    mend: () => inside('link', 'set', `${name}n`, 'up'),
  };
}

function namespaceIsPossible() {
  if (process.getuid() !== 0) return false;
  try {
    ip('netns', 'add', `dgm${process.pid}`);
    return true;
  } catch {
    return false;
  }
}

// To a port of this machine; ends with the test. kind: in words.
const startLink = (t, port) => (namespaceIsPossible() ? throughNamespace : throughProxy)(t, port);

if (require.main === module) {
  const [host, socket] = process.argv.slice(2);
  listen(forward({ path: socket }), 0, host).then((own) => console.log(own.port));
} else {
  module.exports = { startLink, throughProxy };
}
