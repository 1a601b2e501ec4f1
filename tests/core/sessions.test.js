// SPDX-License-Identifier: Apache-2.0
// What the host does for a dialect, seen through the test dialect `probe`, and what a plugin's mistakes cost.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { waitFor } = require('../support/gateway');
const { connect, frame } = require('../support/client');
const { startProbe, open, ask } = require('./probe');

test('sessions: host calls', async (t) => {
  const gw = await startProbe(t, { threads: 3, limits: { subscriptions: 5 } });
  await t.test('patterns, literals, variants, one copy per subscription', async (s) => {
    const clients = await Promise.all(Array.from({ length: 6 }, () => open(s, gw)));
    for (const [i, c] of clients.entries()) assert.match(await ask(c, `sub c a.* ${i % 2 + 1}`), /^subscribed [1-9]/);
    assert.match(await ask(clients[0], 'lit c a.b 3'), /^subscribed [1-9]/);
    await gw.publish({ channel: 'c', key: 'a.b', body: 'x' });
    for (const [i, c] of clients.entries()) {
      const got = [await c.next()];
      if (i === 0) got.push(await c.next());
      assert.deepStrictEqual(got.sort(), i === 0 ? ['1:x', '3:x'] : [`${i % 2 + 1}:x`]);
    }
  });
  await t.test('unsubscribe, another channel, another key', async (s) => {
    const c = await open(s, gw);
    const id = (await ask(c, 'sub c2 # 1')).split(' ')[1];
    await gw.publish({ channel: 'other', key: 'a', body: 'no' });
    await gw.publish({ channel: 'c2', key: 'a', body: 'yes' });
    assert.strictEqual(await c.next(), '1:yes');
    assert.strictEqual(await ask(c, `unsub ${id}`), 'unsubscribed 0');
    assert.strictEqual(await ask(c, `unsub ${id}`), 'unsubscribed -2');
    await gw.publish({ channel: 'c2', key: 'a', body: 'no' });
    assert.strictEqual(await ask(c, 'hello'), 'echo hello');
  });
  await t.test('a session cannot unsubscribe more than it has, nor subscribe more than it may', async (s) => {
    const c = await open(s, gw);
    for (let i = 0; i < 5; ++i) assert.match(await ask(c, `lit c k${i} 1`), /^subscribed [1-9]/);
    assert.strictEqual(await ask(c, 'lit c k5 1'), 'subscribed 0');
  });
  await t.test('encode may skip and may fail', async (s) => {
    const c = await open(s, gw);
    for (const v of [9, 8, 1]) await ask(c, `lit skip k ${v}`);
    await gw.publish({ channel: 'skip', key: 'k', body: 'x' });
    assert.strictEqual(await c.next(), '1:x');
    assert.strictEqual(await ask(c, 'then'), 'echo then');
    await gw.counted(1, 'dragoman_encode_errors_total', 'mount="probe"');
  });
  await t.test('a client publishes to others, on every shard', async (s) => {
    const listeners = await Promise.all(Array.from({ length: 6 }, () => open(s, gw)));
    for (const c of listeners) await ask(c, 'sub chat # 1');
    const talker = await open(s, gw);
    assert.strictEqual(await ask(talker, 'publish chat room hello all'), 'published 0');
    for (const c of listeners) assert.strictEqual(await c.next(), '1:hello all');
  });
  await t.test('authenticate, timer, expect', async (s) => {
    const c = await open(s, gw);
    assert.strictEqual(await ask(c, 'auth alice'), 'auth 0 alice');
    assert.strictEqual(await ask(c, 'auth nobody'), 'auth -9 Token is not known');
    assert.strictEqual(await ask(c, 'timer 50'), 'timer 0');
    const first = await open(s, gw, '?expect');
    assert.deepStrictEqual(await first.closed(), { code: 4000, reason: 'say something' });
    const talks = await open(s, gw, '?expect');
    assert.strictEqual(await ask(talks, 'here'), 'echo here');
    assert.strictEqual(await ask(talks, 'timer 600'), 'timer 0', 'the deadline was for the first message');
  });
  await t.test('pause keeps the order of what was sent behind it', async (s) => {
    const c = await open(s, gw);
    c.send('pause 200');
    for (let i = 0; i < 20; ++i) c.send(`n${i}`);
    assert.strictEqual(await c.next(), 'resumed');
    for (let i = 0; i < 20; ++i) assert.strictEqual(await c.next(), `echo n${i}`);
  });
  await t.test('resuming in writable keeps the order too, over TLS', async (s) => {
    const secure = await startProbe(s, { listener: ', tls: {self_signed: true}', limits: { queue_bytes: '64MiB' } });
    const c = await connect(s, `wss://127.0.0.1:${secure.port('main')}/`);
    c.socket._socket.pause();
    // More than the kernel takes, and more than half of the queue.
    c.socket._socket.write(Buffer.concat([frame(1, 'flood 40 1048000'), frame(1, 'rest'), frame(1, 'first')]));
    await secure.counted(2, 'dragoman_messages_received_total');
    c.socket._socket.write(frame(1, 'second'));
    c.socket._socket.resume();
    for (let i = 0; i < 40; ++i) assert.strictEqual((await c.next()).length, 1048000);
    for (const text of ['first', 'second']) assert.strictEqual(await c.next(), `echo ${text}`);
  });
  await t.test('close with code and reason', async (s) => {
    const c = await open(s, gw);
    c.send('close 4321 because');
    assert.deepStrictEqual(await c.closed(), { code: 4321, reason: 'because' });
  });
  await t.test('pending operations of a session that ends do no harm', async (s) => {
    for (let i = 0; i < 20; ++i) {
      const c = await open(s, gw);
      c.send('timer 30');
      c.send('pause 20');
      c.send('auth alice');
      c.close();
    }
    await waitFor('the last of them to be gone', async () => (await gw.metric('dragoman_sessions_open', 'mount="probe"')) === 0);
  });
  await t.test('identity: an expiry and a revocation reach the dialect', async (s) => {
    await gw.addToken({ token: 'brief', user: 'bob', expires_in: 1 });
    const c = await open(s, gw);
    assert.strictEqual(await ask(c, 'auth brief'), 'auth 0 bob');
    assert.strictEqual(await c.next(), 'identity 2 bob');
    await gw.addToken({ token: 'gone', user: 'eve' });
    const d = await open(s, gw);
    assert.strictEqual(await ask(d, 'auth gone'), 'auth 0 eve');
    await gw.addToken({ token: 'gone', user: 'eva' });
    assert.strictEqual(await d.next(), 'identity 1 eva');
    await gw.revoke('gone');
    assert.strictEqual(await d.next(), 'identity 3 eva');
  });
});

