// SPDX-License-Identifier: Apache-2.0
// lavaboom digest sections 7 and 8: each setting against its default, and settings that are refused. Statement 7.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { startGateway } = require('../../support/gateway');
const l = require('./lavaboom');

const notSubscribed = { type: 'error', error: 'Not subscribed' };

test('lavaboom 7: result_type', async (t) => {
  const { gw } = await l.world(t, { settings: { result_type: 'result' } });
  const c = await l.open(t, gw);
  const { type, id, status, body } = await c.request('/');
  assert.deepStrictEqual({ type, id, status, body: JSON.parse(body) }, { type: 'result', id: '1', status: 200, body: l.root });
  const refused = await c.request('no slash');
  assert.deepStrictEqual([refused.type, refused.status], ['result', 400]);
});

test('lavaboom row 2: minimal_events', async (t) => {
  const { api, gw } = await l.world(t, { settings: { minimal_events: true } });
  api.tokens.a = l.token('a');
  api.emails.e2 = { email: { name: 'n2', thread: 't' } };
  api.threads.t = { thread: { labels: ['l'] } };
  const c = await l.open(t, gw);
  await c.subscribe('a');
  await l.delivery(gw, { id: 'e1', owner: 'a', name: 'n1', thread: 't', labels: ['l'] });
  assert.deepStrictEqual(await c.next(), { type: 'delivery', id: 'e1', name: 'n1' });
  await l.receipt(gw, { id: 'e2', owner: 'a' });
  assert.deepStrictEqual(await c.next(), { type: 'receipt', id: 'e2', name: 'n2' });
});

test('lavaboom row 6: ignore_unknown_types', async (t) => {
  const { gw } = await l.world(t, { settings: { ignore_unknown_types: true } });
  const c = await l.open(t, gw);
  for (const message of [{ type: 'nonsense', id: 'x' }, {}, { type: 'Request' }]) c.send(message);
  assert.strictEqual((await c.request('/')).status, 200);
  assert.deepStrictEqual(await c.ask('no json'), { type: 'error', error: 'Invalid message' });
});

test('lavaboom row 8: double_reply', async (t) => {
  const { api, gw } = await l.world(t, { settings: { double_reply: true } });
  api.tokens.a = l.token('a');
  const c = await l.open(t, gw);
  assert.deepStrictEqual([await c.ask({ type: 'unsubscribe' }), await c.next()], [notSubscribed, { type: 'unsubscribed' }]);
  await c.subscribe('a');
  assert.deepStrictEqual(await c.ask({ type: 'unsubscribe' }), { type: 'unsubscribed' });
  await c.nothingMore();
});

test('lavaboom row 11: check_token_expiry and require_auth_type', async (t) => {
  const { api, gw } = await l.world(t, { settings: { check_token_expiry: false, require_auth_type: false } });
  api.tokens.past = l.token('a', { expiry_date: l.at(-1000), type: 'invite' });
  api.tokens.bare = { owner: 'a' };
  for (const name of ['past', 'bare']) {
    const c = await l.open(t, gw);
    await c.subscribe(name);
    await l.delivery(gw, { id: 'e', owner: 'a', name: 'n' });
    assert.strictEqual((await c.next()).id, 'e');
    c.close();
  }
});

test('lavaboom row 16: allowed_methods', async (t) => {
  const { api, gw } = await l.world(t, { settings: { allowed_methods: ['get', 'POST'] } });
  const c = await l.open(t, gw);
  for (const method of ['GET', 'get', 'post']) assert.strictEqual((await c.request('/echo/16', { method })).status, 200, method);
  const before = api.requests.length;
  for (const method of ['PUT', 'DELETE', 'HEAD', 'GETS', 'CONNECT']) l.assertFailure(await c.request('/echo/16', { method }), 400);
  assert.strictEqual(api.requests.length, before);
});

test('lavaboom row 17: forward_get_body', async (t) => {
  const { gw } = await l.world(t, { settings: { forward_get_body: true } });
  const c = await l.open(t, gw);
  for (const method of ['GET', 'DELETE']) assert.strictEqual((await c.echo('/echo/17', { method, body: 'null' })).body, 'null');
  assert.deepStrictEqual(l.sent(await c.echo('/echo/17', { body: '' }), 'content-length'), []);
});

