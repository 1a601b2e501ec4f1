// SPDX-License-Identifier: Apache-2.0
// The bus amqp with a real broker: events in both directions.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const h = require('../../dialects/honeytrap/honeytrap');
const wazo = require('../../dialects/wazo/wazo');
const { startGateway, waitFor } = require('../../support/gateway');
const a = require('../../support/amqp');
const rabbit = require('../../support/rabbitmq');

test('amqp: any dialect on the same bus', async (t) => {
  const broker = await rabbit.vhost(t);
  const gw = await a.start(t, broker);
  await broker.has('events #');
  const client = await wazo.listening(t, gw);
  const body = wazo.event('call_created', null, { data: { n: 1 } });
  await broker.pub('events', 'calls', body, { contentType: 'application/json' });
  assert.strictEqual(await client.next(), body);
});

test('amqp: patterns of clients are bindings, once for all of them', async (t) => {
  const broker = await rabbit.vhost(t);
  const gw = await a.start(t, broker, { dialects: ['probe'] });
  const one = await a.probe(t, gw);
  const two = await a.probe(t, gw);
  const pattern = await one.pattern('house.*.door', 1);
  await two.pattern('house.*.door', 1);
  await two.pattern('car.#', 3);
  const literal = await two.literal('house.north.door', 2);
  await broker.has('events car.#', 'events house.*.door', 'events house.north.door');
  await broker.pub('events', 'house.north.door', 'one');
  assert.strictEqual(await one.next(), '1:one');
  assert.deepStrictEqual([await two.next(), await two.next()].sort(), ['1:one', '2:one']);
  await broker.pub('events', 'car', 'two');
  await broker.pub('events', 'car.x.y', 'three');
  assert.deepStrictEqual([await two.next(), await two.next()], ['3:two', '3:three']);
  await one.unsubscribe(pattern);
  await two.unsubscribe(literal);
  await broker.has('events car.#', 'events house.*.door');
  // A key that is no pattern but looks like one: the broker sends more, the gateway does not.
  await two.literal('x.*', 4);
  await broker.has('events car.#', 'events house.*.door', 'events x.*');
  await broker.pub('events', 'x.y', 'not this');
  await broker.pub('events', 'x.*', 'this');
  assert.strictEqual(await two.next(), '4:this');
  // No key of AMQP is so long.
  await two.literal('k'.repeat(256), 5);
  two.client.close();
  one.client.close();
  await broker.has();
});

test('amqp: published over HTTP', async (t) => {
  const broker = await rabbit.vhost(t);
  const gw = await a.start(t, broker, { dialects: ['probe'] });
  await a.publish(gw, 'a', 'before there is a queue');
  const { messages } = await broker.sub('events');
  const attributes = { source: 'test', 'x-note': 'grüße', 'amqp.correlation_id': 'c-1', 'amqp.reply_to': 'q-1', 'amqp.app_id': 'gw' };
  await a.publish(gw, 'a.b', '{"n":1}', { id: 'event-1', attributes, content_type: 'application/json' });
  await waitFor('the message', () => messages.length === 1);
  const [{ fields, properties, content }] = messages;
  assert.strictEqual(`${content}`, '{"n":1}');
  assert.deepStrictEqual([fields.exchange, fields.routingKey], ['events', 'a.b']);
  assert.deepStrictEqual([properties.messageId, properties.contentType, properties.correlationId, properties.replyTo, properties.appId,
    properties.deliveryMode], ['event-1', 'application/json', 'c-1', 'q-1', 'gw', 2]);
  const { timestamp_in_ms: ms, ...headers } = properties.headers;
  assert.deepStrictEqual(headers, { source: 'test', 'x-note': 'grüße' });
  assert.ok(Math.abs(ms - Date.now()) < 60000 && properties.timestamp === Math.floor(ms / 1000));
  // To a queue by its name.
  const direct = await broker.sub('');
  await gw.publish({ channel: '', key: direct.queue, body: 'x' });
  await waitFor('the message', () => direct.messages.length === 1);
  for (const key of ['k'.repeat(256)]) await a.publish(gw, key, 'x', {}, 422);
  await gw.publish({ channel: 'nowhere', key: 'a', body: 'x' }, 422);
  assert.match(gw.log, /an event cannot be published to the exchange \\?"nowhere\\?": NOT_FOUND/);
  const batch = Array.from({ length: 500 }, (_, i) => ({ specversion: '1.0', id: `e${i}`, source: '/t', type: 'many', channel: 'events', data: i }));
  const answer = await gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/cloudevents-batch+json' }, body: JSON.stringify(batch) });
  assert.strictEqual(answer.status, 200, answer.text);
  await waitFor('all messages', () => messages.length === 501);
  assert.deepStrictEqual(messages.slice(1).map((m) => `${m.content}`), batch.map((e) => `${e.data}`));
  assert.deepStrictEqual(await a.reasons(gw), []);
});
