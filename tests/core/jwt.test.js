// SPDX-License-Identifier: Apache-2.0
// The authenticator jwt: keys from everywhere, rotation, expiry and renewal on live sessions, and what `dragoman check` says of keys.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { execFile } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { startGateway, adminToken, waitFor, program, pluginDirs } = require('../support/gateway');
const { connect } = require('../support/client');

const secret = 'a secret that is long enough for HS256';
const b64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const inSeconds = (seconds) => Math.floor(Date.now() / 1000) + seconds;

// A pair of keys as an issuer has it.
function pair(alg, kid) {
  const kinds = { RS256: ['rsa', { modulusLength: 2048 }], ES256: ['ec', { namedCurve: 'P-256' }], EdDSA: ['ed25519', {}] };
  const { publicKey, privateKey } = crypto.generateKeyPairSync(...kinds[alg]);
  return { alg, kid, privateKey, pem: publicKey.export({ type: 'spki', format: 'pem' }), jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

function sign(key, claims, header = {}) {
  const text = `${b64({ alg: key.alg, ...(key.kid ? { kid: key.kid } : {}), typ: 'JWT', ...header })}.${b64({ exp: inSeconds(600), ...claims })}`;
  const how = { key: key.privateKey, dsaEncoding: 'ieee-p1363' };
  const signature = key.secret ? crypto.createHmac('sha256', key.secret).update(text).digest()
    : crypto.sign(key.alg === 'EdDSA' ? null : 'sha256', Buffer.from(text), how);
  return `${text}.${signature.toString('base64url')}`;
}
const hmac = { alg: 'HS256', secret };

function config(authenticator, { upstreams = {} } = {}) {
  return [
    'threads: 2',
    'listeners: {main: {address: "127.0.0.1:0"}}',
    'buses: {main: {plugin: embedded}}',
    `upstreams: ${JSON.stringify(upstreams)}`,
    `authenticators: {api: ${JSON.stringify({ type: 'jwt', ...authenticator })}}`,
    'mounts: {probe: {plugin: probe, listen: [{listener: main}], authenticator: api}}',
    `admin: {address: "127.0.0.1:0", token: "${adminToken}"}`,
    '',
  ].join('\n');
}

async function session(t, gw) {
  const client = await connect(t, `ws://127.0.0.1:${gw.port('main')}/`);
  return {
    client,
    async auth(token) {
      client.send(`auth ${token}`);
      return client.next();
    },
  };
}
const refused = (why) => `auth -9 ${why}`;

// An issuer with its key set.
async function issuer(t) {
  const self = { keys: [], requests: 0, status: 200 };
  const server = http.createServer((request, response) => {
    self.requests += 1;
    self.last = request;
    response.writeHead(self.status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ keys: self.keys.map((k) => k.jwk) }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => { server.close(); server.closeAllConnections(); });
  self.upstreams = { idp: { url: `http://127.0.0.1:${server.address().port}/realm` } };
  return self;
}

function replaceFile(file, text) {
  fs.writeFileSync(`${file}.new`, text);
  fs.renameSync(`${file}.new`, file);
}

test('jwt: a shared secret, claims, and every refusal with its sentence', async (t) => {
  const gw = await startGateway(t, config({
    keys: [{ secret, id: 'shared' }], issuer: 'me', audience: ['you', 'them'], require: ['exp', 'sub'], leeway: '5s',
    identity: { user: ['/user_id', '/sub'] },
  }));
  const s = await session(t, gw);
  const good = { sub: 'alice', iss: 'me', aud: ['others', 'them'] };
  const token = sign(hmac, good);
  assert.strictEqual(await s.auth(token), 'auth 0 alice');
  assert.strictEqual(await s.auth(sign(hmac, { ...good, user_id: 17 })), 'auth 0 17');
  const late = await session(t, gw);
  assert.strictEqual(await late.auth(sign(hmac, { ...good, exp: inSeconds(-1) })), 'auth 0 alice', 'the leeway');
  const [header, payload, signature] = token.split('.');
  const refusals = [
    ['rubbish', 'Token is malformed'],
    [`${header}.${payload}`, 'Token is malformed'],
    [`${token}=`, 'Token is malformed'],
    [`${header}.${b64('[]')}.${crypto.createHmac('sha256', secret).update(`${header}.${b64('[]')}`).digest('base64url')}`, 'Token is malformed'],
    [sign(hmac, good, { crit: ['exp'] }), 'Token is malformed'],
    [sign(hmac, { ...good, filler: 'x'.repeat(20000) }), 'Token is malformed'],
    [`${b64({ alg: 'none' })}.${payload}.`, 'Algorithm is not allowed'],
    [`${b64({ alg: 'none' })}.${payload}.${signature}`, 'Algorithm is not allowed'],
    [sign({ ...pair('RS256'), alg: 'RS256' }, good), 'Algorithm is not allowed'],
    [sign({ alg: 'HS256', secret: 'another' }, good), 'Signature verification failed'],
    [`${header}.${b64({ ...good, sub: 'root', exp: inSeconds(600) })}.${signature}`, 'Signature verification failed'],
    [sign({ ...hmac, kid: 'other' }, good), 'Key of the token is not known'],
    [sign(hmac, { ...good, exp: inSeconds(-60) }), 'Token has expired'],
    [sign(hmac, { ...good, nbf: inSeconds(60) }), 'Token is not valid yet'],
    [sign(hmac, { ...good, aud: 'others' }), 'Token is for another audience'],
    [sign(hmac, { ...good, iss: 'you' }), 'Token is from another issuer'],
    [sign(hmac, { iss: 'me', aud: 'you' }), 'Claim sub is missing'],
    [sign(hmac, { ...good, exp: undefined }), 'Claim exp is missing'],
  ];
  for (const [bad, why] of refusals) assert.strictEqual(await s.auth(bad), refused(why));
  await gw.counted(3, 'dragoman_authentications_total', 'authenticator="api",outcome="accepted"');
  await gw.counted(2, 'dragoman_authentications_total', 'authenticator="api",outcome="signature"');
  for (const secretText of [secret, token, signature]) assert.ok(!gw.log.includes(secretText), 'a secret is in the log');
});

test('jwt: RS256, ES256 and EdDSA from a JWKS file and from PEM, rotated without a restart', async (t) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-jwt-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  const file = path.join(directory, 'keys.json');
  const keys = ['RS256', 'ES256', 'EdDSA'].map((alg) => pair(alg, `${alg}-1`));
  const single = pair('ES256', 'single');
  fs.writeFileSync(path.join(directory, 'single.pem'), single.pem);
  replaceFile(file, JSON.stringify({ keys: [...keys.map((k) => k.jwk), { kty: 'unheard of' }] }));
  const gw = await startGateway(t, config({ keys: [{ jwks: file }, { pem: path.join(directory, 'single.pem'), id: 'single' }] }));
  const s = await session(t, gw);
  for (const key of [...keys, single]) {
    assert.strictEqual(await s.auth(sign(key, { sub: key.alg })), `auth 0 ${key.alg}`);
    const confused = { alg: 'HS256', kid: key.kid, secret: key.pem };
    assert.strictEqual(await s.auth(sign(confused, { sub: 'root' })), refused('Algorithm is not allowed'));
  }
  const old = sign(keys[1], { sub: 'alice' });
  assert.strictEqual(await s.auth(old), 'auth 0 alice');
  const stays = await session(t, gw);
  assert.strictEqual(await stays.auth(old), 'auth 0 alice');
  const next = pair('ES256', 'next');
  assert.strictEqual(await s.auth(sign({ ...next, kid: 'RS256-1', alg: 'ES256' }, {})), refused('Algorithm is not allowed'));
  replaceFile(file, JSON.stringify({ keys: [next.jwk] }));
  assert.strictEqual(await s.auth(sign(next, { sub: 'bob' })), 'auth 0 bob', 'the file is read because of the unknown key');
  assert.strictEqual(await s.auth(old), refused('Key of the token is not known'), 'nothing that was remembered counts');
  stays.client.send('hello');
  assert.strictEqual(await stays.client.next(), 'echo hello', 'who is here already stays until the token expires');
});

test('jwt: a key set behind an upstream, fetched again for an unknown key at a bounded rate', async (t) => {
  const idp = await issuer(t);
  const first = pair('RS256', 'first');
  const second = pair('EdDSA', 'second');
  idp.keys = [first];
  const gw = await startGateway(t, config({ keys: [{ upstream: 'idp', path: '/jwks.json' }] }, { upstreams: idp.upstreams }));
  const s = await session(t, gw);
  assert.strictEqual(await s.auth(sign(first, { sub: 'alice' })), 'auth 0 alice');
  assert.strictEqual(idp.requests, 1);
  assert.strictEqual(idp.last.url, '/realm/jwks.json');

  idp.keys = [second];
  const others = await Promise.all(Array.from({ length: 10 }, () => session(t, gw)));
  const answers = await Promise.all(others.map((o, i) => o.auth(sign(second, { sub: `user${i}` }))));
  assert.deepStrictEqual(answers, others.map((_, i) => `auth 0 user${i}`));
  assert.strictEqual(idp.requests, 2, 'one fetch for all of them');
  for (let i = 0; i < 20; ++i) assert.strictEqual(await s.auth(sign({ ...second, kid: `made up ${i}` }, {})), refused('Key of the token is not known'));
  assert.ok(idp.requests <= 3, `${idp.requests} requests`);

  await gw.counted(1, 'dragoman_token_keys', 'authenticator="api",source="idp:/jwks.json"');
  assert.ok(await gw.metric('dragoman_token_keys_refreshes_total', 'source="idp:/jwks.json"') >= 2);
});

test('jwt: without the key set tokens are unavailable, and with a stale one they go on', async (t) => {
  const idp = await issuer(t);
  const key = pair('ES256', 'key');
  idp.keys = [key];
  idp.status = 503;
  const gw = await startGateway(t, config({ keys: [{ upstream: 'idp', path: '/jwks.json', refresh: '1s' }] }, { upstreams: idp.upstreams }));
  const s = await session(t, gw);
  const token = sign(key, { sub: 'alice' });
  const readiness = async () => (await gw.request('GET', '/readyz')).json;
  assert.strictEqual(await s.auth(token), 'auth -10 Tokens cannot be verified at the moment');
  assert.deepStrictEqual(await readiness(), { ready: true, reasons: ['authenticator api has no keys from idp:/jwks.json yet'] });
  idp.status = 200;
  await waitFor('the keys', async () => (await readiness()).reasons.length === 0);
  assert.strictEqual(await s.auth(token), 'auth 0 alice');
  idp.status = 500;
  const failures = () => gw.metric('dragoman_token_keys_refresh_failures_total', 'source="idp:/jwks.json"');
  const before = await failures();
  await waitFor('a refresh to fail', async () => (await failures()) > before);
  assert.strictEqual(await s.auth(sign(key, { sub: 'bob' })), 'auth 0 bob');
});

test('jwt: expiry and renewal on a live session', async (t) => {
  const gw = await startGateway(t, config({ keys: [{ secret }], leeway: '1s' }));
  const [expires, renews] = [await session(t, gw), await session(t, gw)];
  const brief = () => sign(hmac, { sub: 'alice', exp: Date.now() / 1000 + 0.2 });
  assert.strictEqual(await renews.auth(brief()), 'auth 0 alice');
  assert.strictEqual(await renews.auth(sign(hmac, { sub: 'alice' })), 'auth 0 alice');
  assert.strictEqual(await expires.auth(brief()), 'auth 0 alice');
  const began = Date.now();
  assert.strictEqual(await expires.client.next(), 'identity 2 alice');
  assert.ok(Date.now() - began >= 900, 'not before the leeway is over');
  renews.client.send('hello');
  assert.strictEqual(await renews.client.next(), 'echo hello', 'and no expiry before it');
});

test('jwt: a key that is too short is warned of', async (t) => {
  const gw = await startGateway(t, config({ keys: [{ secret: 'short' }] }));
  await waitFor('the warning', () => /level=warn msg="the secret is too short to be safe" authenticator=api algorithm=HS256 bytes=5 wanted=32/.test(gw.log));
});

test('jwt: check says what is wrong with keys', async (t) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-jwt-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  const check = (keys, upstreams = {}) => new Promise((resolve) => {
    const file = path.join(directory, 'dragoman.yaml');
    fs.writeFileSync(file, config({ keys }, { upstreams }));
    execFile(program, ['check', file, ...pluginDirs.flatMap((d) => ['--plugins', d])], (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, text: stdout + stderr });
    });
  });
  const key = pair('ES256');
  const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' });
  const files = {
    'rubbish.pem': 'rubbish', 'private.pem': key.privateKey.export({ type: 'pkcs8', format: 'pem' }), 'ec.pem': key.pem, 'small.pem': rsa,
    'set.json': '{"keys": [{"kty": "oct", "use": "enc", "k": "AAAA"}]}', 'text.json': 'text',
  };
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(directory, name), text);
  const { code, text } = await check([
    { pem: 'missing.pem' }, { pem: 'rubbish.pem' }, { pem: 'private.pem' }, { pem: 'ec.pem', algorithms: ['RS256'] }, { pem: 'small.pem' },
    { jwks: 'set.json' }, { jwks: 'text.json' }, { secret: key.pem }, { secret_base64: '?' }, { upstream: 'idp', path: '/other' },
    { pem: 'ec.pem' },
  ], { idp: { url: 'http://127.0.0.1:1', paths: ['/jwks.json'] } });
  assert.strictEqual(code, 1);
  const wrong = [
    'missing.pem: ', 'neither a public key nor a certificate', 'this is a private key', 'a key of its kind is for ES256, not for RS256', 'this one has 1024',
    '"use" is not "sig"', 'it is not a JSON object', 'is no secret', 'the secret is not base64', 'does not allow a GET of this path',
  ];
  wrong.forEach((why, i) => {
    const line = text.split('\n').find((l) => l.includes(`authenticators.api.keys[${i}]: `));
    assert.ok(line && line.includes(why), `${i}: ${why}\n${text}`);
  });
  assert.ok(!text.includes('keys[10]'), text);
  assert.match((await check([{ pem: 'ec.pem', algorithms: ['PS256'] }])).text, /keys\[0\]\.algorithms\[0\]: must be one of HS256/);
  assert.strictEqual((await check([{ pem: 'ec.pem' }])).code, 0);
});
