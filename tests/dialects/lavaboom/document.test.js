// SPDX-License-Identifier: Apache-2.0
// Every example of the document "SockJS endpoint", sent as printed; what is printed as the answer has to come.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { raw } = require('../../support/client');
const l = require('./lavaboom');

const info = 'GET /ws/info HTTP/1.1\r\nUser-Agent: LavaboomClient/1.0.0\r\nAccept: application/json\r\nHost: api.lavaboom.io\r\n\r\n';
const request = `{
    "type": "request",
    "id": "123",
    "method": "GET",
    "path": "/"
}`;
const response = `{
    "type": "response",
    "body": "{\\"message\\":\\"Lavaboom API\\",\\"docs_url\\":\\"http://lavaboom.readme.io/\\",\\"version\\":\\"v0\\"}",
    "headers": {
        "Content-Type": ["application/json; charset=utf-8"]
    },
    "id": "123",
    "status": 200
}`;
const subscribe = `{
    "type": "subscribe",
    "token": "valid token"
}`;
const unsubscribe = `{
    "type": "unsubscribe"
}`;
const delivery = `{
    "type": "delivery",
    "id": "delivered email id",
    "name": "Hello world"
}`;
const receipt = `{
    "type": "receipt",
    "id": "received email id",
    "name": "Hello world"
}`;

// Without SockJS framing, and with it.
const ways = [
  ['raw', (s, gw) => l.open(s, gw)],
  ['framed', async (s, gw) => {
    const c = await l.framed(s, gw);
    const next = async () => JSON.parse(JSON.parse((await c.next()).slice(1))[0]);
    return { next, ask: (text) => { c.send(JSON.stringify([text])); return next(); } };
  }],
];

test('lavaboom: the document', async (t) => {
  const body = JSON.parse(JSON.parse(response).body);
  const gw = await l.start(t, {
    upstream: { static: [{ method: 'GET', path: '/', headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) }] },
    tokens: [{ token: 'valid token', account: 'acc1' }],
    settings: { token_check: 'authenticator', minimal_events: true },
  });
  await t.test('info', async (s) => {
    const r = raw(s, gw.port('l'));
    r.write(info);
    const text = await r.until('the answer', (x) => x.endsWith('}'));
    assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
    const { entropy, ...rest } = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
    assert.deepStrictEqual(rest, { websocket: true, cookie_needed: false, origins: ['*:*'] });
    assert.ok(Number.isInteger(entropy));
  });
  for (const [way, open] of ways) {
    await t.test(`request, ${way}`, async (s) => {
      const c = await open(s, gw);
      assert.deepStrictEqual(await c.ask(request), JSON.parse(response));
    });
    await t.test(`a subscription and its events, ${way}`, async (s) => {
      const c = await open(s, gw);
      assert.deepStrictEqual(await c.ask(subscribe), { type: 'subscribed' });
      await l.delivery(gw, { id: 'delivered email id', owner: 'acc1', name: 'Hello world' });
      assert.deepStrictEqual(await c.next(), JSON.parse(delivery));
      await l.receipt(gw, { id: 'received email id', owner: 'acc1', name: 'Hello world', thread: 't', labels: ['l'] });
      assert.deepStrictEqual(await c.next(), JSON.parse(receipt));
      assert.deepStrictEqual(await c.ask(unsubscribe), { type: 'unsubscribed' });
    });
  }
});
