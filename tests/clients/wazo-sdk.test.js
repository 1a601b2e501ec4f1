// SPDX-License-Identifier: Apache-2.0
// The published JavaScript SDK of Wazo, unmodified, over TLS: the current one and one that knows no protocol version.
'use strict';
const { after, test } = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const WebSocket = require('ws');
const { startGateway, wazoConfig, waitFor } = require('../support/gateway');

// The certificate is self-signed; a browser would ask its user once.
class Trusting extends WebSocket {
  constructor(url, protocols) { super(url, protocols, { rejectUnauthorized: false }); }
}
const sdk = (name) => require(path.join(__dirname, 'node_modules', name, 'dist/wazo-sdk.js'));
// The SDK's reconnecting socket keeps a timer of its own after it was closed, which would keep this process.
after(() => { setTimeout(() => process.exit(), 200).unref(); });

const event = (name, extra = {}) => ({ name, required_acl: `events.${name}`, data: { n: 1 }, ...extra });

function collect(t, client, names) {
  const seen = [];
  const note = (what) => (value) => seen.push([what, value]);
  for (const name of [...names, 'initialized', 'onclose', 'onopen']) client.on(name, note(name));
  // Otherwise it goes on reconnecting after the test.
  t.after(() => { client.stopHeartbeat?.(); client.close(); });
  return {
    seen,
    until: (what) => waitFor(what, () => { const i = seen.findIndex(([w]) => w === what); return i >= 0 && seen.splice(i, 1)[0]; }),
  };
}

test('@wazo/sdk 0.44.7, protocol version 2', async (t) => {
  const { WebSocketClient } = sdk('@wazo/sdk');
  const gw = await startGateway(t, wazoConfig({ tls: true, tokens: [{ token: 'second', grants: ['websocketd', 'events.#'] }] }));
  const client = new WebSocketClient({ host: `127.0.0.1:${gw.port('wazo')}`, token: 'some-token-id', version: 2, events: ['call_created', 'call_ended'] },
    { WebSocket: Trusting });
  const { seen, until } = collect(t, client, ['call_created', 'call_ended', 'call_secret']);
  client.connect();
  await until('initialized');
  await gw.wazo(event('call_secret'));
  await gw.wazo(event('call_created'));
  const [, got] = await until('call_created');
  assert.deepStrictEqual(got.data ?? got, event('call_created').data ?? event('call_created'));
  assert.ok(!seen.some(([w]) => w === 'call_secret'), 'not subscribed, not received');

  await t.test('its heartbeat is answered', async () => {
    let beats = 0;
    const socket = client.socket;
    socket.addEventListener('message', (m) => { if (String(m.data).includes('"op": "pong"')) beats += 1; });
    client.startHeartbeat();
    await waitFor('two pongs', () => beats >= 2);
    client.stopHeartbeat();
  });
  await t.test('it renews its token on the open connection', async () => {
    let renewed = false;
    client.socket.addEventListener('message', (m) => { if (String(m.data).includes('"op": "token"')) renewed = true; });
    client.updateToken('second');
    await waitFor('the answer to the token', () => renewed);
    await gw.revoke('some-token-id');
    await gw.wazo(event('call_ended'));
    await until('call_ended');
    await gw.revoke('second');
    await until('onclose');
  });
});

test('@wazo/sdk 0.24.0, which knows no version', async (t) => {
  const { WazoWebSocketClient } = sdk('wazo-sdk-v1');
  const gw = await startGateway(t, wazoConfig({ tls: true }));
  const client = new WazoWebSocketClient({ host: `127.0.0.1:${gw.port('wazo')}`, token: 'some-token-id', events: ['*'] }, { WebSocket: Trusting });
  const { until } = collect(t, client, ['call_created']);
  client.connect();
  await until('initialized');
  await gw.wazo(event('call_created'));
  assert.deepStrictEqual((await until('call_created'))[1], event('call_created'));
});

test('@wazo/sdk 0.44.7 comes back by itself after the gateway was restarted', async (t) => {
  const { WebSocketClient } = sdk('@wazo/sdk');
  const first = await startGateway(t, wazoConfig({ tls: true }));
  const port = first.port('wazo');
  const client = new WebSocketClient({ host: `127.0.0.1:${port}`, token: 'some-token-id', version: 2, events: ['*'] }, { WebSocket: Trusting });
  const { until } = collect(t, client, ['call_created']);
  client.connect();
  await until('initialized');
  await first.stop();
  await until('onclose');
  const second = await startGateway(t, wazoConfig({ tls: true }).replace('127.0.0.1:0', `127.0.0.1:${port}`));
  await until('initialized');
  await second.wazo(event('call_created'));
  await until('call_created');
});
