// SPDX-License-Identifier: Apache-2.0
// NATS accounts by JSON Web Token: an operator, an account and a user with its credentials file.
'use strict';
const crypto = require('node:crypto');

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
function base32(bytes) {
  let out = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) out += letters[(value >> (bits - 5)) & 31];
    value &= 255;
  }
  return bits ? out + letters[(value << (5 - bits)) & 31] : out;
}

// CRC-16/XMODEM, little-endian, behind the bytes.
function encode(bytes) {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let i = 0; i < 8; i += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return base32([...bytes, crc & 255, crc >> 8]);
}

// kind: the number whose five bits are the first letter of the public key.
function nkey(kind) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
  const raw = (key, format) => Buffer.from(key.export({ type: format, format: 'der' })).subarray(-32);
  const prefix = letters.indexOf(kind) << 3;
  const seed = (letters.indexOf('S') << 3) | (prefix >> 5);
  return { privateKey, public: encode([prefix, ...raw(publicKey, 'spki')]), seed: encode([seed, (prefix & 31) << 3, ...raw(privateKey, 'pkcs8')]) };
}

function token(issuer, subject, nats) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { jti: crypto.randomUUID(), iat: Math.floor(Date.now() / 1000), iss: issuer.public, name: 'test', sub: subject.public, nats: { ...nats, version: 2 } };
  const text = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}`;
  return `${text}.${crypto.sign(null, Buffer.from(text), issuer.privateKey).toString('base64url')}`;
}

// login: of the server's configuration. credentials: a file's text.
module.exports = function accounts() {
  const [operator, account, user] = ['O', 'A', 'U'].map(nkey);
  const all = { subs: -1, data: -1, payload: -1 };
  const limits = { ...all, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const framed = (name, text, end) => `-----BEGIN ${name}-----\n${text}\n------END ${end}------\n`;
  return {
    login: [`operator: ${token(operator, operator, { type: 'operator' })}`, 'resolver: MEMORY',
      `resolver_preload: {${account.public}: ${token(operator, account, { type: 'account', limits })}}`].join('\n'),
    credentials: framed('NATS USER JWT', token(account, user, { ...all, type: 'user' }), 'NATS USER JWT') + framed('USER NKEY SEED', user.seed, 'USER NKEY SEED'),
  };
};
