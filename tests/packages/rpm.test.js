// SPDX-License-Identifier: Apache-2.0
// The life of the RPMs on a machine whose package manager is rpm: what they need, bring, run, keep and leave.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { Machine, packages, debs, field, output, notHere, service, wazo, session } = require('./machine');

const rpms = fs.existsSync(packages) ? fs.readdirSync(packages).filter((name) => name.endsWith('.rpm')).map((name) => path.join(packages, name)) : [];
const query = (file, format) => output('rpm', ['-qp', '--qf', format, file]);
const nameOf = (file) => query(file, '%{NAME}');
const named = (...names) => rpms.filter((file) => names.includes(nameOf(file)));

// rpm of this machine upon the other one's root and database, where the scriptlets run.
class RpmMachine extends Machine {
  tryRpm(...args) {
    const done = spawnSync('unshare', ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', 'sh', '-c',
      `mount -t proc proc ${this.directory}/proc && exec rpm --root ${this.directory} --dbpath /var/lib/rpm --force-debian "$@"`, 'rpm', ...args], { encoding: 'utf8', cwd: '/' });
    return { status: done.status, output: done.stdout + done.stderr };
  }
  rpm(...args) {
    const { status, output: text } = this.tryRpm(...args);
    assert.strictEqual(status, 0, `rpm ${args.join(' ')}\n${text}`);
    return text;
  }
  // What Debian's packages bring, as a package that says so: only names that are no package of ours.
  provideLibraries() {
    this.run(`apt-get update -q && apt-get install -qy --no-install-recommends ${[...new Set(debs().flatMap((file) => field(file, 'Depends').split(', ')
      .map((d) => d.split(' ')[0]).filter((d) => /^(lib|zlib)/.test(d))))].join(' ')}`);
    const needed = new Set(rpms.flatMap((file) => output('rpm', ['-qp', '--requires', file]).split('\n')));
    const provides = [...needed].filter((line) => line && !/^(rpmlib\(|config\(|dragoman)/.test(line)).map((line) => line.split(' ')[0]);
    // Each library is really there.
    const loader = this.run('ldconfig -p');
    for (const library of provides.filter((p) => p.includes('.so'))) assert.ok(loader.includes(`\t${library.split('(')[0]} `), library);
    this.write('packages/base.spec', ['Name: base', 'Version: 1', 'Release: 1', 'Summary: Debian', 'License: none', 'BuildArch: noarch',
      ...provides.filter((p) => !p.startsWith('/')).map((p) => `Provides: ${p}`), '%description', 'Debian.', '%files',
      ...provides.filter((p) => p.startsWith('/')).map((p) => `%ghost ${p}`), ''].join('\n'));
    output('rpmbuild', ['-bb', '--quiet', '--define', `_topdir ${this.path('packages')}`, this.path('packages/base.spec')], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.rpm('-i', '--justdb', this.path('packages/RPMS/noarch/base-1-1.noarch.rpm'));
  }
}

test('packages: RPMs install, run, verify, upgrade and go', { skip: notHere, timeout: 300000 }, async (t) => {
  const machine = new RpmMachine(t);
  machine.provideLibraries();
  // The package `filesystem` has these where rpm is at home.
  for (const directory of ['usr/lib64/pkgconfig', 'usr/share/zsh/site-functions']) fs.mkdirSync(machine.path(directory), { recursive: true });
  const before = machine.files();

  await t.test('a plugin without its gateway, or for another ABI, is refused', () => {
    for (const file of rpms.filter((f) => nameOf(f) !== 'dragoman')) {
      const { status, output: text } = machine.tryRpm('-i', '--test', file);
      assert.notStrictEqual(status, 0);
      const missing = text.split('\n').filter((line) => line.includes(' is needed by '));
      assert.strictEqual(missing.length, 1, text);
      assert.match(missing[0], /^\s*(dragoman-plugin-abi-0 = 0\.1|dragoman = \S+) is needed by/);
    }
  });

  await t.test('all of them install, and every file is as the packages say', () => {
    const text = machine.rpm('-i', ...rpms);
    assert.doesNotMatch(text, /warning|error|fail/i);
    for (const file of rpms) assert.strictEqual(machine.tryRpm('-V', nameOf(file)).output, '');
    assert.strictEqual(machine.run('stat -c "%a %U %G" /etc/dragoman/admin.token /var/lib/dragoman'), '640 root dragoman\n750 dragoman dragoman\n');
    assert.match(machine.read('etc/dragoman/admin.token'), /^[0-9a-f]{64}$/);
    for (const file of rpms)
      for (const line of query(file, '[%{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILEFLAGS:fflags} %{FILENAMES}\n]').split('\n').filter(Boolean)) {
        const [mode, owner, ...rest] = line.split(/ +/);
        const name = rest.pop();
        // Nothing that others may write, and nothing with rights of its own.
        assert.match(mode, /^(-rw-r--r--|-rwxr-xr-x|drwxr-xr-x|-rw-r-----)$/, line);
        assert.strictEqual(owner, name.endsWith('admin.token') ? 'root:dragoman' : 'root:root', line);
        if (name.startsWith('/etc/') && !mode.startsWith('d')) assert.match(rest.join(), name.endsWith('admin.token') ? /g/ : /c.*n/, line);
      }
    const elsewhere = machine.files().filter((name) => !before.includes(name) && !/^\.\/(usr|var\/lib\/(rpm|dragoman))|^\.\/etc\/(dragoman|systemd\/system)/.test(name));
    assert.deepStrictEqual(elsewhere, []);
  });

  await t.test('the gateway finds all plugins, and a client of a dialect gets an event', () => {
    const plugins = machine.run('dragoman plugins');
    for (const plugin of ['amqp', 'honeytrap', 'kazoo', 'lavaboom', 'mqtt', 'nats', 'postgres', 'redis', 'sqlite', 'valtronics', 'wazo'])
      assert.match(plugins, new RegExp(`^${plugin} .* /usr/lib64/dragoman/plugins/${plugin}\\.so$`, 'm'));
    machine.write('etc/dragoman/conf.d/wazo.yaml', wazo);
    machine.write('etc/dragoman/alice.token', 'alice\n');
    assert.match(machine.run(service(machine, session), { network: false }), /"name": "call_created"/);
  });

  await t.test('installed again it keeps what the admin changed, and the token', () => {
    const token = machine.read('etc/dragoman/admin.token');
    fs.appendFileSync(machine.path('etc/dragoman/dragoman.yaml'), 'shutdown_timeout: 5s\n');
    machine.rpm('-U', '--replacepkgs', ...rpms);
    assert.match(machine.read('etc/dragoman/dragoman.yaml'), /shutdown_timeout: 5s\n$/);
    assert.strictEqual(machine.read('etc/dragoman/admin.token'), token);
    assert.match(machine.run(service(machine, session), { network: false }), /"name": "call_created"/);
  });

  await t.test('the gateway does not go while plugins need it', () => {
    const { status, output: text } = machine.tryRpm('-e', 'dragoman');
    assert.notStrictEqual(status, 0);
    assert.match(text, /dragoman-plugin-abi-0 = 0\.1 is needed by \(installed\) dragoman-dialects/);
  });

  await t.test('erased they leave what the admin made or changed, and a locked user', () => {
    machine.rpm('-e', ...rpms.map(nameOf));
    assert.match(machine.read('etc/dragoman/dragoman.yaml.rpmsave'), /shutdown_timeout: 5s\n$/);
    const after = machine.files();
    assert.deepStrictEqual(after.filter((name) => !before.includes(name) && !name.startsWith('./var/lib/rpm')), ['./etc/dragoman', './etc/dragoman/alice.token', './etc/dragoman/conf.d', './etc/dragoman/conf.d/wazo.yaml',
      './etc/dragoman/dragoman.yaml.rpmsave']);
    assert.deepStrictEqual(before.filter((name) => !after.includes(name)), []);
    assert.match(machine.run('getent shadow dragoman'), /^dragoman:!/);
    fs.rmSync(machine.path('etc/dragoman'), { recursive: true });
  });

  await t.test('where nobody changed anything they leave nothing', () => {
    machine.rpm('-i', ...named('dragoman', 'dragoman-dialects'));
    machine.rpm('-e', 'dragoman', 'dragoman-dialects');
    assert.deepStrictEqual(machine.files().filter((name) => !before.includes(name) && !name.startsWith('./var/lib/rpm')), []);
  });
});
