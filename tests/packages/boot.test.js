// SPDX-License-Identifier: Apache-2.0
// The service under systemd itself, with all its hardening, in a booted machine.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const { Machine, debs, deb, field, reversioned, notHere } = require('./machine');
const { waitFor } = require('../support/gateway');

const configuration = `
state: /var/lib/dragoman
listeners:
  tls: {address: "127.0.0.1:9502", tls: {self_signed: true}}
  plain: {address: "unix:/run/dragoman/plain.sock"}
  events: {address: "127.0.0.1:3000"}
buses:
  far: {plugin: amqp, settings: {url: "amqp://broker.example:5672/"}}
journals:
  kept: {plugin: sqlite, settings: {path: events.sqlite}}
authenticators:
  local: {type: static, tokens: [{token: alice, grants: [websocketd, "#"]}]}
mounts:
  wazo: {plugin: wazo, listen: [{listener: tls, path: /}], bus: main, authenticator: local}
  open: {plugin: wazo, listen: [{listener: plain, path: /}], bus: main, authenticator: local, settings: {tls: "off"}}
  far: {plugin: wazo, listen: [{listener: tls, path: /far}], bus: far, authenticator: local}
  events: {plugin: honeytrap, listen: [{listener: events, path: /ws}], bus: main, journal: kept}
`;