test('sessions: what a plugin throws ends one session', async (t) => {
  const gw = await startProbe(t);
  const other = await open(t, gw);
  const c = await open(t, gw);
  c.send('throw');
  assert.deepStrictEqual(await c.closed(), { code: 1011, reason: '' });
  const d = await open(t, gw, '?throw');
  assert.strictEqual((await d.closed()).code, 1011);
  assert.strictEqual(await ask(other, 'alive'), 'echo alive');
  await gw.counted(1, 'dragoman_plugin_errors_total', 'hook="session_message"');
  await waitFor('the log line', () => gw.lines.some((l) => l.includes('probe: thrown in message') && / session=[0-9a-f]+/.test(l)));
});

test('sessions: a slow hook is named', async (t) => {
  const gw = await startProbe(t);
  const c = await open(t, gw);
  assert.strictEqual(await ask(c, 'slow 120'), 'done');
  await waitFor('the log line', () => gw.lines.some((l) => l.includes('session_message') && l.includes('probe')));
  await gw.counted(1, 'dragoman_plugin_slow_calls_total', 'hook="session_message"');
});

for (const policy of ['close', 'drop-oldest', 'latest-per-key']) {
  test(`sessions: a slow reader, ${policy}`, async (t) => {
    const gw = await startProbe(t, { threads: 1, limits: { queue_bytes: '64KiB', overflow: policy } });
    const slow = await open(t, gw);
    const quick = await open(t, gw);
    for (const c of [slow, quick]) await ask(c, 'sub c # 1');
    slow.socket._socket.pause();
    const body = 'y'.repeat(8000);
    let sent = 0;
    const metric = policy === 'close' ? 'slow_reader_closed' : policy === 'drop-oldest' ? 'oldest_dropped' : 'replaced_by_newer';
    // The kernel's buffers fill first; how large they are is its own business.
    for (; sent < 4000; ++sent) {
      await gw.publish({ channel: 'c', key: `k${sent % 3}`, body: `${sent} ${body}` });
      assert.strictEqual(await quick.next(), `1:${sent} ${body}`, 'the other reader is not delayed');
      if (sent % 20 === 19 && (await gw.metric('dragoman_drops_total', `reason="${metric}"`)) > 20) break;
      if (policy === 'close' && sent % 20 === 19 && (await gw.metric('dragoman_drops_total', `reason="${metric}"`)) > 0) break;
    }
    assert.ok(sent < 4000, 'the bound was reached');
    slow.socket._socket.resume();
    if (policy === 'close') {
      assert.deepStrictEqual(await slow.closed(), { code: 1008, reason: 'too slow' });
      await gw.counted(1, 'dragoman_sessions_ended_total', 'reason="slow_reader"');
    } else {
      let last = -1;
      const latest = {};
      while (last !== sent) {
        const n = Number((await slow.next()).slice(2).split(' ')[0]);
        if (policy === 'drop-oldest') assert.ok(n > last, 'in order');
        latest[n % 3] = Math.max(latest[n % 3] ?? -1, n);
        last = Math.max(last, n);
      }
    }
    assert.strictEqual(await ask(quick, 'alive'), 'echo alive');
  });
}

