// SPDX-License-Identifier: Apache-2.0
// Servers for the gateway to send requests to: one that behaves and remembers what it was asked, one that writes what a test gives it, and
// certificates for both.
'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { waitFor } = require('./gateway');

function listen(t, server) {
  const sockets = new Set();
  server.on(server instanceof https.Server ? 'secureConnection' : 'connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  t.after(stop);
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve({ port: server.address().port, sockets, stop }));
  });
}

const values = (request, name) => request.rawHeaders.filter((_, i, all) => i % 2 === 1 && all[i - 1].toLowerCase() === name.toLowerCase());

// answer(request, response): request has the whole body as text in `body`, and values(name) gives all values of a header.
async function startUpstream(t, answer, { tls } = {}) {
  const upstream = { requests: [], connections: 0, answer };
  const handler = (request, response) => {
    const chunks = [];
    request.on('data', (c) => chunks.push(c));
    request.on('error', () => {});
    request.on('end', () => {
      request.body = Buffer.concat(chunks).toString();
      request.values = (name) => values(request, name);
      upstream.requests.push(request);
      upstream.answer(request, response);
    });
  };
  const server = tls ? https.createServer(tls, handler) : http.createServer(handler);
  server.keepAliveTimeout = 0;
  server.on(tls ? 'secureConnection' : 'connection', () => { upstream.connections += 1; });
  Object.assign(upstream, await listen(t, server));
  upstream.url = `${tls ? 'https' : 'http'}://127.0.0.1:${upstream.port}`;
  upstream.asked = (target) => upstream.requests.filter((r) => r.url === target);
  upstream.seen = (target) => waitFor(`a request for ${target}`, () => upstream.asked(target)[0]);
  return upstream;
}

// script(socket, head, n): called with each request (its bytes up to the end of its head) and its number on that connection.
async function startRawUpstream(t, script) {
  const upstream = { connections: 0, requests: [] };
  const server = net.createServer((socket) => {
    upstream.connections += 1;
    let input = '', count = 0;
    socket.on('data', (data) => {
      input += data.toString('latin1');
      for (let end; (end = input.indexOf('\r\n\r\n')) >= 0;) {
        const head = input.slice(0, end);
        input = input.slice(end + 4);
        upstream.requests.push(head);
        script(socket, head, count);
        count += 1;
      }
    });
  });
  Object.assign(upstream, await listen(t, server));
  upstream.url = `http://127.0.0.1:${upstream.port}`;
  return upstream;
}

// An authority of its own and certificates that it signed for 127.0.0.1 and localhost: one that is good, one that is over; and one for another host.
function makeCertificates(t) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-ca-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  const file = (name) => path.join(directory, name);
  const openssl = (...args) => execFileSync('openssl', args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test CA', '-days', '2');
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=server');
  const sign = (name, names, days) => {
    fs.writeFileSync(file(`${name}.ext`), `subjectAltName=${names}\n`);
    openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', days, '-extfile', `${name}.ext`, '-out', `${name}.pem`);
    return { key: fs.readFileSync(file('server.key')), cert: fs.readFileSync(file(`${name}.pem`)) };
  };
  return {
    ca: file('ca.pem'),
    good: sign('good', 'DNS:localhost,IP:127.0.0.1', '2'),
    expired: sign('expired', 'DNS:localhost,IP:127.0.0.1', '-1'),
    stranger: sign('stranger', 'DNS:other.example,IP:127.0.0.2', '2'),
  };
}

module.exports = { startUpstream, startRawUpstream, makeCertificates };
