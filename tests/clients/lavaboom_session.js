// SPDX-License-Identifier: Apache-2.0
// What a Lavaboom client does with each transport of sockjs-client. A client is that of fixtures/lasting-client.js, or stands for one in a page.
'use strict';
const assert = require('node:assert');
const l = require('../dialects/lavaboom/lavaboom');
const { deadline } = require('../support/client');

const request = { type: 'request', id: 'r1', method: 'GET', path: '/', headers: { Accept: 'application/json' } };
const event = (owner, id) => ({ id, owner, name: `Grüße an ${owner} \u{1f4e7} </script>\u2028%41`, thread: 't1', labels: ['l1', 'l2'] });
const next = (client, what) => deadline(client.next(), what);
const ask = (client, message) => deadline(client.ask(message), `the answer to ${JSON.stringify(message)}`);

async function receives(gw, client, owner, id) {
  const { owner: _, ...shown } = event(owner, id);
  await l.receipt(gw, event(owner, id));
  assert.deepStrictEqual(await next(client, `the event ${id}`), { type: 'receipt', ...shown });
}
async function requests(client) {
  const { headers, body, ...rest } = await ask(client, request);
  assert.deepStrictEqual(rest, { type: 'response', id: 'r1', status: 200 });
  assert.deepStrictEqual(JSON.parse(body), l.root);
  assert.deepStrictEqual(headers['Content-Type'], ['application/json; charset=utf-8']);
}

// A whole session. It ends subscribed.
async function session(gw, client, owner, transport) {
  assert.strictEqual(await deadline(client.opened(1), `a session over ${transport}`), transport);
  await requests(client);
  assert.deepStrictEqual(await ask(client, { type: 'subscribe', token: 'nobody' }), l.invalidToken);
  assert.deepStrictEqual(await ask(client, { type: 'subscribe', token: owner }), { type: 'subscribed' });
  await receives(gw, client, owner, 'e1');
  assert.deepStrictEqual(await ask(client, { type: 'unsubscribe' }), { type: 'unsubscribed' });
  await l.receipt(gw, event(owner, 'e2'));
  await requests(client);
  assert.deepStrictEqual(await ask(client, { type: 'subscribe', token: owner }), { type: 'subscribed' });
  await receives(gw, client, owner, 'e3');
}

// After the gateway was killed and is there again: a new session, which knows nothing of the old one.
async function sessionAfterRestart(gw, client, owner, transport) {
  assert.strictEqual(await deadline(client.opened(2), `a new session over ${transport}`), transport);
  assert.deepStrictEqual(await ask(client, { type: 'unsubscribe' }), { type: 'error', error: 'Not subscribed' });
  assert.deepStrictEqual(await ask(client, { type: 'subscribe', token: owner }), { type: 'subscribed' });
  await receives(gw, client, owner, 'e4');
  await requests(client);
}

module.exports = { session, sessionAfterRestart };
