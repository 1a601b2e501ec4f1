// SPDX-License-Identifier: Apache-2.0
// The authenticator http: what is asked and how a token is put into it, answers, cache, single flight, checks of live sessions, outages, and what
// `dragoman check` says of its configuration.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { startGateway, adminToken, waitFor, program, pluginDirs } = require('../support/gateway');
const { connect } = require('../support/client');
const { startUpstream } = require('../support/upstream');

function config(server, authenticator, { upstream = {} } = {}) {
  return [
    'threads: 2',
    'listeners: {main: {address: "127.0.0.1:0"}}',
    'buses: {main: {plugin: embedded}}',
    `upstreams: ${JSON.stringify({ auth: { url: `${server.url}/base`, ...upstream } })}`,
    `authenticators: {api: ${JSON.stringify({ type: 'http', upstream: 'auth', request: { path: '/token/{token}' }, ...authenticator })}}`,
    'mounts: {probe: {plugin: probe, listen: [{listener: main}], authenticator: api}}',
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
    '',
  ].join('\n');
}

// A server of tokens: `answers` by token, a status or a body; anything else is 404. `hold`: answers wait until release().
async function startServer(t) {
  const server = await startUpstream(t, (request, response) => {
    const give = () => {
      const token = decodeURIComponent(new URL(request.url, 'http://x').pathname.split('/').pop());
      const answer = server.answers[token] ?? 404;
      const status = typeof answer === 'number' ? answer : 200;
      const body = typeof answer === 'number' ? '' : typeof answer === 'string' ? answer : JSON.stringify(answer);
      response.writeHead(server.status || status, { 'Content-Length': Buffer.byteLength(body) });
      response.end(body);
    };
    if (server.hold) server.held.push(give);
    else give();
  });
  Object.assign(server, { answers: {}, status: 0, hold: false, held: [], release() { this.hold = false; for (const give of this.held.splice(0)) give(); } });
  return server;
}

async function session(t, gw) {
  const client = await connect(t, `ws://127.0.0.1:${gw.port('main')}/`);
  return { client, next: () => client.next(), async auth(token) { client.send(`auth ${token}`); return client.next(); } };
}
const user = { identity: { user: '/user' } };
const denied = 'auth -9 Token is not valid';
const unavailable = 'auth -10 Tokens cannot be verified at the moment';
const reasons = async (gw) => (await gw.request('GET', '/readyz')).json.reasons;
const outcome = (gw, what) => gw.metric('dragoman_authentications_total', `authenticator="api",outcome="${what}"`);
const checks = (gw, what) => gw.metric('dragoman_token_checks_total', `authenticator="api",outcome="${what}"`);

test('http: the token in path, query and headers, and never anywhere else', async (t) => {
  const server = await startServer(t);
  server.answer = (request, response) => { response.writeHead(204); response.end(); };
  const gw = await startGateway(t, config(server, { request: { path: '/token/{token}/x', query: { scope: 'a b', t: '<{token}>' }, headers: { 'X-Token': 'T {token}' } } }));
  const s = await session(t, gw);
  const seen = async (token, target, header) => {
    assert.strictEqual(await s.auth(token), 'auth 0 ');
    const request = server.requests.at(-1);
    assert.deepStrictEqual([request.method, request.url, request.values('x-token')], ['GET', `/base/token/${target}`, [header]]);
  };
  await seen('plain-1._~', 'plain-1._~/x?scope=a%20b&t=%3Cplain-1._~%3E', 'T plain-1._~');
  await seen('a/b?c#d&e=f%2F', 'a%2Fb%3Fc%23d%26e%3Df%252F/x?scope=a%20b&t=%3Ca%2Fb%3Fc%23d%26e%3Df%252F%3E', 'T a/b?c#d&e=f%2F');
  await seen('{token}', '%7Btoken%7D/x?scope=a%20b&t=%3C%7Btoken%7D%3E', 'T {token}');
  await seen('@evil.example:80', '%40evil.example%3A80/x?scope=a%20b&t=%3C%40evil.example%3A80%3E', 'T @evil.example:80');
  const before = server.requests.length;
  for (const bad of ['..', '.', '../../x', 'a/../b', '..\\x', '..;x', 'nul\u0000', 'x'.repeat(9000)]) assert.strictEqual(await s.auth(bad), 'auth -9 Token is malformed', bad);
  assert.strictEqual(server.requests.length, before, 'nothing was asked');
  assert.strictEqual(await outcome(gw, 'malformed'), 8);
  for (const secret of ['plain-1._~', 'evil', 'e=f']) assert.ok(!gw.log.includes(secret), 'a token is in the log');
});

