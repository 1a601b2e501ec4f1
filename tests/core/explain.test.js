// SPDX-License-Identifier: Apache-2.0
// dragoman check and dragoman explain on translations, from the command line.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { program, pluginDirs } = require('../support/gateway');

const demo = path.resolve(__dirname, '../../config/demo.yaml');
const account = '4b31dd1d32ce6d249897c06332375d65';
const alarm = { specversion: '1.0', id: 'alarm-1', source: '/plant', type: 'demo.alarm', time: '2026-01-31T12:00:00Z',
  data: { device: 'pump-7', severity: 'critical', text: 'Pressure is too high', account } };

function directory(t) {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-explain-'));
  t.after(() => fs.rmSync(made, { recursive: true, force: true }));
  return made;
}
function run(command, args, input = '') {
  const child = spawn(program, [command, ...args, ...pluginDirs.flatMap((d) => ['--plugins', d])]);
  let out = '', err = '';
  child.stdout.on('data', (d) => { out += d; });
  child.stderr.on('data', (d) => { err += d; });
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}
const explain = (t, event, more = [], config = demo) =>
  run('explain', ['--config', config, '--state', directory(t), '--event', '-', ...more], typeof event === 'string' ? event : JSON.stringify(event));

test('explain: rules, what they make, and who hears of it', async (t) => {
  const { code, out, err } = await explain(t, alarm, ['--json']);
  assert.strictEqual(code, 0, err);
  const { event, translations } = JSON.parse(out);
  assert.deepStrictEqual([event.id, event.channel, event.key, event.mounts], ['alarm-1', '', 'demo.alarm', []]);
  assert.deepStrictEqual(translations.map((r) => [r.translation, r.matched]), [['alarm', true]]);
  const made = translations[0].events;
  assert.deepStrictEqual(made.map((e) => e.outcome), Array(6).fill('made'));
  const mounts = made.map((e) => e.event.mounts.map((m) => [m.mount, m.way]));
  assert.deepStrictEqual(mounts, [[['wazo', 'mapped']], [['honeytrap', 'stored']], [['lavaboom', 'mapped']], [['kazoo', 'direct']], [['valtronics', 'mapped']], [['valtronics', 'mapped']]]);
  assert.deepStrictEqual(made[0].event.mounts[0].subscriptions, [{ channel: 'xivo', key: 'demo_alarm' }]);
  assert.strictEqual(made[3].event.mounts[0].subscriptions[0].key, `doc_edited.account%2F4b%2F31%2F${account.slice(4)}.device.pump-7`);
  assert.deepStrictEqual(JSON.parse(made[4].event.body), { type: 'demo', severity: 'critical', title: 'Alarm of pump-7', message: 'Pressure is too high', timestamp: alarm.time });
  assert.strictEqual(made[5].event.body, `{"timestamp":"${alarm.time}","metrics":[{"name":"alarm","value":1}]}`);
});

test('explain: certificates need not be there', async (t) => {
  const config = path.join(directory(t), 'dragoman.yaml');
  fs.writeFileSync(config, ['listeners: {main: {address: "127.0.0.1:1", tls: {certificate: none.pem, key: none.key}}}',
    'buses: {main: {plugin: embedded}}', 'mounts: {valtronics: {plugin: valtronics, listen: [{listener: main, path: "/"}]}}', ''].join('\n'));
  const { code, err } = await explain(t, alarm, [], config);
  assert.strictEqual(code, 0, err);
  const checked = await run('check', [config]);
  assert.strictEqual(checked.code, 1, checked.err);
  assert.match(checked.err + checked.out, /listeners\.main\.tls/);
});

