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
  await gw.publish({ channel: 'nowhere', key: 'a', body: 'x' }, 422);
  await waitFor('the log', () => /an event cannot be published to the exchange \\?"nowhere\\?": NOT_FOUND/.test(gw.log));
  const batch = Array.from({ length: 500 }, (_, i) => ({ specversion: '1.0', id: `e${i}`, source: '/t', type: 'many', channel: 'events', data: i }));
  const answer = await gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/cloudevents-batch+json' }, body: JSON.stringify(batch) });
  assert.strictEqual(answer.status, 200, answer.text);
  await waitFor('all messages', () => messages.length === 501);
  assert.deepStrictEqual(messages.slice(1).map((m) => `${m.content}`), batch.map((e) => `${e.data}`));
  assert.deepStrictEqual(await a.reasons(gw), []);
});

test('amqp: headers and properties of a message are around the event', async (t) => {
  const broker = await rabbit.vhost(t);
  const gw = await a.start(t, broker, { dialects: ['probe'] });
  const client = await a.probe(t, gw);
  await client.pattern('#', 1000);
  await broker.has('events #');
  const next = async () => (await client.next()).split('|');
  await broker.pub('events', 'a.b', '{}', { messageId: 'm-1', contentType: 'text/json', timestamp: 1700000000, correlationId: 'c-1', replyTo: 'q', appId: 'app',
    type: 'kind', headers: { Name: 'call_created', n: 7, big: 2 ** 40, half: 0.5, yes: true, no: false, list: [1], table: { a: 1 }, nothing: null,
      bytes: Buffer.from([1, 2]), 'amqp.type': 'forged', control: 'a\nb', long: 'v'.repeat(1025) } });
  assert.deepStrictEqual(await next(), ['m-1', 'events', 'a.b', 'text/json', '1700000000000', 'amqp.correlation_id=c-1', 'amqp.reply_to=q', 'amqp.app_id=app',
    'amqp.type=kind', 'name=call_created', 'n=7', 'big=1099511627776', 'half=0.5', 'yes=true', 'no=false']);
  // There and back.
  await a.publish(gw, 'c', 'x', { id: 'event-2', attributes: { one: '1' }, content_type: 'text/plain' });
  const [id, , key, type, time, ...attributes] = await next();
  assert.deepStrictEqual([id, key, type, attributes], ['event-2', 'c', 'text/plain', ['one=1']]);
  assert.ok(Math.abs(Number(time) - Date.now()) < 60000 && time % 1000 !== undefined);
  await broker.pub('events', 'd', Buffer.from([0xff]), { headers: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`h${i}`, 'v'])) });
  const plain = await next();
  assert.match(plain[0], /^[0-9a-f]{32}$/);
  assert.deepStrictEqual([plain[3], plain.length], ['application/octet-stream', 5 + 64]);
});

test('amqp: exchanges of each type', async (t) => {
  const broker = await rabbit.vhost(t);
  const exchanges = { fan: { type: 'fanout', declare: true, durable: false }, one: { type: 'direct', declare: true, auto_delete: true },
    heads: { type: 'headers', declare: true }, mine: { type: 'headers', declare: true, match: [{ origin: 'me', n: 1, yes: true }, { origin: 'other' }] } };
  const gw = await a.start(t, broker, { dialects: ['probe'], settings: { exchanges } });
  const client = await a.probe(t, gw);
  await client.pattern('x.*', 1, 'fan');
  await client.pattern('#', 2, 'one');
  await client.literal('k', 3, 'one');
  await client.pattern('#', 4, 'heads');
  await client.pattern('#', 5, 'mine');
  await broker.has('fan ', 'heads ', 'mine ', 'mine ', 'one k');
  assert.match(gw.log, /keys of the exchange \\?"one\\?" are wanted by a pattern, which type direct does not have/);
  await broker.pub('fan', 'y', 'another key');
  await broker.pub('fan', 'x.1', 'fan');
  assert.strictEqual(await client.next(), '1:fan');
  await broker.pub('one', 'k', 'one');
  assert.deepStrictEqual([await client.next(), await client.next()].sort(), ['2:one', '3:one']);
  await broker.pub('heads', 'any', 'heads', { headers: { a: 1 } });
  assert.strictEqual(await client.next(), '4:heads');
  await broker.pub('mine', '', 'not mine', { headers: { origin: 'me', n: 1, yes: 'true' } });
  await broker.pub('mine', '', 'mine', { headers: { origin: 'me', n: 1, yes: true } });
  await broker.pub('mine', '', 'other', { headers: { origin: 'other' } });
  assert.deepStrictEqual([await client.next(), await client.next()], ['5:mine', '5:other']);
  const made = await broker.server.ask('GET', `/api/exchanges/${broker.name}`);
  assert.deepStrictEqual(made.filter((e) => e.name in exchanges).map((e) => [e.name, e.type, e.durable, e.auto_delete]),
    [['fan', 'fanout', false, false], ['heads', 'headers', true, false], ['mine', 'headers', true, false], ['one', 'direct', true, true]]);
});