test('lavaboom 7: limits of messages and answers', async (t) => {
  const { api, gw } = await l.world(t, { upstream: { max_body: '400KiB' }, settings: { max_response_body: '300KiB' }, limits: { message_bytes: '100KiB', queue_bytes: '500KiB' } });
  const tests = [
    t.test('max_response_body, and max_body of the upstream', async (s) => {
      const c = await l.open(s, gw);
      assert.strictEqual((await c.request(`/size/${300 << 10}`)).body.length, 300 << 10);
      for (const size of [(300 << 10) + 1, 400 << 10, (400 << 10) + 1, 10 << 20]) l.assertFailure(await c.request(`/size/${size}`), 502);
      assert.strictEqual((await c.request('/')).status, 200);
    }),
    t.test('an answer that does not fit into the queue of the client', async (s) => {
      api.quotes = (request, response) => response.end('"'.repeat(200 << 10));
      const usual = api.answer;
      api.answer = (request, response) => (request.url === '/quotes' ? api.quotes(request, response) : usual(request, response));
      const c = await l.open(s, gw);
      assert.strictEqual((await c.request('/quotes')).body.length, 200 << 10, 'twice as long as JSON');
      const f = await l.framed(s, gw);
      f.send(JSON.stringify([JSON.stringify({ type: 'request', id: '1', method: 'GET', path: '/quotes' })]));
      l.assertFailure(JSON.parse(JSON.parse((await f.next()).slice(1))[0]), 502);
      f.send(JSON.stringify([JSON.stringify({ type: 'request', id: '2', method: 'GET', path: '/' })]));
      assert.strictEqual(JSON.parse(JSON.parse((await f.next()).slice(1))[0]).id, '2');
    }),
    t.test('message_bytes: 1009, over HTTP 413', async (s) => {
      const body = 'x'.repeat(100 << 10);
      const c = await l.open(s, gw);
      c.send({ type: 'request', id: '1', method: 'POST', path: '/echo', body });
      assert.strictEqual((await c.closed()).code, 1009);
      await l.http(gw, 'POST', '/ws/000/large/xhr');
      assert.strictEqual((await l.http(gw, 'POST', '/ws/000/large/xhr_send', { body: JSON.stringify([body]) })).status, 413);
    }),
  ];
  await Promise.all(tests);
});

test('lavaboom 7: sessions_per_address', async (t) => {
  const { gw } = await l.world(t, { sockjs: { sessions_per_address: 2 } });
  const poll = async (name) => (await l.http(gw, 'POST', `/ws/000/${name}/xhr`)).status;
  assert.deepStrictEqual([await poll('a'), await poll('b'), await poll('c')], [200, 200, 429]);
});

test('lavaboom: channel, upstream and sockjs_prefix have other names', async (t) => {
  const api = await l.startApi(t);
  const yaml = l.config({ upstream: { url: api.url }, settings: { channel: 'mail', upstream: 'api', sockjs_prefix: '/socket/js' }, sockjs: { prefix: '/socket/js' } })
    .replace('upstreams: {lavaboom:', 'upstreams: {api:');
  const gw = await startGateway(t, yaml);
  api.tokens.a = l.token('a');
  const c = await l.open(t, gw, '/socket/js/websocket');
  await c.subscribe('a');
  await l.delivery(gw, { id: 'wrong', owner: 'a', name: 'n' });
  await gw.publish({ channel: 'mail', key: 'email_delivery', body: { id: 'right', owner: 'a', name: 'n' } });
  assert.strictEqual((await c.next()).id, 'right');
  l.assertFailure(await c.request('/socket/js/info'), 400);
  assert.strictEqual((await c.request('/ws/info')).status, 404, 'an answer of the backend');
});

test('lavaboom: lookup_names', async (t) => {
  const { api, gw } = await l.world(t, { settings: { lookup_names: false } });
  api.tokens.a = l.token('a');
  const c = await l.open(t, gw);
  await c.subscribe('a');
  await l.delivery(gw, { id: 'dropped', owner: 'a' });
  await l.delivery(gw, { id: 'e', owner: 'a', name: 'n' });
  assert.strictEqual((await c.next()).id, 'e');
  assert.deepStrictEqual(api.requests.map((r) => r.url), ['/tokens']);
});

test('lavaboom: settings that are refused', async (t) => {
  const upstream = { static: [{ path: '/' }] };
  for (const [options, words] of [
    [{ settings: { upstream: 'other' } }, /settings\.upstream names .*other/],
    [{ settings: { result_type: 'both' } }, /settings\.result_type/],
    [{ settings: { max_parallel_requests: 0 } }, /settings\.max_parallel_requests/],
    [{ settings: { sockjs_prefix: 'ws' } }, /settings\.sockjs_prefix/],
    [{ settings: { allowed_methods: ['GE T'] } }, /settings\.allowed_methods/],
    [{ settings: { nonsense: 1 } }, /settings\.nonsense: unknown key/],
  ]) {
    const end = await startGateway(t, l.config({ upstream, ...options }), { expectExit: true });
    assert.strictEqual(end.code, 1, JSON.stringify(options));
    assert.match(end.log, words);
  }
});
