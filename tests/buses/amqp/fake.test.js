// SPDX-License-Identifier: Apache-2.0
// The bus amqp with brokers that say what RabbitMQ does not.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const net = require('node:net');
const { waitFor } = require('../../support/gateway');
const a = require('../../support/amqp');

const short = (n) => Buffer.from([n >> 8, n & 255]);
const long = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };
const longlong = (n) => { const b = Buffer.alloc(8); b.writeBigUInt64BE(BigInt(n)); return b; };
const text = (s) => Buffer.concat([Buffer.from([s.length]), Buffer.from(s)]);
const longText = (s) => Buffer.concat([long(s.length), Buffer.from(s)]);
const frame = (type, channel, ...parts) => {
  const payload = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([type]), short(channel), long(payload.length), payload, Buffer.from([0xce])]);
};
const method = (channel, klass, id, ...parts) => frame(1, channel, short(klass), short(id), ...parts);
const deliver = (tag, key) => method(1, 60, 60, text('tag'), longlong(tag), Buffer.from([0]), text('events'), text(key));
const header = (size, flags = Buffer.from([0, 0])) => frame(2, 1, short(60), short(0), longlong(size), flags);
const message = (tag, body) => Buffer.concat([deliver(tag, 'k'), header(body.length), frame(3, 1, Buffer.from(body))]);

// The answers that open a connection; on[class.method](socket, channel, payload) takes one by a test's own.
const answers = {
  '10.11': (s) => s.write(method(0, 10, 30, short(100), long(131072), short(0))),
  '10.31': () => {},
  '10.40': (s) => s.write(method(0, 10, 41, text(''))),
  '10.50': (s) => s.end(method(0, 10, 51)),
  '20.10': (s, c) => s.write(method(c, 20, 11, long(0))),
  '60.10': (s, c) => s.write(method(c, 60, 11)),
  '50.10': (s, c) => s.write(method(c, 50, 11, text('q'), long(0), long(0))),
  '60.20': (s, c) => s.write(method(c, 60, 21, text('tag'))),
  '40.10': (s, c) => s.write(method(c, 40, 11)),
  '50.20': (s, c) => s.write(method(c, 50, 21)),
  '85.10': (s, c) => s.write(method(c, 85, 11)),
};
const start = method(0, 10, 10, Buffer.from([0, 9]), long(0), longText('PLAIN'), longText('en_US'));