test('explain: why a rule does not match, and why an event is not made', async (t) => {
  let { code, out } = await explain(t, { ...alarm, data: { ...alarm.data, severity: 'loud' } });
  assert.strictEqual(code, 0);
  assert.match(out, /translation alarm: does not match: not so: body \/severity is "info" or "warning" or "critical"/);
  ({ out } = await explain(t, { key: 'demo.other', body: {} }));
  assert.match(out, /translation alarm: does not match: the key does not fit "demo.alarm"/);
  ({ out } = await explain(t, { channel: 'x', key: 'demo.alarm', body: {} }));
  assert.match(out, /does not match: it is for the channel ""/);
  ({ out } = await explain(t, { key: 'demo.alarm', body: 'no JSON' }));
  assert.match(out, /not so: body \/device is there; the body is no JSON that can be read/);
  ({ out } = await explain(t, { ...alarm, data: { device: 'd', severity: 'info', text: 'x' } }));
  assert.match(out, /event 3: dropped: missing/);
  ({ out } = await explain(t, { channel: 'callevt', key: 'call.CHANNEL_CREATE.x', body: {} }));
  assert.match(out, /mount kazoo \(kazoo\): sessions that subscribed to it/);
});

test('explain: what is wrong with the event or the call', async (t) => {
  for (const [event, more, why] of [['{', [], /the event: .*JSON/], ['{"body":1,"x":2}', [], /the event: \/x: /], [alarm, ['--bus', 'other'], /there is no bus "other"/]]) {
    const { code, err } = await explain(t, event, more);
    assert.strictEqual(code, 1);
    assert.match(err, why);
  }
  for (const [file, why] of [['/nonexistent', /: No such file/], [os.tmpdir(), /: Is a directory/]])
    assert.match((await run('explain', ['--config', demo, '--state', directory(t), '--event', file])).err, why);
});

test('check: translations that can do nothing are errors, with their places', async (t) => {
  const own = directory(t), file = path.join(own, 'dragoman.yaml');
  fs.writeFileSync(file, [
    'listeners: {l: {address: "127.0.0.1:0"}}',
    'buses: {main: {plugin: embedded}}',
    'mounts:',
    '  kazoo: {plugin: kazoo, listen: [{listener: l, path: "/"}], settings: {modules: [call]}}',
    'translations:',
    '  unheard: {match: {key: a}, events: [{channel: callevent, key: b}]}',
    '  loop: {match: {channel: callevt, key: "call.#"}, events: [{channel: callevt, key: "call.${key.1}.x"}]}',
    '  never: {match: {key: a, body: {/x: 1, /x/y: 2}}, events: [{channel: callevt, key: b}]}',
    '',
  ].join('\n'));
  const { code, err } = await run('check', [file, '--state', own]);
  assert.strictEqual(code, 1);
  const lines = err.split('\n').filter((l) => l.includes('dragoman.yaml:'));
  assert.strictEqual(lines.length, 3, err);
  assert.match(lines[0], /dragoman\.yaml:6:\d+: translations\.unheard\.events\[0\]\.channel: .*did you mean "callevt"/);
  assert.match(lines[1], /dragoman\.yaml:7:\d+: translations\.loop\.events\[0\]: a loop/);
  assert.match(lines[2], /dragoman\.yaml:8:\d+: translations\.never\.match: this can never match/);
});

test('check: a channel that the bus never has', async (t) => {
  const own = directory(t), file = path.join(own, 'dragoman.yaml');
  fs.writeFileSync(file, [
    'listeners: {l: {address: "127.0.0.1:0"}}',
    'buses: {broker: {plugin: nats, settings: {url: "nats://127.0.0.1:4222", channel: iot}}}',
    'mounts: {v: {plugin: valtronics, listen: [{listener: l, path: "/"}], settings: {channel: iot, auth_required: false}}}',
    'translations: {t: {match: {channel: plant, key: a}, events: [{channel: iot, key: "${key}.alert"}]}}',
    '',
  ].join('\n'));
  const { code, err } = await run('check', [file, '--state', own]);
  assert.strictEqual(code, 1);
  assert.match(err, /:4:\d+: translations\.t\.match\.channel: this can never match: all events of the bus "broker" have the channel "iot"/);
});
