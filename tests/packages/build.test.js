// SPDX-License-Identifier: Apache-2.0
// What the packages are: their files, relations and papers, and that one commit gives the same bytes anywhere.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { root, packages, debs, deb, field, output } = require('./machine');

const families = ['bus-amqp', 'bus-mqtt', 'bus-nats', 'bus-redis', 'dialects', 'journal-postgres', 'journal-sqlite'];
const all = ['dragoman', 'dragoman-dev', ...families.map((family) => `dragoman-${family}`)].sort();
const rpms = () => fs.readdirSync(packages).filter((name) => name.endsWith('.rpm')).map((name) => path.join(packages, name));
const rpm = (name) => rpms().find((file) => output('rpm', ['-qp', '--qf', '%{NAME}', file]) === name);
const lines = (...command) => output(command[0], command.slice(1)).split('\n').filter(Boolean);
const debFiles = (name) => lines('dpkg-deb', '-c', deb(name)).map((line) => line.split(' ./')[1]).filter((file) => file && !file.endsWith('/'));
const scratch = (t) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-test-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
};

test('packages: lintian finds nothing, except what the overrides explain', () => {
  const done = spawnSync('lintian', ['--allow-root', '--fail-on', 'error,warning', ...debs()], { encoding: 'utf8' });
  assert.strictEqual(done.status, 0, done.stdout + done.stderr);
  const overrides = fs.readFileSync(path.join(root, 'packaging/debian/lintian-overrides'), 'utf8').trim().split('\n');
  overrides.forEach((line, i) => assert.ok(line.startsWith('#') || overrides[i - 1]?.startsWith('#'), `${line}: without a reason`));
});

test('packages: the same split in both formats, each plugin in its family', () => {
  assert.deepStrictEqual(debs().map((file) => field(file, 'Package')).sort(), all);
  assert.deepStrictEqual(rpms().map((file) => output('rpm', ['-qp', '--qf', '%{NAME}', file])).sort(), all);
  for (const family of families) {
    const name = `dragoman-${family}`;
    const expected = family === 'dialects' ? ['honeytrap', 'kazoo', 'lavaboom', 'valtronics', 'wazo'] : [family.split('-')[1]];
    for (const files of [debFiles(name), lines('rpm', '-qpl', rpm(name))])
      assert.deepStrictEqual(files.filter((file) => file.endsWith('.so')).map((file) => path.basename(file, '.so')).sort(), expected);
  }
  for (const [files, zsh] of [[debFiles('dragoman'), 'vendor-completions'], [lines('rpm', '-qpl', rpm('dragoman')).map((f) => f.slice(1)), 'site-functions']])
    for (const file of ['usr/bin/dragoman', 'etc/dragoman/dragoman.yaml', 'usr/lib/systemd/system/dragoman.service', 'usr/lib/sysusers.d/dragoman.conf',
      'usr/lib/tmpfiles.d/dragoman.conf', 'usr/share/man/man1/dragoman.1.gz', 'usr/share/man/man5/dragoman.yaml.5.gz', `usr/share/zsh/${zsh}/_dragoman`,
      'usr/share/bash-completion/completions/dragoman', 'usr/share/fish/vendor_completions.d/dragoman.fish', 'usr/share/doc/dragoman/dragoman.spdx.json'])
      assert.ok(files.includes(file), file);
  assert.ok(debFiles('dragoman-dev').includes('usr/include/dragoman/plugin.h'));
  assert.deepStrictEqual(lines('rpm', '-qpc', rpm('dragoman')), ['/etc/dragoman/dragoman.yaml']);
});

