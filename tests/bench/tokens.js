// SPDX-License-Identifier: Apache-2.0
// node tests/bench/tokens.js ALGORITHM COUNT DIRECTORY: as many tokens, each of another user, one a line in DIRECTORY/tokens, and the
// keys to verify them with in DIRECTORY/keys.json.
'use strict';
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const [alg, count, directory] = process.argv.slice(2);
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const secret = crypto.randomBytes(32);
let jwk = { kty: 'oct', k: secret.toString('base64url') };
let sign = (text) => crypto.createHmac('sha256', secret).update(text).digest();
if (alg !== 'HS256') {
  const { publicKey, privateKey } = alg === 'RS256' ? crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
    : crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  jwk = publicKey.export({ format: 'jwk' });
  sign = (text) => crypto.sign('sha256', text, { key: privateKey, dsaEncoding: 'ieee-p1363' });
}
const exp = Math.floor(Date.now() / 1000) + 86400;
const tokens = Array.from({ length: Number(count) }, (_, i) => {
  const text = `${part({ alg, kid: 'k' })}.${part({ sub: `user${i}`, exp })}`;
  return `${text}.${sign(Buffer.from(text)).toString('base64url')}\n`;
});
fs.writeFileSync(path.join(directory, 'tokens'), tokens.join(''));
fs.writeFileSync(path.join(directory, 'keys.json'), JSON.stringify({ keys: [{ ...jwk, kid: 'k', alg, use: 'sig' }] }));
