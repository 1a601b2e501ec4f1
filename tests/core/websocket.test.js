// SPDX-License-Identifier: Apache-2.0
// The WebSocket transport over real sockets, with the echo dialects (C and C++): RFC 6455 and RFC 7692.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const zlib = require('node:zlib');
const crypto = require('node:crypto');
const { raw, upgrade, frame, connect } = require('../support/client');
const { startProbe, open } = require('./probe');

async function rawSession(t, gw, extra = '') {
  const r = raw(t, gw.port('main'));
  r.write(upgrade('/', extra));
  await r.until('101', (s) => s.includes('\r\n\r\n'));
  r.head = r.data.toString('latin1');
  r.data = r.data.subarray(r.head.indexOf('\r\n\r\n') + 4);
  return r;
}
// The frames that came: [first byte, payload].
function frames(data) {
  const out = [];
  let at = 0;
  while (data.length - at >= 2) {
    let size = data[at + 1], head = 2;
    if (size === 126) { size = data.readUInt16BE(at + 2); head = 4; }
    else if (size === 127) { size = Number(data.readBigUInt64BE(at + 2)); head = 10; }
    if (data.length - at < head + size) break;
    out.push([data[at], data.subarray(at + head, at + head + size)]);
    at += head + size;
  }
  return out;
}
const closeCode = (data) => { const f = frames(data).find(([op]) => op === 0x88); return f && f[1].length ? f[1].readUInt16BE(0) : undefined; };

for (const plugin of ['echo', 'echo-c']) {
  test(`websocket: ${plugin}`, async (t) => {
    const gw = await startProbe(t, { plugin, limits: { message_bytes: '20MiB', queue_bytes: '64MiB', control_per_second: 1000, close_timeout: '1h' } });
    await t.test('sizes around every length encoding, text and binary', async (s) => {
      const client = await open(s, gw);
      for (const size of [0, 1, 125, 126, 127, 65535, 65536, 300000]) {
        client.send('a'.repeat(size));
        assert.strictEqual(await client.next(), 'a'.repeat(size));
        const bytes = crypto.randomBytes(size);
        client.send(bytes);
        assert.ok(bytes.equals(await client.next()));
      }
    });
    await t.test('16 MiB', async (s) => {
      const client = await open(s, gw, '', { maxPayload: 0 });
      const bytes = Buffer.alloc(16 << 20, 7);
      client.send(bytes);
      assert.ok(bytes.equals(await client.next()));
    });
    await t.test('fragments with pings between, split inside a character', async (s) => {
      const r = await rawSession(s, gw);
      const text = Buffer.from('κόσμε\u{1F600}');
      for (let i = 0; i < text.length; ++i) {
        r.write(frame(i ? 0 : 1, text.subarray(i, i + 1), { fin: false }));
        r.write(frame(9, `p${i}`));
      }
      r.write(frame(0, ''));
      await r.until('the echo', () => frames(r.data).length === text.length + 1);
      const got = frames(r.data);
      got.slice(0, -1).forEach(([op, payload], i) => assert.deepStrictEqual([op, payload.toString()], [0x8a, `p${i}`]));
      assert.deepStrictEqual([got.at(-1)[0], got.at(-1)[1].toString()], [0x81, text.toString()]);
    });
    await t.test('65,537 fragments', async (s) => {
      const r = await rawSession(s, gw);
      r.write(Buffer.concat([frame(1, 'x', { fin: false }), ...Array.from({ length: 65535 }, () => frame(0, 'x', { fin: false })), frame(0, 'x')]));
      await r.until('the echo', () => frames(r.data).length === 1);
      assert.strictEqual(frames(r.data)[0][1].length, 65537);
    });
    await t.test('byte by byte', async (s) => {
      const r = await rawSession(s, gw);
      for (const byte of frame(1, 'slow')) {
        r.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await r.until('the echo', () => frames(r.data).length === 1);
      assert.strictEqual(frames(r.data)[0][1].toString(), 'slow');
    });
    const wrong = [
      ['unmasked', frame(1, 'x', { masked: false }), 1002], ['RSV1 without compression', frame(1, 'x', { rsv: 0x40 }), 1002],
      ['RSV2', frame(1, 'x', { rsv: 0x20 }), 1002], ['a reserved opcode', frame(3, 'x'), 1002], ['a reserved control opcode', frame(11, ''), 1002],
      ['a fragmented ping', frame(9, 'x', { fin: false }), 1002], ['a long ping', frame(9, 'x'.repeat(126)), 1002],
      ['a continuation of nothing', frame(0, 'x'), 1002], ['a message inside a message', Buffer.concat([frame(1, 'x', { fin: false }), frame(1, 'y')]), 1002],
      ['bad UTF-8', frame(1, Buffer.from([0xc0, 0xaf])), 1007], ['a surrogate', frame(1, Buffer.from([0xed, 0xa0, 0x80])), 1007],
      ['UTF-8 cut short', frame(1, Buffer.from([0xe2, 0x82])), 1007],
      ['bad UTF-8 before the message is complete', frame(1, Buffer.from([0xff]), { fin: false }), 1007],
      ['a close of one byte', frame(8, 'x'), 1002], ['a close with a reserved code', frame(8, Buffer.from([3, 0xed])), 1002],
      ['a close with bad UTF-8', frame(8, Buffer.from([3, 0xe8, 0xff])), 1007], ['a length that is too long', Buffer.concat([Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x10, 0, 0, 0, 1, 2, 3, 4])]), 1009],
    ];
    for (const [what, bytes, code] of wrong)
      await t.test(`${code}: ${what}`, async (s) => {
        const r = await rawSession(s, gw);
        r.write(bytes);
        await r.until('a close', () => closeCode(r.data) !== undefined);
        assert.strictEqual(closeCode(r.data), code);
        // RFC 6455 7.1.7: the connection ends without the client's answer.
        await r.end();
      });
    await t.test('the closing handshake answers with the same code, and without a code with none', async (s) => {
      for (const [payload, answer] of [[Buffer.from([0x0f, 0xa0]), '0fa0'], [Buffer.concat([Buffer.from([3, 0xe8]), Buffer.from('bye')]), '03e8'], [Buffer.alloc(0), '']]) {
        const r = await rawSession(s, gw);
        r.write(frame(8, payload));
        await r.end();
        assert.strictEqual(frames(r.data)[0][0], 0x88);
        assert.strictEqual(frames(r.data)[0][1].toString('hex'), answer);
      }
    });
  });
}