test('packages: the service of a booted machine', { skip: notHere, timeout: 300000 }, async (t) => {
  const machine = new Machine(t);
  machine.install(debs());
  machine.write('etc/dragoman/conf.d/all.yaml', configuration);
  machine.write('etc/hosts', '127.0.0.1 localhost broker.example\n');
  if (!await machine.boot()) {
    t.skip(`systemd-nspawn cannot boot a machine here: ${machine.why}`);
    return;
  }
  const show = (property) => machine.inside(`systemctl show --value -p ${property} dragoman`).trim();
  const journal = () => machine.inside('journalctl -u dragoman --no-pager -o cat');
  const active = () => waitFor('the service', () => /^active/.test(machine.tryInside('systemctl is-active dragoman').output), 30000);
  const connect = (url, options = '') => machine.inside(`dragoman connect --insecure ${options} '${url}' --count 1 --timeout 20`);

  await t.test('it is started at boot and ready, as its own user', async () => {
    await active().catch((error) => { throw new Error(`${error.message}\n${journal()}`); });
    assert.strictEqual(show('StatusErrno'), '0');
    assert.match(machine.inside(`ps -o user= -p ${show('MainPID')} 2>/dev/null || stat -c %U /proc/${show('MainPID')}`), /^dragoman/);
    assert.strictEqual(machine.inside(`grep -c '^Seccomp:.2$' /proc/${show('MainPID')}/status`).trim(), '1');
    assert.match(machine.inside(`grep '^CapBnd' /proc/${show('MainPID')}/status`), /0000000000000000/);
    assert.strictEqual(show('LimitNOFILE'), '1048576');
    // Not more than the machine itself has; all of it.
    assert.match(machine.inside(`grep 'open files' /proc/${show('MainPID')}/limits`), / (\d+) +\1 /);
  });

  await t.test('what it can do works behind its walls', async () => {
    assert.match(connect('wss://127.0.0.1:9502/?token=alice'), /"init"/);
    assert.ok(machine.exists('var/lib/dragoman/tls/tls.crt'), 'it has made its certificate');
    assert.ok(machine.exists('var/lib/dragoman/events.sqlite'), 'and its journal');
    assert.match(machine.inside('stat -c %F /run/dragoman/plain.sock'), /socket/);
    const published = machine.inside('dragoman publish --token-file /etc/dragoman/admin.token --bus main --channel xivo --key calls --body \'{"name": "x", "data": {}}\'');
    assert.match(published, /^[0-9a-f]{32}$/m);
    // Nothing listens there: the name was resolved and the connection refused, by the network and not by the unit.
    await waitFor('the bus to try', () => /refused/i.test(journal())).catch((error) => { throw new Error(`${error.message}\n${journal()}`); });
    assert.doesNotMatch(journal(), /not permitted|Permission denied|seccomp/i);
  });

  await t.test('reloading it keeps it running', async () => {
    const pid = show('MainPID');
    machine.inside('systemctl reload dragoman');
    await active();
    assert.strictEqual(show('MainPID'), pid);
  });

  await t.test('an upgrade restarts it once, when all packages are there', async () => {
    const before = show('InvocationID');
    const newer = ['dragoman', 'dragoman-dialects', 'dragoman-bus-amqp', 'dragoman-journal-sqlite']
      .map((name) => reversioned(deb(name), machine.path(`packages/${name}_new.deb`), `${field(deb(name), 'Version')}+new`));
    machine.inside(`dpkg -i ${newer.map((file) => `/packages/${path.basename(file)}`).join(' ')} 2>&1 || true`);
    assert.match(machine.inside("dpkg-query -W -f '${Version}' dragoman"), /\+new$/);
    await active();
    assert.notStrictEqual(show('InvocationID'), before);
    assert.strictEqual(machine.inside("journalctl -u dragoman -o cat --no-pager | grep -c 'msg=stopped'").trim(), '1');
    assert.match(connect('wss://127.0.0.1:9502/?token=alice'), /"init"/);
  });

  await t.test('plugins that do not fit its configuration do not end it', async () => {
    const before = show('InvocationID');
    const text = machine.inside('dpkg -r dragoman-bus-amqp 2>&1');
    assert.match(text, /not restarted[^]*amqp/);
    assert.strictEqual(show('InvocationID'), before);
    machine.inside('rm /etc/dragoman/conf.d/all.yaml');
  });

  await t.test('the watchdog ends it when it hangs, and it starts again', async () => {
    machine.write('etc/systemd/system/dragoman.service.d/quick.conf', '[Service]\nWatchdogSec=2\nTimeoutAbortSec=1\nRestartSec=0\n');
    machine.inside('systemctl daemon-reload && systemctl restart dragoman');
    const before = show('MainPID');
    machine.inside('sleep 3');
    assert.strictEqual(show('MainPID'), before, 'fed, it lives');
    machine.inside(`kill -STOP ${before}`);
    await waitFor('another process', () => !['0', before].includes(show('MainPID')), 30000);
    await active();
    assert.match(show('NRestarts'), /^[1-9]/);
  });

  await t.test('systemd holds its port, also a low one', async () => {
    machine.inside('systemctl stop dragoman');
    machine.write('etc/dragoman/conf.d/wazo.yaml', `
listeners: {public: {address: "systemd:public"}}
authenticators: {local: {type: static, tokens: [{token: alice, grants: [websocketd, "#"]}]}}
mounts: {wazo: {plugin: wazo, listen: [{listener: public, path: /}], bus: main, authenticator: local, settings: {tls: "off"}}}
`);
    machine.inside('cp /usr/share/doc/dragoman/examples/dragoman.socket /etc/systemd/system/ && systemctl daemon-reload && systemctl start dragoman.socket');
    assert.match(connect('ws://127.0.0.1:443/?token=alice'), /"init"/, 'whoever comes first starts it');
    await active();
    machine.inside('systemctl restart dragoman');
    assert.match(connect('ws://127.0.0.1:443/?token=alice'), /"init"/);
    machine.inside('systemctl stop dragoman.socket dragoman');
    assert.strictEqual(show('Result'), 'success');
  });

  await t.test('removing stops it, purging forgets it', () => {
    machine.inside('rm /etc/dragoman/conf.d/wazo.yaml /etc/systemd/system/dragoman.socket /etc/systemd/system/dragoman.service.d/quick.conf && systemctl daemon-reload && systemctl start dragoman');
    machine.inside("dpkg --purge $(dpkg-query -W -f '${Package} ' 'dragoman*') 2>&1");
    assert.notStrictEqual(machine.tryInside('systemctl is-active dragoman').status, 0);
    assert.ok(!machine.exists('var/lib/dragoman') && !machine.exists('etc/dragoman/admin.token'));
    assert.doesNotMatch(machine.inside('systemctl list-unit-files --no-pager'), /dragoman/);
  });
});
