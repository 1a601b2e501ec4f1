// SPDX-License-Identifier: Apache-2.0
// The JSON examples of the document against a running gateway: as requests, and as events that are read back.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const examples = require('./examples');
const h = require('./honeytrap');

const { parse } = examples;
const keysOf = (object) => Object.keys(object);
// Values and the order of keys.
function same(actual, expected) {
  assert.deepStrictEqual(actual, expected);
  assert.strictEqual(JSON.stringify(actual), JSON.stringify(expected));
}

test('16: the requests of the document, verbatim', async (t) => {
  const gw = await h.start(t);
  const client = await h.dashboard(t, gw);
  for (const text of [examples.fetchSessions, `${examples.fetchSessions}\n`, `\r\n${examples.fetchSessions} `])
    same(await h.ask(client, text), { type: 2, payload: [] });
  same(await h.ask(client, examples.fetchEvents), { type: 4, payload: [] });
  same(await h.ask(client, Buffer.from(examples.fetchEvents)), { type: 4, payload: [] });
});

test('6, 7, 20, 21: the events of the document come back with the same keys and values', async (t) => {
  const ways = {
    'POST /v1/action': async (gw, text) => assert.strictEqual((await h.deliver(gw, text)).status, 200),
    'POST /publish': (gw, text) => h.publish(gw, text),
  };
  for (const [way, send] of Object.entries(ways))
    for (const array of [false, true])
      await t.test(`6, 7, 20, 21: ${way}, ${array ? 'the payload with its comma' : 'the event alone'}`, async (s) => {
        const gw = await h.start(s);
        const client = await h.dashboard(s, gw);
        await send(gw, array ? examples.payload(examples.sessionEvent) : examples.sessionEvent);
        same(await h.next(client), { ...parse(examples.newSessions), type: 5 });
        await send(gw, array ? examples.payload(examples.otherEvent) : examples.otherEvent);
        same(await h.next(client), { ...parse(examples.newEvents), type: 6 });
        same(await h.ask(client, examples.fetchSessions), parse(examples.fetchSessionsReply));
        same(await h.ask(client, examples.fetchEvents), parse(examples.fetchEventsReply));
        same((await h.getEvents(gw, '/sessions')).events, [parse(examples.sessionEvent)]);
        same((await h.getEvents(gw, '/events')).events, [parse(examples.otherEvent)]);
      });
  await t.test('6, 7: by raven', async (s) => {
    const gw = await h.start(s);
    const client = await h.dashboard(s, gw);
    const pusher = await h.raven(s, gw);
    pusher.send(Buffer.from(examples.sessionEvent));
    same((await h.next(client)).payload, [parse(examples.sessionEvent)]);
    pusher.send(Buffer.from(examples.otherEvent));
    same((await h.next(client)).payload, [parse(examples.otherEvent)]);
  });
});

test('22: the examples of the pushes, letter by letter, with swap_new_codes', async (t) => {
  const gw = await h.start(t, { settings: { swap_new_codes: true } });
  const client = await h.dashboard(t, gw);
  await h.publish(gw, examples.sessionEvent);
  same(await h.next(client), parse(examples.newSessions));
  await h.publish(gw, examples.otherEvent);
  same(await h.next(client), parse(examples.newEvents));
});

test('14: the frames of the server are no requests', async (t) => {
  const gw = await h.start(t);
  const client = await h.dashboard(t, gw);
  for (const text of [examples.error, examples.fetchSessionsReply, examples.fetchEventsReply, examples.newSessions, examples.newEvents])
    same(await h.ask(client, text), h.unknown(parse(text).type));
});

test('12, 19: an error has the shape of the example', async (t) => {
  // No journal can be made below a file.
  const gw = await h.start(t, { journal: { path: '@DIR@/dragoman.yaml/journal.sqlite' } });
  const client = await h.dashboard(t, gw);
  const example = parse(examples.error);
  for (const [text, request] of [[examples.fetchSessions, 1], [examples.fetchEvents, 3]]) {
    const reply = await h.ask(client, text);
    assert.deepStrictEqual(keysOf(reply), keysOf(example));
    assert.deepStrictEqual(keysOf(reply.payload), keysOf(example.payload));
    assert.strictEqual(reply.type, example.type);
    assert.strictEqual(reply.payload.request, request);
    assert.match(reply.payload.error, /journal/);
  }
});