test('websocket: a message and a control flood over their limits', async (t) => {
  const gw = await startProbe(t, { plugin: 'echo', limits: { message_bytes: 200, control_per_second: 10, close_timeout: '1h' } });
  const big = await open(t, gw);
  big.send('x'.repeat(201));
  assert.strictEqual((await big.closed()).code, 1009);
  const flood = await open(t, gw);
  for (let i = 0; i < 30; ++i) flood.socket.ping();
  assert.strictEqual((await flood.closed()).code, 1008);
  await gw.counted(1, 'dragoman_sessions_ended_total', 'reason="control_flood"');
  // What is no frame comes instead of the answer to the close.
  const broken = await rawSession(t, gw);
  for (let i = 0; i < 30; ++i) broken.write(frame(9, ''));
  await broken.until('a close', () => closeCode(broken.data) === 1008);
  broken.write(frame(3, ''));
  await broken.end();
});

test('websocket: permessage-deflate', async (t) => {
  const gw = await startProbe(t, { compression: true, limits: { message_bytes: '64KiB' } });
  await t.test('negotiated without context takeover, both ways', async (s) => {
    const client = await open(s, gw);
    assert.match(client.socket.extensions, /permessage-deflate/);
    for (const size of [0, 10, 1000, 60000]) {
      const text = `echo ${'ab'.repeat(size / 2)}`;
      client.send(text.slice(5));
      assert.strictEqual(await client.next(), text);
    }
  });
  await t.test('the answer on the wire, and a frame that is compressed once for all', async (s) => {
    const r = await rawSession(s, gw, 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n');
    assert.match(r.head, /Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n/);
    r.write(frame(1, 'sub c # 1'));
    await r.until('the reply', () => frames(r.data).length === 1);
    const plain = await open(s, gw, '', { perMessageDeflate: false });
    plain.send('sub c # 1');
    await plain.next();
    await gw.publish({ channel: 'c', key: 'k', body: 'x'.repeat(500) });
    assert.strictEqual(await plain.next(), `1:${'x'.repeat(500)}`);
    await r.until('the event', () => frames(r.data).length === 2);
    const [first, payload] = frames(r.data)[1];
    assert.strictEqual(first, 0xc1);
    const inflated = zlib.inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]), { finishFlush: zlib.constants.Z_SYNC_FLUSH });
    assert.strictEqual(inflated.toString(), `1:${'x'.repeat(500)}`);
  });
  await t.test('a client with a small window understands what others get too', async (s) => {
    const r = await rawSession(s, gw, 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n');
    assert.match(r.head, /Sec-WebSocket-Extensions: permessage-deflate; .*; server_max_window_bits=9\r\n/);
    r.write(frame(1, 'sub w # 1'));
    await r.until('the reply', () => frames(r.data).length === 1);
    const wide = await open(s, gw);
    wide.send('sub w # 1');
    await wide.next();
    // The second has a match a thousand bytes back, and nothing else to compress.
    const far = crypto.randomBytes(500).toString('hex');
    const sent = [`1:${'x'.repeat(500)}`, `1:${far}${far}`];
    for (const [i, text] of sent.entries()) {
      await gw.publish({ channel: 'w', key: 'k', body: text.slice(2) });
      assert.strictEqual(await wide.next(), text);
      await r.until('the event', () => frames(r.data).length === i + 2);
    }
    const [[, reply], [small, packed], [large, plain]] = frames(r.data);
    assert.ok(reply.length > 0);
    assert.strictEqual(small, 0xc1);
    const inflated = zlib.inflateRawSync(Buffer.concat([packed, Buffer.from([0, 0, 0xff, 0xff])]), { windowBits: 9, finishFlush: zlib.constants.Z_SYNC_FLUSH });
    assert.strictEqual(inflated.toString(), sent[0]);
    assert.deepStrictEqual([large, plain.toString()], [0x81, sent[1]]);
  });
  await t.test('a compressed message in fragments, and bad ones', async (s) => {
    const deflated = zlib.deflateRawSync('fragmented '.repeat(50), { finishFlush: zlib.constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const offer = 'Sec-WebSocket-Extensions: permessage-deflate\r\n';
    const r = await rawSession(s, gw, offer);
    r.write(frame(1, deflated.subarray(0, 5), { fin: false, rsv: 0x40 }));
    r.write(frame(0, deflated.subarray(5)));
    await r.until('the echo', () => frames(r.data).length === 1);
    const broken = await rawSession(s, gw, offer);
    broken.write(frame(1, Buffer.from([0xff, 0xff, 0xff]), { rsv: 0x40 }));
    await broken.until('a close', () => closeCode(broken.data) !== undefined);
    assert.strictEqual(closeCode(broken.data), 1007);
    const bomb = await rawSession(s, gw, offer);
    bomb.write(frame(1, zlib.deflateRawSync(Buffer.alloc(10 << 20, 65), { finishFlush: zlib.constants.Z_SYNC_FLUSH }).subarray(0, -4), { rsv: 0x40 }));
    await bomb.until('a close', () => closeCode(bomb.data) !== undefined);
    assert.strictEqual(closeCode(bomb.data), 1009);
    const continued = await rawSession(s, gw, offer);
    continued.write(Buffer.concat([frame(1, 'x', { fin: false }), frame(0, 'y', { rsv: 0x40 })]));
    await continued.until('a close', () => closeCode(continued.data) !== undefined);
    assert.strictEqual(closeCode(continued.data), 1002);
  });
});

test('websocket: Unix socket and IPv6', async (t) => {
  const unix = await startProbe(t, { address: 'unix:@DIR@/ws.sock', plugin: 'echo', threads: 3 });
  for (let i = 0; i < 6; ++i) {
    const client = await connect(t, `ws+unix://${unix.directory}/ws.sock:/`);
    client.send('over unix');
    assert.strictEqual(await client.next(), 'over unix');
  }
  const six = await startProbe(t, { address: '[::1]:0', plugin: 'echo' });
  const client = await connect(t, `ws://[::1]:${six.port('main')}/`);
  client.send('over six');
  assert.strictEqual(await client.next(), 'over six');
});