async function fakeBroker(t, on = {}, greeting = start) {
  const sockets = new Set();
  const fake = { connections: 0, sockets };
  const server = net.createServer((socket) => {
    fake.connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let rest = Buffer.alloc(0), greeted = false;
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      if (!greeted && rest.length >= 8) {
        greeted = true;
        rest = rest.subarray(8);
        socket.write(greeting);
      }
      while (greeted && rest.length >= 8 && rest.length >= 8 + rest.readUInt32BE(3)) {
        const size = rest.readUInt32BE(3), channel = rest.readUInt16BE(1), payload = rest.subarray(7, 7 + size);
        if (rest[0] === 1) {
          const name = `${payload.readUInt16BE(0)}.${payload.readUInt16BE(2)}`;
          (on[name] || answers[name] || (() => {}))(socket, channel, payload);
        }
        rest = rest.subarray(8 + size);
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  fake.url = `amqp://127.0.0.1:${server.address().port}`;
  return fake;
}
// A binding is wanted, and these bytes follow.
const says = (...parts) => ({ '50.20': (s, c) => { answers['50.20'](s, c); s.write(Buffer.concat(parts)); } });

test('amqp: messages that are no events are left out, and confirmed in their turn', async (t) => {
  const confirmed = [];
  const badKey = deliver(2, 'k');
  badKey[badKey.length - 2] = 0xff;
  const broker = await fakeBroker(t, {
    ...says(message(1, 'one'), badKey, header(3), frame(3, 1, Buffer.from('two')), deliver(3, 'k'), header(0), message(4, 'four')),
    '60.80': (s, c, payload) => confirmed.push(`${payload.readBigUInt64BE(4)} ${payload[12]}`),
  });
  const gw = await a.start(t, broker, { dialects: ['probe'] });
  const probe = await a.probe(t, gw);
  await probe.pattern('#', 1);
  for (const body of ['1:one', '1:', '1:four']) assert.strictEqual(await probe.next(), body);
  await waitFor('the last confirmation', () => confirmed.at(-1) === '4 1');
  await waitFor('the log', () => /is no event: its key or its body is too long; messages dropped so far: 1/.test(gw.log));
});

test('amqp: what breaks the protocol ends the connection only', async (t) => {
  const table = Buffer.concat([Buffer.from([0x20, 0]), long(0x7fffffff)]);
  const bad = {
    'a body that is larger than announced': [deliver(1, 'k'), header(2), frame(3, 1, Buffer.from('abc'))],
    'a body without a header': [deliver(1, 'k'), frame(3, 1, Buffer.from('abc'))],
    'a header without a message': [header(2)],
    'a message in a message': [deliver(1, 'k'), deliver(2, 'k')],
    'headers that end too early': [deliver(1, 'k'), header(1, table)],
    'a frame beyond what was agreed': [Buffer.from([3, 0, 1, 0x7f, 0, 0, 0])],
    'no frame': [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    'a frame without its end': [Buffer.concat([frame(3, 1, Buffer.from('x')).subarray(0, -1), Buffer.from([0])])],
    'a consumer that is gone': [method(1, 60, 30, text('tag'), Buffer.from([1]))],
    'a closed channel': [method(1, 20, 40, short(504), text('CHANNEL_ERROR'), short(0), short(0))],
    'a closed connection': [method(0, 10, 50, short(541), text('INTERNAL_ERROR'), short(0), short(0))],
  };
  await Promise.all(Object.entries(bad).map(([name, parts]) => t.test(name, async (s) => {
    const broker = await fakeBroker(s, says(...parts));
    const gw = await a.start(s, broker, { dialects: ['probe'] });
    await (await a.probe(s, gw)).literal('k');
    // Each connection that consumes ends so, and both come again.
    await waitFor('more attempts', () => broker.connections >= 6);
    assert.match(gw.log, /bus lost/);
    assert.strictEqual((await gw.request('GET', '/healthz')).status, 200);
  })));
});

test('amqp: a body of any announced size takes no memory', async (t) => {
  const broker = await fakeBroker(t, says(deliver(1, 'k'), header(2n ** 40n), ...Array.from({ length: 100 }, () => frame(3, 1, Buffer.alloc(100000)))));
  const gw = await a.start(t, broker, { dialects: ['probe'] });
  await (await a.probe(t, gw)).literal('k');
  await waitFor('the binding', async () => await gw.metric('dragoman_bus_connected') === 1);
  assert.deepStrictEqual(await a.reasons(gw), []);
});

test('amqp: greetings that are none', async (t) => {
  const wrong = [Buffer.from('AMQP\x01\x01\x00\x0a'), Buffer.alloc(100), method(0, 10, 10), method(0, 10, 50, short(320), text('bye'), short(0), short(0)),
    method(0, 10, 10, Buffer.from([0, 9]), long(0xffffff00)), Buffer.alloc(200000, 1)];
  await Promise.all(wrong.map(async (greeting, i) => {
    const broker = await fakeBroker(t, {}, greeting);
    const gw = await a.start(t, broker, { wait: false, dialects: ['probe'], settings: { connect_timeout: '300ms' } });
    await waitFor(`attempts after greeting ${i}`, () => broker.connections >= 3);
    assert.strictEqual((await gw.request('GET', '/healthz')).status, 200);
  }));
});

test('amqp: what the broker does not take is no success', async (t) => {
  const published = [];
  const on = { '60.40': (s, c, payload) => published.push([s, c, payload.toString('latin1')]) };
  const broker = await fakeBroker(t, on);
  const gw = await a.start(t, broker, { dialects: ['probe'], settings: { publish_timeout: '1s', max_inflight: 3 } });
  const ack = (tag, multiple) => method(1, 60, 80, longlong(tag), Buffer.from([multiple]));
  const nack = (tag, multiple) => method(1, 60, 120, longlong(tag), Buffer.from([multiple]));
  const three = [['k1', 200], ['k2', 200], ['k3', 503]].map(([key, status]) => a.publish(gw, key, 'x', {}, status));
  await waitFor('three', () => published.length === 3);
  const order = published.map((p) => p[2].match(/k\d/)[0]);
  const [socket] = published[0];
  // The first two of the order are taken at once, unless the last of the three is among them.
  const at = order.indexOf('k3') + 1;
  socket.write(nack(at, 0));
  socket.write(ack(0, 1));
  await Promise.all(three);
  await waitFor('the log', () => /the broker could not take a published event/.test(gw.log));
  // Numbers of nothing.
  socket.write(Buffer.concat([ack(77, 0), nack(2 ** 40, 0)]));
  const fourth = a.publish(gw, 'k4', 'x');
  await waitFor('the fourth', () => published.length === 4);
  socket.write(ack(4, 0));
  await fourth;
  // No answer at all.
  const before = broker.connections;
  await a.publish(gw, 'k5', 'x', {}, 503);
  await waitFor('the log', () => /to publish: it did not confirm in time/.test(gw.log));
  await waitFor('another connection', () => broker.connections === before + 1);
  await a.connected(gw);
  // Those under way when the broker ends are answered.
  const sixth = a.publish(gw, 'k6', 'x', {}, 503);
  await waitFor('the sixth', () => published.length === 6);
  for (const one of broker.sockets) one.destroy();
  await sixth;
});
