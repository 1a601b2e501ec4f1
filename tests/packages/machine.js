// SPDX-License-Identifier: Apache-2.0
// A fresh Debian in a directory, to install packages in: as a chroot, or booted with its own systemd.
'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFileSync, spawn, spawnSync } = require('node:child_process');
const { waitFor } = require('../support/gateway');

const root = path.resolve(__dirname, '../..');
const packages = path.join(root, 'build/packages');
const cache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'dragoman');
const cannot = () => {
  if (process.getuid() !== 0) return 'needs root: debootstrap and chroot';
  const tried = spawnSync('unshare', ['--mount', '--pid', '--fork', '--propagation', 'private', 'true'], { encoding: 'utf8' });
  return tried.status === 0 ? false : `needs mounts of its own, which this system refuses: ${tried.stderr}`;
};
const notHere = cannot();

const output = (program, args, options = {}) => execFileSync(program, args, { encoding: 'utf8', maxBuffer: 64 << 20, ...options });
const debs = () => fs.readdirSync(packages).filter((name) => name.endsWith('.deb')).map((name) => path.join(packages, name));
const deb = (name) => debs().find((file) => path.basename(file).startsWith(`${name}_`));
const field = (file, name) => output('dpkg-deb', ['-f', file, name]).trim();

// Made once; the next run unpacks it.
function base() {
  const architecture = output('dpkg', ['--print-architecture']).trim();
  const tar = path.join(cache, `bookworm-${architecture}-2.tar`);
  if (fs.existsSync(tar)) return tar;
  fs.mkdirSync(path.join(cache, 'archives', 'partial'), { recursive: true });
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-debian-'));
  try {
    output('debootstrap', ['--variant=minbase', '--include=ca-certificates,dbus,systemd,systemd-sysv', 'bookworm', directory, 'http://deb.debian.org/debian'],
      { stdio: ['ignore', 'pipe', 'inherit'] });
    output('tar', ['-C', directory, '-cf', `${tar}.${process.pid}`, '.']);
    fs.renameSync(`${tar}.${process.pid}`, tar);
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
  return tar;
}

// The package in `file` as if it had been built with other control data or files. edit: (text of control, directory) => text.
function repacked(file, to, edit) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-repack-'));
  try {
    output('dpkg-deb', ['-R', file, directory]);
    const control = path.join(directory, 'DEBIAN/control');
    fs.writeFileSync(control, edit(fs.readFileSync(control, 'utf8'), directory));
    output('dpkg-deb', ['--root-owner-group', '-b', directory, to]);
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
  return to;
}
// The same with another version, also in what it says of its siblings.
const reversioned = (file, to, version, edit = () => {}) => repacked(file, to, (control, directory) => {
  const old = control.match(/^Version: (.*)$/m)[1];
  edit(directory);
  return control.replaceAll(old, version);
});

class Machine {
  constructor(t) {
    this.directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-machine-'));
    t.after(async () => {
      await this.shut();
      fs.rmSync(this.directory, { recursive: true, force: true });
    });
    output('tar', ['-C', this.directory, '-xpf', base()]);
    fs.chmodSync(this.directory, 0o755);
    fs.mkdirSync(path.join(this.directory, 'packages'));
    fs.mkdirSync(path.join(cache, 'archives', 'partial'), { recursive: true });
  }
  path(name) { return path.join(this.directory, name); }
  read(name) { return fs.readFileSync(this.path(name), 'utf8'); }
  write(name, text) {
    fs.mkdirSync(path.dirname(this.path(name)), { recursive: true });
    fs.writeFileSync(this.path(name), text);
  }
  exists(name) { return fs.lstatSync(this.path(name), { throwIfNoEntry: false }) !== undefined; }
  copy(files) { for (const file of files) fs.copyFileSync(file, this.path(`packages/${path.basename(file)}`)); }

  // In namespaces of its own, so that mounts and processes end with it. Returns {status, output}.
  tryRun(script, { network = true } = {}) {
    const mounts = `mount -t proc proc ${this.directory}/proc && mount --bind ${cache}/archives ${this.directory}/var/cache/apt/archives`;
    const alone = network ? '' : 'ip link set lo up && ';
    const done = spawnSync('unshare', ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', ...(network ? [] : ['--net']),
      'sh', '-c', `${mounts} && ${alone}exec chroot ${this.directory} /bin/sh -c "$0"`, script],
    { encoding: 'utf8', maxBuffer: 64 << 20, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' } });
    return { status: done.status, output: done.stdout + done.stderr };
  }
  run(script, options) {
    const { status, output: text } = this.tryRun(script, options);
    if (status !== 0) throw new Error(`${script}\nended with ${status}:\n${text}`);
    return text;
  }
  install(files, options = '') {
    this.copy(files);
    return this.run(`apt-get update -q && apt-get install -qy --no-install-recommends ${options} ${files.map((file) => `/packages/${path.basename(file)}`).join(' ')}`);
  }

  // Every path that an admin could miss or find too much. Not: caches, logs and the databases of dpkg, apt and users.
  files() {
    const skipped = /^\.\/(proc|sys|dev|run|tmp|packages|var\/(cache|log|lib\/(dpkg|apt|systemd\/random-seed)))(\/|$)|^\.\/etc\/(ld\.so\.cache|(passwd|group|shadow|gshadow)-?|\.pwd\.lock)$/;
    return output('find', ['.', '-xdev'], { cwd: this.directory }).split('\n').filter((name) => name && !skipped.test(name)).sort();
  }

  // Starts its systemd. False: that cannot be done here; `why` tells.
  async boot() {
    this.process = spawn('systemd-nspawn', ['-q', '-D', this.directory, '--register=no', '--keep-unit', '--boot', '--private-network', '--console=pipe', '--link-journal=no'],
      { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '', gone = false;
    this.process.stdout.on('data', (data) => { text += data; });
    this.process.stderr.on('data', (data) => { text += data; });
    this.process.on('close', () => { gone = true; });
    this.gone = new Promise((resolve) => { this.process.on('close', resolve); });
    try {
      await waitFor('a booted machine', () => {
        if (gone) throw new Error('it ended');
        const child = spawnSync('pgrep', ['-P', `${this.process.pid}`], { encoding: 'utf8' }).stdout.trim().split('\n')[0];
        this.leader = child;
        return child && /running|degraded/.test(this.tryInside('systemctl is-system-running').output);
      }, 60000);
      return true;
    } catch (error) {
      this.why = `${error.message}: ${text.slice(-400)}`;
      await this.shut();
      return false;
    }
  }
  tryInside(script) {
    const done = spawnSync('nsenter', ['-t', this.leader, '-m', '-u', '-i', '-n', '-p', '-C', '--root', '--wd', 'sh', '-c', script],
      { encoding: 'utf8', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8', SYSTEMD_PAGER: '' } });
    return { status: done.status, output: done.stdout + done.stderr };
  }
  inside(script) {
    const { status, output: text } = this.tryInside(script);
    if (status !== 0) throw new Error(`${script}\nended with ${status}:\n${text}`);
    return text;
  }
  async shut() {
    if (!this.process) return;
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const timer = setTimeout(() => this.process.kill('SIGKILL'), 30000);
      // Twice means at once.
      this.process.kill('SIGTERM');
      await new Promise((resolve) => setTimeout(resolve, 200));
      this.process.kill('SIGTERM');
      await this.gone;
      clearTimeout(timer);
    }
    this.process = null;
  }
}

// Runs the unit's own command lines as its user; the script in between talks to the service.
function service(machine, script) {
  const unit = machine.read('usr/lib/systemd/system/dragoman.service');
  const value = (key) => unit.match(new RegExp(`^${key}=(.*)$`, 'm'))[1];
  const as = `setpriv --reuid=${value('User')} --regid=${value('Group')} --init-groups --no-new-privs --inh-caps=-all --bounding-set=-all --`;
  return `
    set -e
    rm -rf /run/dragoman
    install -d -o ${value('User')} -g ${value('Group')} /run/dragoman
    ${as} ${value('ExecStartPre')}
    ${as} ${value('ExecStart')} --ports-file /run/dragoman/ports 2>/run/dragoman/log &
    pid=$!
    for i in $(seq 200); do [ -e /run/dragoman/ports ] && break; kill -0 $pid || { cat /run/dragoman/log; exit 1; }; sleep 0.05; done
    ${script}
    kill $pid
    wait $pid`;
}

const wazo = `
listeners: {wazo: {address: "127.0.0.1:9502"}}
authenticators:
  local: {type: static, tokens: [{token: "\${file:/etc/dragoman/alice.token}", grants: [websocketd, "#"]}]}
mounts:
  wazo:
    plugin: wazo
    listen: [{listener: wazo, path: /}]
    bus: main
    authenticator: local
    settings: {tls: "off"}
`;
const session = `
    dragoman connect 'ws://127.0.0.1:9502/?token=alice' --send '{"op": "subscribe", "data": {"event_name": "*"}}' --send '{"op": "start"}' --count 4 --timeout 20 >/run/client &
    client=$!
    for i in $(seq 200); do grep -q '"start"' /run/client && break; sleep 0.05; done
    dragoman publish --token-file /etc/dragoman/admin.token --channel xivo --key calls \\
      --body '{"name": "call_created", "required_acl": null, "data": {}}' >/run/published
    wait $client
    cat /run/client`;

module.exports = { service, wazo, session, Machine, root, packages, debs, deb, field, output, repacked, reversioned, notHere };
