// SPDX-License-Identifier: Apache-2.0
// sockjs-node as the other side of ./dev bench sockjs: every event posted to /publish goes to every session below /bench. Prints its port.
'use strict';
const http = require('node:http');
const path = require('node:path');
const sockjs = require(path.resolve(__dirname, '../clients/node_modules/sockjs'));

const sessions = new Set();
// No sign of life and no end of a stream comes while something is measured.
const service = sockjs.createServer({ prefix: '/bench', heartbeat_delay: 3600e3, response_limit: 2 ** 30, log: () => {} });
service.on('connection', (session) => {
  sessions.add(session);
  session.on('close', () => sessions.delete(session));
});

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    // The octets of the body as they came, as dragoman hands them on.
    const text = Buffer.concat(chunks).toString();
    const event = text.slice(text.indexOf('"body":') + 7, -1);
    for (const session of sessions) session.write(event);
    response.setHeader('Content-Length', 0);
    response.end();
  });
});
service.installHandlers(server);
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port));
process.on('SIGTERM', () => process.exit());