test('packages: they depend on the libraries that their binaries need, and on the ABI', (t) => {
  const provided = field(deb('dragoman'), 'Provides');
  assert.match(provided, /^dragoman-plugin-abi-\d+ \(= \d+\.\d+\)$/);
  assert.match(lines('rpm', '-qp', '--provides', rpm('dragoman')).join('\n'), /^dragoman-plugin-abi-\d+ = \d+\.\d+$/m);
  for (const family of families) {
    const name = `dragoman-${family}`;
    const depends = field(deb(name), 'Depends').split(', ');
    assert.ok(depends.includes(provided), `${name}: ${depends}`);
    const requires = lines('rpm', '-qp', '--requires', rpm(name));
    assert.ok(requires.includes(provided.replace(/[()]/g, '')), name);
    assert.deepStrictEqual(lines('rpm', '-qp', '--provides', rpm(name)).filter((line) => line.includes('.so')), []);
    const directory = scratch(t);
    output('dpkg-deb', ['-x', deb(name), directory]);
    for (const file of debFiles(name).filter((f) => f.endsWith('.so'))) {
      const needed = [...output('objdump', ['-p', path.join(directory, file)]).matchAll(/NEEDED +(\S+)/g)].map((m) => m[1]);
      assert.ok(needed.includes('libc.so.6'));
      for (const library of needed.filter((n) => !n.startsWith('ld-linux'))) {
        const found = output('ldd', [path.join(directory, file)]).match(new RegExp(`${library.replace(/[.+]/g, '\\$&')} => (\\S+)`))[1];
        const owner = [found, fs.realpathSync(found).replace(/^\/usr/, ''), fs.realpathSync(found)]
          .map((where) => spawnSync('dpkg-query', ['-S', where], { encoding: 'utf8' }).stdout.split(':')[0]).find(Boolean);
        assert.ok(depends.some((d) => d.split(' ')[0] === owner), `${name}: ${library} of ${owner}, has ${depends}`);
        assert.ok(requires.some((r) => r.startsWith(`${library}(`)), `${name}: ${library}, has ${requires}`);
      }
    }
  }
});

test('packages: the unit holds its promises', (t) => {
  const file = path.join(root, 'build/deb/packaging/dragoman.service');
  const done = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=15', '--no-pager', file], { encoding: 'utf8' });
  assert.strictEqual(done.status, 0, done.stdout + done.stderr);
  // Where the program and the pages of the manual are not installed it would miss them.
  const directory = scratch(t);
  fs.writeFileSync(path.join(directory, 'dragoman.service'), fs.readFileSync(file, 'utf8').replaceAll('/usr/bin/dragoman', '/bin/true').replace(/^Documentation=.*\n/m, ''));
  fs.copyFileSync(path.join(root, 'packaging/systemd/dragoman.socket'), path.join(directory, 'dragoman.socket'));
  const verified = spawnSync('systemd-analyze', ['verify', path.join(directory, 'dragoman.service'), path.join(directory, 'dragoman.socket')], { encoding: 'utf8' });
  assert.strictEqual(verified.stderr.split('\n').filter((line) => line.includes('dragoman')).join('\n'), '');
});

