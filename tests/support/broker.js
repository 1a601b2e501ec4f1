// SPDX-License-Identifier: Apache-2.0
// What the brokers of tests need.
'use strict';
const { execFileSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');

// A port that was free a moment ago: the broker must have the same one when it is started again. It is none of those that the
// system gives to whoever connects, or listens on any: they would take it meanwhile.
const given = new Set();
async function freePort() {
  for (;;) {
    const port = 16384 + crypto.randomInt(16384);
    if (given.has(port)) continue;
    given.add(port);
    const server = net.createServer();
    const free = await new Promise((resolve) => {
      server.on('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

// A certificate authority and a certificate for `name` that it has signed.
function certificates(directory, name) {
  const file = (n) => path.join(directory, n);
  const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'ignore'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', file('ca.key'), '-out', file('ca.crt'), '-subj', '/CN=test authority', '-days', '2');
  openssl('req', ...key, '-keyout', file('broker.key'), '-out', file('broker.csr'), '-subj', '/CN=broker');
  fs.writeFileSync(file('names'), `subjectAltName=${name}\n`);
  openssl('x509', '-req', '-in', file('broker.csr'), '-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2',
    '-extfile', file('names'), '-out', file('broker.crt'));
  return { ca: file('ca.crt'), certificate: file('broker.crt'), key: file('broker.key') };
}

module.exports = { freePort, certificates };
