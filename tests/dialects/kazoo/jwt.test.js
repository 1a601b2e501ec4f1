// SPDX-License-Identifier: Apache-2.0
// kazoo digest section 5: tokens as Crossbar signs them, judged here by its public keys.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { startGateway } = require('../../support/gateway');
const k = require('./kazoo');

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
function sign({ privateKey }, claims = {}, { alg = 'RS256', kid = 'one' } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const all = { iss: 'kazoo', identity_sig: 'x', account_id: k.A, owner_id: 'o'.repeat(32), exp: now + 600, ...claims };
  const text = `${encode({ alg, typ: 'JWT', kid })}.${encode(all)}`;
  return `${text}.${crypto.sign(`sha${alg.slice(2)}`, Buffer.from(text), privateKey).toString('base64url')}`;
}

test('kazoo section 5: RS256, RS384 and RS512 tokens of a Crossbar', async (t) => {
  const [pair, stranger] = [0, 1].map(() => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }));
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-keys-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  const pem = path.join(directory, 'one.pem');
  fs.writeFileSync(pem, pair.publicKey.export({ type: 'spki', format: 'pem' }));
  const jwt = { type: 'jwt', issuer: 'kazoo', keys: [{ pem, id: 'one', algorithms: ['RS256', 'RS384', 'RS512'] }] };
  const gw = await startGateway(t, k.config().replace(/authenticators: .*/, `authenticators: {local: ${JSON.stringify(jwt)}}`));

  for (const alg of ['RS256', 'RS384', 'RS512']) {
    const socket = await k.open(t, gw);
    assert.deepStrictEqual(await socket.subscribe('call.CHANNEL_HOLD.c', { token: sign(pair, {}, { alg }) }), { subscribed: ['call.CHANNEL_HOLD.c'] });
    await socket.refused({ action: 'subscribe', data: { account_id: k.B, binding: 'call.*.*' } }, 'unauthorized account id');
    await k.call(gw, 'CHANNEL_HOLD', 'c', k.B);
    await k.call(gw, 'CHANNEL_HOLD', 'c');
    assert.strictEqual((await socket.event()).routing_key, `call.${k.A}.CHANNEL_HOLD.c`);
    await socket.noEvent();
  }
  assert.strictEqual((await k.sockets(gw, { token: sign(pair) })).length, 3);
  const parent = await k.open(t, gw);
  await parent.subscribe('call.*.*', { token: sign(pair, { account_id: k.parent, owner_id: undefined }) });

  const socket = await k.open(t, gw);
  for (const wrong of [sign(stranger), sign(pair, { exp: 1 }), sign(pair, { account_id: undefined }), sign(pair, { account_id: 5 }), sign(pair, { iss: 'x' })]) {
    await socket.refused({ action: 'ping', auth_token: wrong }, `failed to authenticate token ${wrong}`);
    assert.strictEqual((await k.api(gw, `/accounts/${k.A}/websockets`, { token: wrong })).status, 401);
  }
});
