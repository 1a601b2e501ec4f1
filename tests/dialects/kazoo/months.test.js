// SPDX-License-Identifier: Apache-2.0
// kazoo digest section 9, row 15: databases of months, for a client that stays while the month changes. The gateway runs with a clock that is moved.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const k = require('./kazoo');
const { startGateway, waitFor } = require('../../support/gateway');
const { connected } = require('../../support/amqp');
const { vhost: makeVhost } = require('../../support/rabbitmq');

// Of Debian's package faketime.
const library = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`).find((file) => fs.existsSync(file));

// No answer comes in the two minutes that the clock jumps.
const limits = { ping_interval: '1h' };

// move() puts a gateway with that environment so many seconds behind the next month. start(env) starts it: the clock outlives it, since without its file
// today's date would be there, days away.
async function monthEnd(t, start) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-clock-'));
  const file = path.join(directory, 'clock');
  const now = new Date();
  const turn = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
  // Both clocks go there. An empty file would be today's date for a moment, days away.
  const move = (seconds) => {
    fs.writeFileSync(`${file}.new`, `+${Math.round((turn - now) / 1000) + seconds}s\n`);
    fs.renameSync(`${file}.new`, file);
  };
  move(-60);
  // AddressSanitizer's allocator would ask for the time under its lock, which the library needs to read the file under its own; nor does the search for
  // leaks come to its end with such a clock.
  const sanitizer = `${process.env.ASAN_OPTIONS || ''}:allocator_release_to_os_interval_ms=-1:detect_leaks=0`;
  const env = { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', ASAN_OPTIONS: sanitizer };
  try {
    return { move, gw: await start(env) };
  } finally {
    t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  }
}

test('kazoo row 15: subscriptions go on when the month changes', async (t) => {
  const { move, gw } = await monthEnd(t, (env) => k.start(t, { settings: { max_bucket_tokens: 1e6 }, limits }, { env }));
  const socket = await k.open(t, gw);
  const bindings = ['object.doc_created.mailbox_message', 'fax.object.doc_created', 'object.doc_created.call_recording'];
  for (const binding of bindings) await socket.subscribe(binding);
  const types = ['mailbox_message', 'fax', 'call_recording'];
  const publish = async (month) => {
    for (const type of types) await k.document(gw, 'doc_created', type, k.A, `${k.database(k.A)}-${k.month(month)}`);
  };
  // Nobody may miss what is made in the first moments of a month.
  for (const month of [0, 1]) {
    await publish(month);
    for (const binding of bindings) assert.strictEqual((await socket.event()).subscribed_key, binding);
  }
  await publish(2);
  await socket.noEvent();

  move(60);
  // The clock is looked at now and then.
  await waitFor('the next month', async () => {
    await publish(2);
    await socket.succeed({ action: 'ping' });
    return socket.events.splice(0).length === bindings.length;
  });
  for (const month of [1, 2]) {
    await publish(month);
    for (const binding of bindings) {
      const event = await socket.event();
      assert.deepStrictEqual([event.subscribed_key, event.routing_key.includes(`-${k.month(month)}.`)], [binding, true]);
    }
  }
  await publish(0);
  await socket.noEvent();
  assert.deepStrictEqual((await k.sockets(gw))[0].bindings, bindings);
});

test('kazoo row 15: RabbitMQ is asked for the present month and the next one', async (t) => {
  const vhost = await makeVhost(t);
  const bus = { plugin: 'amqp', settings: { url: vhost.url, reconnect_min: '20ms', reconnect_max: '100ms', exchanges: { configuration: { declare: true, durable: false } } } };
  const { move, gw } = await monthEnd(t, (env) => startGateway(t, k.config({ limits }).replace('{main: {plugin: embedded}}', `{main: ${JSON.stringify(bus)}}`), { env }));
  await connected(gw);
  const socket = await k.open(t, gw);
  await socket.subscribe('object.doc_created.mailbox_message');
  const bindings = (...months) => months.map((month) => `configuration doc_created.${k.database(k.A)}-${k.month(month)}.mailbox_message.*`);
  await vhost.has(...bindings(0, 1));
  move(60);
  await vhost.has(...bindings(1, 2));
  await vhost.pub('configuration', `doc_created.${k.database(k.A)}-${k.month(2)}.mailbox_message.id1`, { 'Event-Name': 'doc_created' });
  assert.match((await socket.event()).routing_key, new RegExp(`-${k.month(2)}\\.`));
});