test('packages: shells and man understand what is made for them', (t) => {
  const directory = scratch(t);
  output('dpkg-deb', ['-x', deb('dragoman'), directory]);
  const share = path.join(directory, 'usr/share');
  output('bash', ['-n', path.join(share, 'bash-completion/completions/dragoman')]);
  output('zsh', ['-n', path.join(share, 'zsh/vendor-completions/_dragoman')]);
  const fish = (line) => output('fish', ['-c', `source ${share}/fish/vendor_completions.d/dragoman.fish; complete -C '${line}'`]).split('\n').map((l) => l.split('\t')[0]).filter(Boolean);
  assert.ok(fish('dragoman ').includes('serve') && fish('dragoman token ').includes('jwt'));
  assert.deepStrictEqual(fish('dragoman publish --format ').sort(), ['bodies', 'events']);
  for (const page of ['man1/dragoman.1.gz', 'man5/dragoman.yaml.5.gz']) {
    const read = spawnSync('man', ['--warnings', '-l', path.join(share, 'man', page)], { encoding: 'utf8', env: { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8' } });
    assert.strictEqual(read.stderr, '', page);
    assert.match(read.stdout, /NAME\n +dragoman/);
    const lint = spawnSync('mandoc', ['-Tlint', '-Wunsupp', path.join(share, 'man', page)], { encoding: 'utf8' });
    assert.doesNotMatch(lint.stdout, /ERROR|UNSUPP/);
  }
});

test('packages: the bill of materials is valid SPDX, and names what is linked', (t) => {
  const directory = scratch(t);
  output('dpkg-deb', ['-x', deb('dragoman'), directory]);
  const bill = JSON.parse(fs.readFileSync(path.join(directory, 'usr/share/doc/dragoman/dragoman.spdx.json'), 'utf8'));
  assert.strictEqual(bill.spdxVersion, 'SPDX-2.3');
  assert.strictEqual(bill.dataLicense, 'CC0-1.0');
  assert.strictEqual(bill.SPDXID, 'SPDXRef-DOCUMENT');
  assert.match(bill.creationInfo.created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.ok(URL.canParse ? URL.canParse(bill.documentNamespace) : new URL(bill.documentNamespace));
  const ids = new Set(bill.packages.map((p) => p.SPDXID));
  assert.strictEqual(ids.size, bill.packages.length, 'each id once');
  const references = new Set(bill.hasExtractedLicensingInfos.map((l) => l.licenseId));
  for (const p of bill.packages) {
    assert.match(p.SPDXID, /^SPDXRef-[A-Za-z0-9.-]+$/);
    for (const member of ['name', 'versionInfo', 'downloadLocation', 'licenseDeclared', 'licenseConcluded', 'copyrightText', 'supplier']) assert.ok(p[member], `${p.name}: ${member}`);
    for (const [reference] of p.licenseDeclared.matchAll(/LicenseRef-[A-Za-z0-9.-]+/g)) assert.ok(references.has(reference), reference);
    assert.notStrictEqual(p.licenseDeclared, 'NOASSERTION', p.name);
  }
  for (const r of bill.relationships)
    for (const id of [r.spdxElementId, r.relatedSpdxElement]) assert.ok(ids.has(id) || id === bill.SPDXID, id);
  // dpkg-shlibdeps looks by symbols, the bill by names: the first may leave out what the second has.
  for (const name of all.filter((n) => n !== 'dragoman-dev'))
    for (const depends of field(deb(name), 'Depends').split(', ').map((d) => d.split(' ')[0]).filter((d) => /^(lib|zlib)/.test(d))) {
      const listed = bill.packages.find((p) => p.name === depends.replace(/-fmt9$/, ''));
      assert.ok(listed, `${name}: ${depends}`);
      assert.strictEqual(listed.versionInfo, output('dpkg-query', ['-W', '-f', '${Version}', listed.name]));
    }
});

const digests = (files) => Object.fromEntries(files.map((file) => [path.basename(file), crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex')]).sort());
const epoch = () => {
  const bill = JSON.parse(fs.readFileSync(path.join(root, 'build/deb/packaging/doc/dragoman.spdx.json'), 'utf8'));
  return `${Date.parse(bill.creationInfo.created) / 1000}`;
};

test('packages: made again they are the same, byte for byte', (t) => {
  for (const [preset, made] of [['deb', debs()], ['rpm', rpms()]]) {
    const directory = scratch(t);
    output('cpack', ['-B', directory], { cwd: path.join(root, 'build', preset), env: { ...process.env, SOURCE_DATE_EPOCH: epoch(), TZ: 'Asia/Tokyo' }, stdio: ['ignore', 'pipe', 'pipe'] });
    const again = fs.readdirSync(directory).filter((name) => /\.(deb|rpm)$/.test(name)).map((name) => path.join(directory, name));
    assert.deepStrictEqual(digests(again), digests(made));
  }
});

test('packages: built in another place they are the same, byte for byte', { timeout: 1800000 }, (t) => {
  const directory = path.join(scratch(t), 'a-longer-name-of-another-tree');
  fs.mkdirSync(directory);
  const files = output('git', ['-C', root, 'ls-files', '-co', '--exclude-standard', '-z']).split('\0').filter((file) => file && fs.existsSync(path.join(root, file)));
  for (const file of files) fs.cpSync(path.join(root, file), path.join(directory, file), { preserveTimestamps: false });
  const env = { ...process.env, SOURCE_DATE_EPOCH: epoch(), CCACHE_BASEDIR: directory, CCACHE_NOHASHDIR: '1' };
  output('cmake', ['--preset', 'deb'], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  output('cmake', ['--build', '--preset', 'deb'], { cwd: directory, env });
  output('cpack', [], { cwd: path.join(directory, 'build/deb'), env, stdio: ['ignore', 'pipe', 'pipe'] });
  const made = fs.readdirSync(path.join(directory, 'build/packages')).filter((name) => name.endsWith('.deb')).map((name) => path.join(directory, 'build/packages', name));
  assert.deepStrictEqual(digests(made), digests(debs()));
});