test('amqp: an exchange that is not there holds up nothing else, and is asked for again', async (t) => {
  const broker = await rabbit.vhost(t);
  await broker.exchange('other', 'fanout');
  const gw = await a.start(t, broker, { dialects: ['probe'], settings: { exchanges: { other: { type: 'topic', declare: true } } } });
  const client = await a.probe(t, gw);
  await client.literal('k', 1, 'late');
  await client.literal('k', 2, 'other');
  await client.literal('k', 3);
  await broker.has('events k');
  await waitFor('the log', () => /no events come from the exchange \\?"late\\?".*NOT_FOUND - no exchange 'late'/.test(gw.log)
    && /no events come from the exchange \\?"other\\?".*PRECONDITION_FAILED/.test(gw.log));
  await a.publish(gw, 'k', 'x');
  assert.strictEqual(await client.next(), '3:x');
  await broker.exchange('late');
  await broker.has('events k', 'late k');
  await broker.pub('late', 'k', 'y');
  assert.strictEqual(await client.next(), '1:y');
  await waitFor('the log', () => /the exchange \\?"late\\?" is there/.test(gw.log));
  assert.strictEqual(gw.log.split('no events come from the exchange').length, 3);
  assert.deepStrictEqual(await a.reasons(gw), []);
});

test('amqp: a binding that the broker refuses holds up nothing else', async (t) => {
  const broker = await rabbit.vhost(t);
  const name = `user-${broker.name}`;
  await broker.server.ask('PUT', `/api/users/${name}`, { password: 'its password', tags: '' });
  t.after(() => broker.server.api('DELETE', `/api/users/${name}`));
  await broker.server.ask('PUT', `/api/permissions/${broker.name}/${name}`, { configure: '.*', write: '.*', read: '.*' });
  await broker.server.ask('PUT', `/api/topic-permissions/${broker.name}/${name}`, { exchange: 'events', write: '^public', read: '^public' });
  const gw = await a.start(t, broker, { dialects: ['probe'], settings: { username: name, password: 'its password' } });
  const client = await a.probe(t, gw);
  for (const key of ['public.1', 'secret.1', 'public.2', 'secret.2', 'public.3']) await client.literal(key, 1);
  await broker.has('events public.1', 'events public.2', 'events public.3');
  await waitFor('the log', () => gw.log.split('the broker refuses a binding to the exchange').length === 3);
  await a.publish(gw, 'public.2', 'x');
  assert.strictEqual(await client.next(), '1:x');
  // An event whose key may not be published takes nothing with it for long.
  await a.publish(gw, 'secret.1', 'x', {}, 503);
  await waitFor('the log', () => /the broker refuses a published event: ACCESS_REFUSED/.test(gw.log));
  await a.publish(gw, 'public.3', 'y');
  assert.strictEqual(await client.next(), '1:y');
});

test('amqp: honeytrap publishes to a queue by its name', async (t) => {
  const broker = await rabbit.vhost(t);
  const setup = await broker.channel();
  await setup.assertQueue('honeytrap', { durable: false });
  await broker.pub('', 'honeytrap', h.event({ name: 'while the gateway was away' }), { contentType: 'text/json' });
  const settings = { ...a.busSettings(broker), queue: 'honeytrap', queue_channel: 'honeytrap', exchanges: { honeytrap: { declare: true } } };
  const gw = await startGateway(t, h.config({ journal: { path: '@DIR@/journal' } })
    .replace('plugin: embedded', `plugin: amqp, settings: ${JSON.stringify(settings)}`));
  await a.connected(gw);
  await broker.pub('', 'honeytrap', h.event({ name: 'now' }), { contentType: 'text/json' });
  await waitFor('both', async () => await gw.metric('dragoman_bus_events_total') === 2);
  await waitFor('the confirmations', async () => (({ ready, unconfirmed }) => ready + unconfirmed === 0)(await broker.counts()));
  const client = await h.dashboard(t, gw);
  assert.deepStrictEqual((await h.fetched(client)).map((event) => event.name), ['while the gateway was away', 'now']);
});

test('amqp: a queue of its own outlives the gateway', async (t) => {
  const broker = await rabbit.vhost(t);
  const options = { dialects: ['probe', 'valtronics'], settings: { queue: 'node-1', queue_durable: true, queue_expires: '1h' } };
  const first = await a.start(t, broker, options);
  await broker.has('events #');
  await first.stop();
  await broker.pub('events', 'valtronics.TEMP-001.status', { status: 'online' }, { persistent: true });
  const [queue] = await broker.server.ask('GET', `/api/queues/${broker.name}`);
  assert.deepStrictEqual([queue.name, queue.durable, queue.exclusive, queue.arguments['x-expires']], ['node-1', true, false, 3600000]);
  const second = await a.start(t, broker, options);
  await waitFor('the event', async () => await second.metric('dragoman_bus_events_total') === 1);
});
