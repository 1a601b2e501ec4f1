// SPDX-License-Identifier: Apache-2.0
// SockJS digest statements 23-29: frames and their encoding; 53-58, 76: xhr and xhr_send.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const s = require('./sockjs');

// What browsers are known to lose in transit, as the server must escape it.
const lost = [[0x200c, 0x200f], [0x2028, 0x202f], [0x2060, 0x206f], [0xfff0, 0xffff]];
// What the browser client escapes beside lone surrogates: JSON's own, combining marks, compatibility characters and so on.
const escapedByClients = [[0x00, 0x1f], [0x22, 0x22], [0x5c, 0x5c], [0x7f, 0x9f], [0x300, 0x333], [0x33d, 0x346], [0x34a, 0x34c], [0x350, 0x352], [0x357, 0x358], [0x35c, 0x362],
  [0x374, 0x374], [0x37e, 0x37e], [0x387, 0x387], [0x591, 0x5af], [0x5c4, 0x5c4], [0x600, 0x604], [0x610, 0x617], [0x653, 0x654], [0x657, 0x65b], [0x65d, 0x65e], [0x6df, 0x6e2],
  [0x6eb, 0x6ec], [0x70f, 0x70f], [0x730, 0x730], [0x732, 0x733], [0x735, 0x736], [0x73a, 0x73a], [0x73d, 0x73d], [0x73f, 0x741], [0x743, 0x743], [0x745, 0x745], [0x747, 0x747],
  [0x7eb, 0x7f1], [0x951, 0x951], [0x958, 0x95f], [0x9dc, 0x9dd], [0x9df, 0x9df], [0xa33, 0xa33], [0xa36, 0xa36], [0xa59, 0xa5b], [0xa5e, 0xa5e], [0xb5c, 0xb5d], [0xe38, 0xe39],
  [0xf43, 0xf43], [0xf4d, 0xf4d], [0xf52, 0xf52], [0xf57, 0xf57], [0xf5c, 0xf5c], [0xf69, 0xf69], [0xf72, 0xf76], [0xf78, 0xf78], [0xf80, 0xf83], [0xf93, 0xf93], [0xf9d, 0xf9d],
  [0xfa2, 0xfa2], [0xfa7, 0xfa7], [0xfac, 0xfac], [0xfb9, 0xfb9], [0x17b4, 0x17b5], [0x1939, 0x193a], [0x1a17, 0x1a17], [0x1b6b, 0x1b6b], [0x1cda, 0x1cdb], [0x1dc0, 0x1dcf],
  [0x1dfc, 0x1dfc], [0x1dfe, 0x1dfe], [0x1f71, 0x1f71], [0x1fee, 0x1fef], [0x2000, 0x2003], [0x200b, 0x200f], [0x2017, 0x2017], [0x2024, 0x202f], [0x205f, 0x206f], [0x20d0, 0x20d1],
  [0x2126, 0x2126], [0x212a, 0x212b], [0x2329, 0x232a], [0x2adc, 0x2adc], [0x302b, 0x302c], [0xaab2, 0xaab3], [0xf900, 0xfa0d], [0xfb1d, 0xfb4e], [0xfff0, 0xffff]];