test('http: parts of the identity, statuses, and answers that are not what they should be', async (t) => {
  const server = await startServer(t);
  const gw = await startGateway(t, config(server, {
    request: { method: 'POST', path: '/token/{token}' }, accepted: [200, 202], denied: [403, 404], cache: { denied_ttl: 0, ttl: 0 },
    identity: { user: ['/data/uuid', '/id'], grants: '/data/acl', expires: '/data/until' } }));
  const s = await session(t, gw);
  let number = 0;
  const say = async (answer) => {
    const token = `t${number += 1}`;
    server.answers[token] = answer;
    return s.auth(token);
  };
  assert.strictEqual(await say({ data: { uuid: 'u1', acl: ['a', 'b'] } }), 'auth 0 u1');
  assert.strictEqual(server.requests.at(-1).method, 'POST');
  assert.strictEqual(await say({ id: 7, data: {} }), 'auth 0 7');
  for (const until of ['2100-01-31T12:00:00.000000', '2100-01-31 12:00:00', '2100-01-31T12:00:00Z', 4105036800, null])
    assert.strictEqual(await say({ id: 'u', data: { until } }), 'auth 0 u', until);
  for (const until of ['2020-01-31T12:00:00.000000', 0, 1, '2020-01-31 12:00:00']) assert.strictEqual(await say({ data: { until } }), 'auth -9 Token has expired', until);
  for (const bad of ['', '[]', '{"id":', '{"id": 1, "id": 2}', { data: { acl: [1] } }, { data: { until: 'soon' } }, { data: { until: true } }, { id: 'a\u0001' }, 302, 401, 429, 500])
    assert.strictEqual(await say(bad), unavailable, JSON.stringify(bad));
  assert.match((await reasons(gw))[0], /^authenticator api cannot check tokens: it answered with status 500$/);
  assert.strictEqual((await gw.request('GET', '/readyz')).status, 200);
  for (const status of [403, 404]) assert.strictEqual(await say(status), denied);
  assert.deepStrictEqual(await reasons(gw), [], 'it answers again');
});

test('http: many sessions with one token cost one request, which is repeated when the answer is too old', async (t) => {
  const server = await startServer(t);
  server.answers = { good: { user: 'ann' } };
  server.hold = true;
  const gw = await startGateway(t, config(server, { ...user, cache: { ttl: '300ms', denied_ttl: '300ms' } }));
  const all = await Promise.all(Array.from({ length: 40 }, () => session(t, gw)));
  const answers = all.map((s, i) => s.auth(i % 2 ? 'good' : 'bad'));
  await waitFor('both requests', () => server.held.length === 2);
  // Answers that are under way keep nobody waiting who has a token of his own.
  server.release();
  assert.deepStrictEqual((await Promise.all(answers)).filter((a) => a === 'auth 0 ann').length, 20);
  assert.strictEqual(server.requests.length, 2);
  assert.strictEqual(await all[0].auth('good'), 'auth 0 ann');
  await waitFor('the end of the answers', async () => {
    await all[0].auth('good');
    await all[1].auth('bad');
    return server.asked('/base/token/good').length >= 2 && server.asked('/base/token/bad').length >= 2;
  });
  assert.ok(await outcome(gw, 'accepted') > 20);
  for (const s of all) s.client.close();
  await waitFor('the tokens to be forgotten', async () => await gw.metric('dragoman_tokens_known', 'authenticator="api"') === 0);
});

test('http: tokens of live sessions are checked again: revoked, changed, expired', async (t) => {
  const server = await startServer(t);
  server.answers = { a: { user: 'ann' }, b: { user: 'bob' } };
  const gw = await startGateway(t, config(server, { ...user, cache: { ttl: 0 }, recheck: { every: '200ms' } }));
  const [a, again, b, other] = await Promise.all(Array.from({ length: 4 }, () => session(t, gw)));
  for (const s of [a, again]) assert.strictEqual(await s.auth('a'), 'auth 0 ann');
  assert.strictEqual(await b.auth('b'), 'auth 0 bob');
  assert.strictEqual(await other.auth('b'), 'auth 0 bob');
  await waitFor('checks', () => server.asked('/base/token/b').length > 3);
  delete server.answers.a;
  for (const s of [a, again]) assert.strictEqual(await s.next(), 'identity 3 ann');
  server.answers.b = { user: 'rob' };
  for (const s of [b, other]) assert.strictEqual(await s.next(), 'identity 1 rob');
  await gw.counted(1, 'dragoman_tokens_revoked_total', 'authenticator="api"');
  assert.strictEqual(await again.auth('a'), denied);
  // A session that went on to another token is not the old one's any more.
  server.answers.c = { user: 'cat' };
  assert.strictEqual(await b.auth('c'), 'auth 0 cat');
  delete server.answers.b;
  assert.strictEqual(await other.next(), 'identity 3 rob');
  assert.strictEqual(await b.auth('c'), 'auth 0 cat');
});

test('http: an expiry ends the session; a token is not taken from the cache after it', async (t) => {
  const server = await startServer(t);
  server.answers = { a: { user: 'ann', until: Date.now() / 1000 + 1.5 } };
  const gw = await startGateway(t, config(server, { identity: { user: '/user', expires: '/until' }, cache: { ttl: '1h' } }));
  const [a, b] = [await session(t, gw), await session(t, gw)];
  assert.strictEqual(await a.auth('a'), 'auth 0 ann');
  assert.strictEqual(await a.next(), 'identity 2 ann');
  assert.strictEqual(await b.auth('a'), 'auth -9 Token has expired');
});

