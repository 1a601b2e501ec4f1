// SPDX-License-Identifier: Apache-2.0
// Lavaboom with the client that browsers use, over each transport that it has in Node, before and after the gateway is killed.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const SockJS = require('sockjs-client');
const l = require('../dialects/lavaboom/lavaboom');
const { deadline } = require('../support/client');
const lastingClient = require('./fixtures/lasting-client');
const { session, sessionAfterRestart } = require('./lavaboom_session');

const transports = ['websocket', 'xhr-streaming', 'eventsource', 'xhr-polling'];
// Those want a document, or an old browser.
const absent = ['xdr-streaming', 'iframe-eventsource', 'htmlfile', 'iframe-htmlfile', 'xdr-polling', 'iframe-xhr-polling', 'jsonp-polling'];

test('lavaboom: sockjs-client in Node', async (t) => {
  const { api, gw } = await l.world(t);
  const port = gw.port('l');
  const connect = (transport) => {
    const client = lastingClient(SockJS, `http://127.0.0.1:${port}/ws`, transport);
    t.after(() => client.stop());
    return client;
  };
  const clients = new Map(transports.map((transport) => [transport, connect(transport)]));
  for (const transport of transports) api.tokens[transport] = l.token(transport);
  const each = (what, run) => Promise.all(transports.map((transport) => t.test(`lavaboom: ${transport} ${what}`, () => run(clients.get(transport), transport))));

  await each('requests, subscribes, takes events', (client, transport) => session(gw, client, transport, transport));
  await t.test('lavaboom: transports that Node does not have', async () => {
    for (const transport of absent) {
      const client = connect(transport);
      assert.deepStrictEqual(await deadline(client.ended(), `the end of ${transport}`), { code: 2000, reason: 'All transports failed' }, transport);
      client.stop();
    }
  });
  await gw.stop({ signal: 'SIGKILL', code: null });
  const again = await l.start(t, { upstream: { url: api.url }, port });
  // In Node the library's XMLHttpRequest does not see that a response was cut off; that what it sends is refused it does see.
  for (const transport of ['xhr-streaming', 'xhr-polling']) clients.get(transport).send({ type: 'unsubscribe' });
  await each('is there again after a restart', (client, transport) => sessionAfterRestart(again, client, transport, transport));
});