const all = (ranges) => ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i)));
const hex = (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
const invisible = (c) => lost.some(([from, to]) => c >= from && c <= to);

// What an echo of messages, given as the body of xhr_send, looks like in the next poll.
async function echo(u, gw, body) {
  const path = await s.opened(u, gw);
  const sent = await s.post(u, gw, `${path}/xhr_send`, body);
  assert.strictEqual(sent.status, 204, sent.body);
  return s.poll(u, gw, path);
}

test('sockjs: xhr', async (t) => {
  const gw = await s.start(t, { mounts: { echo: {}, probe: { plugin: 'probe' }, counted: {} } });
  await Promise.all([
    t.test('sockjs 23, 53: the first poll', async (u) => {
      const answer = await s.post(u, gw, `${s.session()}/xhr`, '');
      assert.strictEqual(answer.status, 200);
      assert.strictEqual(answer.headers['content-type'], s.script);
      s.assertNotCached(answer);
      assert.strictEqual(answer.headers['access-control-allow-origin'], '*');
      assert.strictEqual(answer.body, 'o\n');
    }),
    t.test('sockjs 24: what waits comes in one frame', async (u) => {
      const path = await s.opened(u, gw);
      await s.send(u, gw, path, 'a');
      await s.send(u, gw, path, 'b', 'c');
      assert.strictEqual(await s.poll(u, gw, path), 'a["a","b","c"]\n');
      await s.send(u, gw, path, ...Array.from({ length: 900 }, (_, i) => `${i}`));
      assert.strictEqual(await s.poll(u, gw, path), `${s.aFrame(...Array.from({ length: 900 }, (_, i) => `${i}`))}\n`);
    }),
    t.test('sockjs 25: what browsers lose is escaped in lower case', async (u) => {
      const characters = all(lost);
      assert.strictEqual(await echo(u, gw, JSON.stringify(characters)), `a[${characters.map((c) => `"${hex(c)}"`).join(',')}]\n`);
      assert.strictEqual(await echo(u, gw, JSON.stringify([characters.join('x')])), `a["${characters.map(hex).join('x')}"]\n`);
      const beside = ['\u200b', '\u2010', '\u2027', '\u2030', '\u205f', '\u2070', '\uffef', '\u007f', '/', '\'', '<', 'é'];
      assert.strictEqual(await echo(u, gw, JSON.stringify(beside)), `${s.aFrame(...beside)}\n`, 'and nothing else');
    }),
    t.test('sockjs 26: what clients escape is itself again', async (u) => {
      const characters = all(escapedByClients);
      const body = `["${characters.map(hex).join('')}"]`;
      assert.strictEqual(JSON.parse((await echo(u, gw, body)).slice(1))[0], characters.join(''));
      assert.strictEqual(JSON.parse((await echo(u, gw, body.toUpperCase().replaceAll('\\U', '\\u'))).slice(1))[0], characters.join(''));
      const single = characters.slice(0, 500);
      assert.deepStrictEqual(JSON.parse((await echo(u, gw, `[${single.map((c) => `"${hex(c)}"`)}]`)).slice(1)), single);
    }),
    t.test('sockjs 27, 28: beyond 16 bits, controls', async (u) => {
      assert.strictEqual(await echo(u, gw, '["\u{1F600}","\\ud83d\\ude00","\u{10FFFF}"]'), 'a["\\ud83d\\ude00","\\ud83d\\ude00","\\udbff\\udfff"]\n');
      assert.strictEqual(await echo(u, gw, '["\\u0000","\\n","\\r","\\u001f","\\b\\t\\f","\\"\\\\"]'), 'a["\\u0000","\\n","\\r","\\u001f","\\b\\t\\f","\\"\\\\"]\n');
    }),
    t.test('sockjs 29: lone surrogates', async (u) => {
      const body = '["\\ud800","\\udc00x","\\ud800\\ud800","\\udc00\\ud800","a\\ud83d","\\ud83d\\\\ude00","\\ud83d\\u0041"]';
      const mended = 'a["\\ufffd","\\ufffdx","\\ufffd\\ufffd","\\ufffd\\ufffd","a\\ufffd","\\ufffd\\\\ude00","\\ufffdA"]';
      assert.strictEqual(await echo(u, gw, body), `${mended}\n`);
      const client = await s.websocket(u, gw);
      client.send(body);
      assert.strictEqual(await client.next(), 'o');
      for (const one of JSON.parse(mended.slice(1))) assert.deepStrictEqual(JSON.parse((await client.next()).slice(1)), [one]);
      for (const [name, expected] of [['eventsource', `data: ${mended}\r\n\r\n`], ['jsonp?c=x', `/**/x(${JSON.stringify(mended)});\r\n`], ['htmlfile?c=x', `<script>\np(${JSON.stringify(mended)});\n</script>\r\n`]]) {
        const path = await s.opened(u, gw);
        assert.strictEqual((await s.post(u, gw, `${path}/xhr_send`, body)).status, 204);
        const http = new s.Http(u, gw).send('GET', `${path}/${name}`);
        await http.head();
        if (!name.startsWith('jsonp')) await http.chunk();
        assert.strictEqual(await http.chunk(), expected);
      }
    }),
    t.test('sockjs 54: xhr_send', async (u) => {
      const path = await s.opened(u, gw);
      const answer = await s.post(u, gw, `${path}/xhr_send`, '["x"]', { Origin: 'test' });
      assert.strictEqual(answer.status, 204);
      assert.strictEqual(answer.headers['content-type'], s.plain);
      s.assertNotCached(answer);
      assert.strictEqual(answer.headers['access-control-allow-origin'], 'test');
      for (const name of ['content-length', 'transfer-encoding']) assert.ok(!(name in answer.headers));
      assert.strictEqual(answer.body, '');
      assert.strictEqual(await s.poll(u, gw, path), 'a["x"]\n');
      assert.strictEqual((await s.post(u, gw, `${path}/xhr_send`, '[]')).status, 204);
      assert.strictEqual((await s.post(u, gw, `${path}/xhr_send`, ' [ "y" ] \n')).status, 204);
      assert.strictEqual(await s.poll(u, gw, path), 'a["y"]\n');
    }),
    t.test('sockjs 55, 57: payloads that are none', async (u) => {
      const path = await s.opened(u, gw);
      for (const [body, text] of [['', 'Payload expected.'], ['["x', 'Broken JSON encoding.'], ['{"a":1}', 'Payload expected.'], ['"s"', 'Payload expected.'], ['null', 'Payload expected.'], ['1', 'Payload expected.'],
        [']', 'Broken JSON encoding.'], ['["x"]]', 'Broken JSON encoding.'], ['["x",]', 'Broken JSON encoding.'], ['[1]', 'Broken JSON encoding.'], ['["x",{}]', 'Broken JSON encoding.']]) {
        const answer = await s.post(u, gw, `${path}/xhr_send`, body);
        assert.strictEqual(answer.status, 500, body);
        assert.ok(answer.body.includes(text), `${body}: ${answer.body}`);
        s.assertNotCached(answer);
        const unknown = await s.post(u, gw, `${s.session()}/xhr_send`, body);
        assert.deepStrictEqual([unknown.status, unknown.body], [500, answer.body], 'whether there is a session or not');
      }
      await s.send(u, gw, path, 'still');
      assert.strictEqual(await s.poll(u, gw, path), 'a["still"]\n');
      const nobody = s.session();
      assert.strictEqual((await s.post(u, gw, `${nobody}/xhr_send`, '["x"]')).status, 404);
      assert.strictEqual(await s.poll(u, gw, nobody), 'o\n', 'it was not created');
    }),
    t.test('sockjs 56: content types', async (u) => {
      const path = await s.opened(u, gw);
      const types = ['text/plain', 'T', 'application/json', 'application/xml', 'text/xml', '', 'text/plain; charset=utf-8', 'application/json;charset=UTF-8', 'text/xml;x=y'];
      for (const [i, type] of types.entries()) assert.strictEqual((await s.post(u, gw, `${path}/xhr_send`, `["${i}"]`, { 'Content-Type': type })).status, 204, type);
      await s.send(u, gw, path, 'none');
      assert.strictEqual(await s.poll(u, gw, path), `${s.aFrame(...types.map((_, i) => `${i}`), 'none')}\n`);
    }),
    t.test('sockjs 58: a poll without a body of any length', async (u) => {
      assert.strictEqual((await new s.Http(u, gw).send('POST', `${s.session()}/xhr`).answer()).body, 'o\n');
    }),
    t.test('sockjs 76: GET', async (u) => {
      for (const name of ['xhr', 'xhr_send', 'xhr_streaming']) {
        const answer = await s.get(u, gw, `${s.session()}/${name}`);
        assert.strictEqual(answer.status, 405);
        assert.match(answer.headers.allow, /POST/);
        assert.match(answer.headers.allow, /OPTIONS/);
        assert.ok(!('content-type' in answer.headers));
        assert.strictEqual(answer.body, '');
      }
    }),
    t.test('sockjs section 12: a parked poll is answered when a message comes', async (u) => {
      const path = await s.opened(u, gw);
      const parked = new s.Http(u, gw).send('POST', `${path}/xhr`, { body: '' });
      assert.strictEqual((await parked.head()).status, 200, 'the head at once');
      await s.send(u, gw, path, 'x', 'y');
      assert.deepStrictEqual(await parked.chunks(), ['a["x","y"]\n'], 'one frame, then the end');
    }),
    t.test('sockjs section 12: what is written is counted', async (u) => {
      const path = await s.opened(u, gw, 'counted');
      await s.send(u, gw, path, 'x');
      assert.strictEqual(await s.poll(u, gw, path), 'a["x"]\n');
      await gw.counted('o\na["x"]\n'.length, 'dragoman_bytes_sent_total', 'mount="counted"');
      await gw.counted(1, 'dragoman_messages_received_total', 'mount="counted"');
    }),
    t.test('sockjs section 12: polls, one behind the other on one connection, with sends between them', async (u) => {
      const path = await s.opened(u, gw);
      const http = new s.Http(u, gw);
      for (let i = 0; i < 20; ++i) {
        http.send('POST', `${path}/xhr_send?t=${i}`, { body: `["${i}"]` }).send('POST', `${path}/xhr?t=${i}`, { body: '' });
        assert.strictEqual((await http.answer()).status, 204);
        assert.strictEqual((await http.answer()).body, `a["${i}"]\n`);
      }
    }),
    t.test('sockjs section 8: messages behind a pause wait', async (u) => {
      const path = await s.opened(u, gw, 'probe');
      const parked = new s.Http(u, gw).send('POST', `${path}/xhr_streaming`, { body: '' });
      await parked.head();
      assert.strictEqual((await parked.chunk()).length, 2049);
      await s.send(u, gw, path, 'pause 50', 'one');
      await s.send(u, gw, path, 'two');
      let got = '';
      while (!got.includes('two')) got += await parked.chunk();
      assert.strictEqual(got.replaceAll(']\na[', ','), 'a["resumed","echo one","echo two"]\n');
    }),
  ]);
});