test('http: while the server is away sessions stay, new ones are not decided, and it is said', async (t) => {
  const server = await startServer(t);
  server.answers = { a: { user: 'ann' } };
  const recheck = { every: '200ms', request: { method: 'HEAD', path: '/check/{token}' }, accepted: [200] };
  const gw = await startGateway(t, config(server, { ...user, cache: { ttl: 0 }, recheck }));
  const [a, b] = [await session(t, gw), await session(t, gw)];
  assert.strictEqual(await a.auth('a'), 'auth 0 ann');
  server.status = 503;
  await waitFor('a failed check', async () => await checks(gw, 'failed') >= 2);
  assert.strictEqual(await b.auth('a'), unavailable);
  assert.deepStrictEqual(await reasons(gw), ['authenticator api cannot check tokens: it answered with status 503']);
  server.status = 0;
  await waitFor('the server', async () => (await reasons(gw)).length === 0);
  a.client.send('path');
  assert.strictEqual(await a.next(), '/', 'the first word since');
  assert.ok(server.asked('/base/check/a').length > 0 && server.asked('/base/check/a').every((r) => r.method === 'HEAD'));
  delete server.answers.a;
  assert.strictEqual(await a.next(), 'identity 3 ann');
});

test('http: outage deny and recheck.outage end', async (t) => {
  const server = await startServer(t);
  server.answers = { a: { user: 'ann' } };
  const gw = await startGateway(t, config(server, { ...user, outage: 'deny', cache: { ttl: 0 }, timeout: '1s', recheck: { every: '200ms', outage: 'end' } }));
  const [a, b] = [await session(t, gw), await session(t, gw)];
  assert.strictEqual(await a.auth('a'), 'auth 0 ann');
  await server.stop();
  assert.strictEqual(await a.next(), 'identity 3 ann');
  assert.strictEqual(await b.auth('a'), 'auth -9 Tokens cannot be verified at the moment');
});

test('http: more tokens than requests at a time wait for their turn', async (t) => {
  const server = await startServer(t);
  const n = 60;
  for (let i = 0; i < n; i += 1) server.answers[`t${i}`] = { user: `u${i}` };
  const gw = await startGateway(t, config(server, user, { upstream: { connections: 2, queue: 1 } }));
  const all = await Promise.all(Array.from({ length: n }, () => session(t, gw)));
  assert.deepStrictEqual(await Promise.all(all.map((s, i) => s.auth(`t${i}`))), Array.from({ length: n }, (_, i) => `auth 0 u${i}`));
  assert.strictEqual(server.requests.length, n);
  assert.ok(server.connections <= 4, `${server.connections} connections`);
});

const check = (yaml) => new Promise((resolve) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-check-'));
  fs.writeFileSync(path.join(directory, 'd.yaml'), yaml);
  execFile(program, ['check', path.join(directory, 'd.yaml'), ...pluginDirs.flatMap((d) => ['--plugins', d])], (error, stdout, stderr) => {
    fs.rmSync(directory, { recursive: true });
    resolve({ code: error ? error.code : 0, text: stdout + stderr });
  });
});

test('http: what check says', async () => {
  const server = { url: 'http://127.0.0.1:1' };
  const cases = [
    [{ upstream: 'auht' }, /api\.upstream: there is no upstream "auht"; did you mean "auth"\?/],
    [{ request: undefined }, /the key "request" is missing/],
    [{ request: { path: '/x' } }, /api\.request: the token is not in it/],
    [{ request: { path: '/{toke}' } }, /api\.request\.path: braces are for \{token\} only/],
    [{ request: { path: '/no/{token}' } }, /api\.request: the upstream auth does not allow such a request/],
    [{ request: { method: 'HEAD', path: '/token/{token}' }, ...user }, /api\.identity: has no use here: the answer to HEAD has no body/],
    [{ accepted: [200, 404], denied: [404] }, /api\.denied: has a status in it that is in accepted too/],
    [{ recheck: { accepted: [204] } }, /recheck\.accepted: has no use without request beside it/],
    [{ recheck: { request: { method: 'HEAD', path: '/no/{token}' } } }, /recheck\.request: the upstream auth does not allow such a request/],
    [{ keys: [{ secret: 'x' }] }, /api\.keys: has no use with the type http/],
    [{ type: 'static', upstream: undefined, request: undefined, cache: {} }, /api\.cache: has no use with the type static/],
  ];
  for (const [authenticator, expected] of cases) {
    const { code, text } = await check(config(server, authenticator, { upstream: { paths: ['/token', '/x', '/{toke}'] } }));
    assert.notStrictEqual(code, 0);
    assert.match(text, expected);
  }
  assert.strictEqual((await check(config(server, {}))).code, 0);
});
