// SPDX-License-Identifier: Apache-2.0
// The life of the Debian packages on a machine: install, run, reconfigure, upgrade, remove, purge.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { Machine, root, deb, debs, field, repacked, reversioned, notHere, service, wazo, session } = require('./machine');

const names = ['dragoman', 'dragoman-dialects', 'dragoman-bus-amqp', 'dragoman-journal-sqlite'];

test('packages: install, run, reconfigure, upgrade, remove, purge', { skip: notHere, timeout: 600000 }, async (t) => {
  const machine = new Machine(t);
  const version = field(deb('dragoman'), 'Version');
  const old = names.map((name) => reversioned(deb(name), path.join(machine.directory, 'packages', `${name}_0.0.9-1.deb`), '0.0.9-1', (directory) => {
    const conffile = path.join(directory, 'etc/dragoman/dragoman.yaml');
    if (fs.existsSync(conffile)) fs.appendFileSync(conffile, '# of an older version\n');
  }));
  machine.run('apt-get update -q');
  const before = machine.files();

  await t.test('the program alone installs and starts', () => {
    machine.run(`apt-get install -qy --no-install-recommends /packages/${path.basename(old[0])}`);
    assert.match(machine.run('getent passwd dragoman'), /:\/var\/lib\/dragoman:\/usr\/sbin\/nologin$/m);
    assert.match(machine.run('getent shadow dragoman'), /^dragoman:!/, 'nobody can log in');
    assert.strictEqual(machine.run('stat -c "%a %U %G" /etc/dragoman/admin.token /var/lib/dragoman'), '640 root dragoman\n750 dragoman dragoman\n');
    assert.match(machine.read('etc/dragoman/admin.token'), /^[0-9a-f]{64}$/);
    assert.strictEqual(machine.run('systemctl is-enabled dragoman').trim(), 'enabled');
    assert.match(machine.run(service(machine, 'cat /run/dragoman/ports'), { network: false }), /"admin":9600/);
  });

  await t.test('plugins bring what they need; a client of a configured dialect gets an event', () => {
    machine.run(`apt-get install -qy --no-install-recommends ${old.slice(1).map((file) => `/packages/${path.basename(file)}`).join(' ')}`);
    const plugins = machine.run('dragoman plugins');
    for (const plugin of ['wazo', 'kazoo', 'amqp', 'sqlite']) assert.match(plugins, new RegExp(`^${plugin} `, 'm'));
    machine.write('etc/dragoman/conf.d/wazo.yaml', wazo);
    machine.write('etc/dragoman/alice.token', 'alice\n');
    assert.match(machine.run(service(machine, session), { network: false }), /"name": "call_created"/);
  });

  await t.test('the service does not start with a configuration that is wrong, and says why', () => {
    machine.write('etc/dragoman/conf.d/wrong.yaml', 'mounts: {wazo: {bus: mian}}\n');
    const { status, output } = machine.tryRun(service(machine, 'exit 0'), { network: false });
    assert.notStrictEqual(status, 0);
    assert.match(output, /wrong\.yaml:1:\d+: mounts\.wazo\.bus: there is no bus "mian"/);
    fs.rmSync(machine.path('etc/dragoman/conf.d/wrong.yaml'));
  });

  const token = machine.read('etc/dragoman/admin.token');
  await t.test('an upgrade keeps what the admin changed, the token and the data', () => {
    fs.appendFileSync(machine.path('etc/dragoman/dragoman.yaml'), 'shutdown_timeout: 5s\n');
    machine.run('install -o dragoman -g dragoman -m 600 /dev/null /var/lib/dragoman/journal.sqlite');
    machine.install(names.map(deb), '-o Dpkg::Options::=--force-confold');
    assert.strictEqual(machine.run("dpkg-query -W -f '${Version}' dragoman"), version);
    assert.match(machine.read('etc/dragoman/dragoman.yaml'), /shutdown_timeout: 5s\n$/);
    assert.ok(machine.exists('etc/dragoman/dragoman.yaml.dpkg-dist'), 'the new one lies beside it');
    fs.rmSync(machine.path('etc/dragoman/dragoman.yaml.dpkg-dist'));
    assert.strictEqual(machine.read('etc/dragoman/admin.token'), token);
    assert.ok(machine.exists('var/lib/dragoman/journal.sqlite'));
    assert.match(machine.run('cat /var/log/dpkg.log'), /trigproc dragoman/, 'one restart, when the plugins are there too');
    assert.match(machine.run(service(machine, session), { network: false }), /"name": "call_created"/);
  });

  await t.test('a plugin for another ABI is refused', () => {
    const other = repacked(deb('dragoman-bus-mqtt'), machine.path('packages/other.deb'), (control) => {
      assert.match(control, /dragoman-plugin-abi-0 \(= 0\.1\)/);
      return control.replace('dragoman-plugin-abi-0 (= 0.1)', 'dragoman-plugin-abi-0 (= 0.2)');
    });
    const { status, output } = machine.tryRun(`apt-get install -qy --no-install-recommends /packages/${path.basename(other)}`);
    assert.notStrictEqual(status, 0);
    assert.match(output, /dragoman-plugin-abi-0/);
  });

  await t.test('a plugin is built outside of the tree with dragoman-dev', () => {
    machine.install([deb('dragoman-dev')]);
    assert.ok(machine.exists('usr/include/dragoman/plugin.h'));
    // From here, with the compiler of this machine: what is installed works wherever it lies.
    const guide = path.join(root, 'tests/sdk/guide.test.js');
    if (!fs.existsSync(guide)) return;
    const env = { ...process.env, DRAGOMAN_PREFIX: machine.path('usr') };
    // Whatever its value, with it nothing is run.
    delete env.NODE_TEST_CONTEXT;
    const done = spawnSync(process.execPath, ['--test', guide], { encoding: 'utf8', env });
    assert.strictEqual(done.status, 0, done.stdout + done.stderr);
    assert.match(done.stdout, /^# pass [1-9]/m);
  });

  await t.test('removing leaves configuration and data, and installing again takes them up', () => {
    machine.run('apt-get remove -qy dragoman');
    assert.ok(!machine.exists('usr/bin/dragoman') && !machine.exists('usr/lib/systemd/system/dragoman.service'));
    for (const file of ['etc/dragoman/dragoman.yaml', 'etc/dragoman/admin.token', 'var/lib/dragoman/journal.sqlite']) assert.ok(machine.exists(file), file);
    machine.install(names.map(deb));
    assert.strictEqual(machine.read('etc/dragoman/admin.token'), token);
    assert.strictEqual(machine.run('systemctl is-enabled dragoman').trim(), 'enabled');
    assert.match(machine.run(service(machine, session), { network: false }), /"name": "call_created"/);
  });

  await t.test('purging leaves nothing but what the admin made, and a locked user', () => {
    machine.run("apt-get purge -qy --auto-remove 'dragoman*'");
    for (const file of ['etc/dragoman/conf.d/wazo.yaml', 'etc/dragoman/alice.token']) {
      assert.ok(machine.exists(file), `${file} is not the package's`);
      fs.rmSync(machine.path(file));
    }
    for (const directory of ['etc/dragoman/conf.d', 'etc/dragoman']) fs.rmdirSync(machine.path(directory));
    const after = machine.files();
    assert.deepStrictEqual(after.filter((name) => !before.includes(name)), []);
    assert.deepStrictEqual(before.filter((name) => !after.includes(name)), []);
    assert.match(machine.run('getent shadow dragoman'), /^dragoman:!/);
  });
});

test('packages: purging a machine where nobody changed anything leaves nothing', { skip: notHere, timeout: 600000 }, async (t) => {
  const machine = new Machine(t);
  machine.run('apt-get update -q');
  const before = machine.files();
  machine.install(debs());
  assert.match(machine.run('dragoman plugins'), /^mqtt [^]*^nats [^]*^postgres [^]*^redis /m);
  assert.match(machine.run('dragoman --version'), /plugin ABI/);
  machine.run("apt-get purge -qy --auto-remove 'dragoman*'");
  assert.deepStrictEqual(machine.files().filter((name) => !before.includes(name)), []);
});
