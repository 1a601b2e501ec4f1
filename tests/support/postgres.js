// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL server of a test's own, on a Unix socket in a directory of its own; it ends with the test.
'use strict';
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const assert = require('node:assert');
const { waitFor } = require('./gateway');

// The programs of the newest server on this machine.
function programs() {
  const versions = '/usr/lib/postgresql';
  const found = (fs.existsSync(versions) ? fs.readdirSync(versions) : []).filter((v) => fs.existsSync(path.join(versions, v, 'bin/initdb')));
  assert.ok(found.length, 'no PostgreSQL server is installed: ./dev setup');
  return path.join(versions, found.sort((a, b) => b - a)[0], 'bin');
}

class Postgres {
  constructor(directory, user) {
    this.directory = directory;
    this.user = user;
    this.connection = `host=${directory} user=owner dbname=postgres`;
  }
  get data() { return path.join(this.directory, 'data'); }
  async start() {
    this.child = spawn(path.join(programs(), 'postgres'), ['-D', this.data, '-k', this.directory, '-c', 'listen_addresses=', '-c', 'fsync=off'],
      { ...this.user, cwd: '/', stdio: 'ignore' });
    this.exited = new Promise((resolve) => this.child.on('exit', resolve));
    let gone = false;
    this.exited.then(() => { gone = true; });
    await waitFor('PostgreSQL', () => {
      assert.ok(!gone, 'PostgreSQL has ended');
      const file = path.join(this.data, 'postmaster.pid');
      return fs.existsSync(file) && fs.readFileSync(file, 'utf8').includes('ready');
    });
  }
  // SIGINT: its clients are thrown out; SIGQUIT: nothing is brought to an end.
  async stop(signal = 'SIGINT') {
    this.child.kill(signal);
    await this.exited;
  }
}

async function startPostgres(t) {
  // It refuses to run as root.
  const id = (what) => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }));
  const user = process.getuid() === 0 ? { uid: id('-u'), gid: id('-g') } : {};
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-postgres-'));
  if ('uid' in user) fs.chownSync(directory, user.uid, user.gid);
  const server = new Postgres(directory, user);
  t.after(async () => {
    if (server.child) await server.stop('SIGQUIT');
    fs.rmSync(directory, { recursive: true, force: true });
  });
  execFileSync(path.join(programs(), 'initdb'), ['-D', server.data, '-U', 'owner', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    { ...user, cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] });
  await server.start();
  return server;
}

module.exports = { startPostgres };