for (const limits of [{ queue_bytes: '64KiB' }, { queue_messages: 40 }]) {
  test(`sessions: who reads is not too slow for a burst beyond ${Object.keys(limits)[0]}`, async (t) => {
    const gw = await startProbe(t, { limits });
    const clients = await Promise.all(Array.from({ length: 4 }, () => open(t, gw)));
    for (const c of clients) await ask(c, 'sub c # 1');
    const data = (i) => `${i} ${'z'.repeat(1000)}`;
    const batch = Array.from({ length: 400 }, (_, i) => ({ specversion: '1.0', id: `${i}`, source: '/', type: 'k', channel: 'c', datacontenttype: 'text/plain', data: data(i) }));
    const answer = await gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/cloudevents-batch+json' }, body: JSON.stringify(batch) });
    assert.strictEqual(answer.status, 200);
    for (const c of clients) for (let i = 0; i < 400; ++i) assert.strictEqual(await c.next(), `1:${data(i)}`);
    assert.doesNotMatch((await gw.request('GET', '/metrics')).text, /^dragoman_drops_total\{.*\} [1-9]/m);
  });
}

for (const policy of ['close', 'drop-oldest', 'latest-per-key']) {
  test(`sessions: an event beyond the bound comes to who has nothing else to read, ${policy}`, async (t) => {
    const gw = await startProbe(t, { threads: 1, limits: { queue_bytes: '64KiB', overflow: policy } });
    const clients = await Promise.all([open(t, gw), open(t, gw)]);
    for (const c of clients) await ask(c, 'sub c # 1');
    for (const size of [65000, 65536, 1 << 20, 10]) {
      await gw.publish({ channel: 'c', key: 'k', body: 'w'.repeat(size) });
      for (const c of clients) assert.strictEqual(await c.next(), `1:${'w'.repeat(size)}`);
    }
    assert.doesNotMatch((await gw.request('GET', '/metrics')).text, /^dragoman_drops_total\{.*\} [1-9]/m);
  });
}

test('sessions: replies over the bound close the session', async (t) => {
  const gw = await startProbe(t, { threads: 1, limits: { queue_bytes: '64KiB' } });
  const c = await open(t, gw);
  c.socket._socket.pause();
  c.send('flood 100000 1000');
  await waitFor('the end', async () => (await gw.metric('dragoman_sessions_ended_total', 'reason="slow_reader"')) === 1);
});

test('sessions: a reader that stops reading for good is ended by the write deadline', async (t) => {
  const gw = await startProbe(t, { threads: 1, limits: { queue_bytes: '64MiB', write_stall: '300ms' } });
  const c = await open(t, gw);
  c.socket._socket.pause();
  c.send('flood 20000 1000');
  await waitFor('the end', async () => (await gw.metric('dragoman_sessions_ended_total', 'reason="write_stall"')) === 1);
});

test('sessions: idle sessions are closed when the mount says so', async (t) => {
  const gw = await startProbe(t, { limits: { idle: '300ms' } });
  const c = await open(t, gw);
  assert.deepStrictEqual(await c.closed(), { code: 1001, reason: 'idle' });
});
