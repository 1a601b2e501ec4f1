// SPDX-License-Identifier: Apache-2.0
// The admin listener over real sockets: the publish door, health, metrics, tokens.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { raw } = require('../support/client');
const { waitFor } = require('../support/gateway');
const { startProbe, open, ask } = require('./probe');

const post = (gw, type, body, headers = {}, target = '/publish') =>
  gw.request('POST', target, { headers: { 'Content-Type': type, ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });

test('admin: the publish door', async (t) => {
  const gw = await startProbe(t);
  const c = await open(t, gw);
  await ask(c, 'sub c # 1');
  await t.test('plain', async () => {
    const answer = await post(gw, 'application/json', { channel: 'c', key: 'a.b', attributes: { x: '1' }, body: { z: 1, a: 2 } });
    assert.strictEqual(answer.status, 200);
    assert.match(answer.json.id, /.+/);
    assert.strictEqual(await c.next(), '1:{"z":1,"a":2}');
  });
  await t.test('CloudEvents, structured', async () => {
    const answer = await post(gw, 'application/cloudevents+json', { specversion: '1.0', id: 'my-id', source: '/s', type: 'a', channel: 'c', data: { k: 'v' } });
    assert.deepStrictEqual([answer.status, answer.json], [200, { id: 'my-id' }]);
    assert.strictEqual(await c.next(), '1:{"k":"v"}');
  });
  await t.test('CloudEvents, binary', async () => {
    const answer = await post(gw, 'text/plain', 'as it is', { 'ce-specversion': '1.0', 'ce-id': '7', 'ce-source': '/s', 'ce-type': 'a', 'ce-channel': 'c' });
    assert.deepStrictEqual([answer.status, answer.json], [200, { id: '7' }]);
    assert.strictEqual(await c.next(), '1:as it is');
  });
  await t.test('CloudEvents, batch: in order, all or nothing', async () => {
    const event = (i, extra = {}) => ({ specversion: '1.0', id: `${i}`, source: '/s', type: 'a', channel: 'c', data: i, ...extra });
    const answer = await post(gw, 'application/cloudevents-batch+json', [event(1), event(2), event(3)]);
    assert.deepStrictEqual([answer.status, answer.json], [200, { ids: ['1', '2', '3'] }]);
    for (const i of [1, 2, 3]) assert.strictEqual(await c.next(), `1:${i}`);
    const bad = await post(gw, 'application/cloudevents-batch+json', [event(4), event(5, { specversion: '0.3' }), event(6)]);
    assert.strictEqual(bad.status, 400);
    assert.match(bad.text, /specversion/);
    assert.strictEqual(await ask(c, 'sentinel'), 'echo sentinel', 'nothing of the batch was published');
  });
  await t.test('bad input has a precise answer', async () => {
    for (const [type, body, status, words, target] of [
      ['application/json', '{', 400, /JSON/], ['application/json', '[]', 400, /object/], ['application/json', '{"channel":"c"}', 400, /body/],
      ['application/json', '{"channel":1,"body":""}', 400, /channel/], ['application/json', '{"body":"","boddy":1}', 400, /boddy/],
      ['application/xml', '<a/>', 415, /./], ['application/cloudevents+json', '{"specversion":"1.0"}', 400, /id/],
      ['application/json', '{"body":""}', 404, /nowhere/, '/publish?bus=nowhere'],
    ]) {
      const answer = await post(gw, type, body, {}, target);
      assert.strictEqual(answer.status, status, answer.text);
      assert.match(answer.text, words);
      assert.ok(answer.json, 'the answer is JSON');
    }
    const large = await post(gw, 'application/json', JSON.stringify({ channel: 'c', body: 'x'.repeat(5 << 20) }));
    assert.strictEqual(large.status, 413);
    assert.strictEqual(await ask(c, 'alive'), 'echo alive');
  });
  await t.test('the token is needed', async () => {
    for (const [target, method] of [['/publish', 'POST'], ['/metrics', 'GET'], ['/authenticators/demo/revoke', 'POST']]) {
      for (const token of [null, 'wrong', 'test-admi', 'test-adminn']) {
        const answer = await gw.request(method, target, { token, body: method === 'POST' ? '{}' : undefined });
        assert.strictEqual(answer.status, 401);
        assert.match(answer.headers['www-authenticate'], /Bearer/);
      }
    }
    assert.strictEqual((await gw.request('GET', '/healthz', { token: null })).status, 200);
    assert.strictEqual((await gw.request('GET', '/readyz', { token: null })).status, 200);
  });
  await t.test('unknown paths and methods', async () => {
    assert.strictEqual((await gw.request('GET', '/nothing')).status, 404);
    const answer = await gw.request('DELETE', '/publish');
    assert.strictEqual(answer.status, 405);
    assert.match(answer.headers.allow, /POST/);
  });
  await t.test('metrics', async () => {
    const { text, headers } = await gw.request('GET', '/metrics');
    assert.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
    assert.match(text, /^# TYPE dragoman_sessions_open gauge$/m);
    assert.match(text, /^dragoman_sessions_open\{mount="probe"\} 1$/m);
    assert.match(text, /^dragoman_deliveries_total\{mount="probe"\} [1-9]/m);
    assert.doesNotMatch(text, /session="/, 'no label that grows with clients');
  });
  await t.test('pipelined requests on one connection are answered in order', async (s) => {
    const r = raw(s, gw.adminPort);
    r.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer test-admin\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const all = await r.end();
    assert.deepStrictEqual([...all.matchAll(/HTTP\/1\.1 (\d+)/g)].map((m) => m[1]), ['200', '404', '200']);
  });
});

test('admin: events that wait for a shard are bounded', async (t) => {
  const gw = await startProbe(t, { threads: 1, extra: ['mailbox_bytes: 1MiB'] });
  const c = await open(t, gw);
  await ask(c, 'sub c # 1');
  // The shard is busy in a hook; the admin listener is not.
  c.send('slow 1500');
  const body = 'x'.repeat(1 << 18);
  let refused;
  for (let i = 0; i < 20 && !refused; ++i) {
    const answer = await gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ channel: 'd', key: 'k', body }) });
    if (answer.status !== 200) refused = answer;
  }
  assert.strictEqual(refused && refused.status, 503);
  assert.match(refused.headers['retry-after'], /\d+/);
  assert.strictEqual(await c.next(), 'done');
  // What waited for the hook is told.
  const delay = async (bucket) => gw.metric(`dragoman_event_delay_seconds_${bucket}`, `shard="0"${bucket === 'bucket' ? ',le="0.5"' : ''}`);
  await waitFor('the delay', async () => await delay('count') > await delay('bucket'));
});
