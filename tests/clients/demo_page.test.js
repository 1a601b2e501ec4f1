// SPDX-License-Identifier: Apache-2.0
// The page at /demo in a browser: five sockets side by side, an event published from its form, and what goes wrong.
// DRAGOMAN_SCREENSHOTS names a directory where pictures of it stay.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const zlib = require('node:zlib');
const { chromium } = require('playwright-core');
const { startGateway, waitFor, adminToken } = require('../support/gateway');
const { freePort } = require('../support/broker');
const { alarm, demoConfig, startDemo } = require('./demo');

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => fs.existsSync(p));
const listeners = { wazo: 'wazo', honeytrap: 'honeytrap', lavaboom: 'lavaboom', valtronics: 'http', kazoo: 'kazoo' };
const dialects = Object.keys(listeners);

// The page with its five sockets at the gateway's ports.
async function open(t, browser, gw) {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 }, ignoreHTTPSErrors: true });
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (m) => { if (/Content Security|Refused/.test(m.text())) problems.push(m.text()); });
  page.on('dialog', (dialog) => { problems.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  t.after(() => assert.deepStrictEqual(problems, []));
  await page.goto(`http://127.0.0.1:${gw.adminPort}/demo`);
  assert.strictEqual(page.url(), `http://127.0.0.1:${gw.adminPort}/demo/`);
  for (const dialect of dialects) {
    await page.click(`#${dialect} .connection summary`);
    const input = page.locator(`#${dialect} [name=url]`);
    await input.fill((await input.inputValue()).replace(/:\d+/, `:${gw.port(listeners[dialect])}`));
    await page.click(`#${dialect} .connection button`);
    await page.click(`#${dialect} .connection summary`);
  }
  await page.fill('#publish [name=token]', adminToken);
  return page;
}
const states = (page) => page.$$eval('.pane', (panes) => panes.map((pane) => pane.dataset.state));
const connected = (page) => waitFor('five sockets', async () => (await states(page)).every((state) => state === 'connected'));
const outcome = (page, text) => waitFor(`the page to say ${text}`, async () => (await page.textContent('#outcome')).match(text));
const events = (page, dialect) => page.$$eval(`#${dialect} .event`, (items) => items.map((item) => [...item.querySelectorAll(':scope > pre')].map((pre) => pre.textContent)));

// The colours of a PNG of 8 bits a channel, without a library: the filter of each line is undone.
function colours(png) {
  assert.strictEqual(png.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
  const [width, height, depth, type] = [png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]];
  assert.strictEqual(depth, 8);
  const size = { 2: 3, 6: 4 }[type];
  const data = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const lines = zlib.inflateSync(Buffer.concat(data));
  const stride = width * size;
  const seen = new Map();
  let above = Buffer.alloc(stride);
  for (let y = 0; y < height; y += 1) {
    const filter = lines[y * (stride + 1)];
    const line = Buffer.from(lines.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
    for (let x = 0; x < stride; x += 1) {
      const a = x < size ? 0 : line[x - size];
      const b = above[x];
      const c = x < size ? 0 : above[x - size];
      const near = Math.min(Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c));
      const paeth = near === Math.abs(b - c) ? a : near === Math.abs(a - c) ? b : c;
      line[x] += [0, a, b, (a + b) >> 1, paeth][filter];
    }
    for (let x = 0; x < stride; x += size) {
      const colour = line.readUIntBE(x, 3);
      seen.set(colour, (seen.get(colour) ?? 0) + 1);
    }
    above = line;
  }
  return { width, height, seen };
}

test('the page of the demo', async (t) => {
  const ports = {};
  for (const port of [9600, 9502, 3000, 5000, 8000, 5555]) ports[port] = await freePort();
  const gw = await startDemo(t, ports);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--ignore-certificate-errors', '--host-resolver-rules=MAP demo.test 127.0.0.1'] });
  t.after(() => browser.close());
  const page = await open(t, browser, gw);
  await connected(page);
  await waitFor('all to be counted', async () => await page.textContent('#sockets') === '5 of 5 sockets are connected.');

  await t.test('demo page: an event from its form reaches the five', async () => {
    await page.fill('[name=text]', 'Water in the cellar');
    await page.click('#publish button');
    await outcome(page, /^Published as demo-\S+: 5 of 5 dialects have it\.$/);
    await waitFor('both messages of Valtronics', async () => (await events(page, 'valtronics')).length === 2);
    const ofDialect = async (dialect) => (await events(page, dialect)).flat().map(JSON.parse);
    assert.deepStrictEqual((await ofDialect('wazo'))[0].data.data.text, 'Water in the cellar');
    assert.deepStrictEqual((await ofDialect('honeytrap'))[0].payload[0].data, 'warning: Water in the cellar');
    assert.deepStrictEqual((await ofDialect('lavaboom'))[0].name, 'Water in the cellar');
    assert.deepStrictEqual((await ofDialect('valtronics')).map((m) => m.type), ['telemetry_update', 'alert']);
    assert.deepStrictEqual((await ofDialect('kazoo'))[0].data.doc, { severity: 'warning', text: 'Water in the cellar' });
    assert.match(await page.textContent('#lavaboom .event details pre'), /^a\["{\\"type\\":\\"receipt\\"/);
  });

  await t.test('demo page: it is to be seen', async () => {
    const directory = fs.mkdtempSync(path.join(process.env.DRAGOMAN_SCREENSHOTS || os.tmpdir(), 'dragoman-demo-'));
    if (!process.env.DRAGOMAN_SCREENSHOTS) t.after(() => fs.rmSync(directory, { recursive: true }));
    for (const [name, colorScheme, width] of [['light', 'light', 1600], ['dark', 'dark', 1600], ['tablet', 'light', 1024], ['phone', 'dark', 390]]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 1000 });
      const file = path.join(directory, `${name}.png`);
      await page.screenshot({ path: file, fullPage: width < 1600 });
      const image = colours(fs.readFileSync(file));
      assert.strictEqual(image.width, width);
      assert.ok(image.height >= 1000, `${image.height}`);
      const [[most, area]] = [...image.seen].sort(([, a], [, b]) => b - a);
      assert.strictEqual((most >> 16) > 127, colorScheme === 'light', most.toString(16));
      assert.ok(area < 0.95 * image.width * image.height && image.seen.size > 50, `${image.seen.size} colours, ${area} of one`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: nothing is wider than the window`);
    }
    await page.setViewportSize({ width: 1600, height: 1000 });
  });

  await t.test('demo page: hostile text stays text', async () => {
    const text = '<img src=x onerror=alert(1)></pre><script>alert(2)</script>';
    await gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/cloudevents+json' }, body: JSON.stringify(alarm('hostile', { text })) });
    for (const dialect of dialects)
      await waitFor(`the text at ${dialect}`, async () => (await events(page, dialect)).flat().some((shown) => shown.includes('<img src=x onerror=alert(1)></pre>')));
    assert.strictEqual(await page.locator('.pane img, .pane script').count(), 0);
  });

  await t.test('demo page: numbers stay as they came', async () => {
    const event = JSON.stringify(alarm('number')).replace('}}', ',"value":12345678901234567890.10}}');
    await gw.request('POST', '/publish', { headers: { 'Content-Type': 'application/cloudevents+json' }, body: event });
    await waitFor('the number', async () => (await events(page, 'wazo')).flat().some((shown) => /"value": 12345678901234567890\.10\b/.test(shown)));
  });

  await t.test('demo page: a wrong admin token', async () => {
    await page.fill('#publish [name=token]', 'wrong');
    await page.click('#publish button');
    await outcome(page, /^The gateway has another admin token\. Nothing was published\.$/);
    await page.fill('#publish [name=token]', adminToken);
  });

  await t.test('demo page: a wrong token of a dialect, said in its words', async () => {
    for (const [dialect, words] of [['lavaboom', /token/i], ['valtronics', /^Signature verification failed$/], ['kazoo', /./]]) {
      const right = await page.inputValue(`#${dialect} [name=secret]`);
      await page.click(`#${dialect} .connection summary`);
      await page.fill(`#${dialect} [name=secret]`, 'a wrong one, as long as it should be');
      await page.click(`#${dialect} .connection button`);
      await waitFor(`${dialect} to refuse`, async () => words.test(await page.textContent(`#${dialect} .reason`)));
      await page.fill(`#${dialect} [name=secret]`, right);
      await page.click(`#${dialect} .connection button`);
    }
    const url = await page.inputValue('#wazo [name=url]');
    await page.click('#wazo .connection summary');
    await page.fill('#wazo [name=url]', url.replace('some-token-id', 'wrong'));
    await page.click('#wazo .connection button');
    await waitFor('wazo to refuse', async () => await page.textContent('#wazo .reason') === 'authentication failed');
    await page.fill('#wazo [name=url]', url);
    await page.click('#wazo .connection button');
    await connected(page);
  });

  await t.test('demo page: where browsers sign no tokens', async () => {
    const other = await browser.newPage();
    await other.goto(`http://demo.test:${gw.adminPort}/demo/`);
    await other.click('#valtronics .connection summary');
    await other.fill('#valtronics [name=url]', `ws://127.0.0.1:${gw.port('http')}/ws`);
    await other.click('#valtronics .connection button');
    await waitFor('the reason', async () => /open this one at http:\/\/127\.0\.0\.1 or over HTTPS\.$/.test(await other.textContent('#valtronics .reason')));
    await other.close();
  });

  await t.test('demo page: it comes back after the gateway', async () => {
    await gw.stop();
    await waitFor('five lost sockets', async () => (await states(page)).every((state) => state !== 'connected'));
    const pauses = [];
    await waitFor('three attempts', async () => {
      const pause = (await page.textContent('#kazoo .state')).match(/^retry in (\d+\.\d) s$/)?.[1];
      if (pause && !pauses.includes(Number(pause))) pauses.push(Number(pause));
      return pauses.length === 3;
    });
    assert.ok(pauses[0] < pauses[1] && pauses[1] < pauses[2], `each later than the one before: ${pauses}`);
    await page.click('#publish button');
    await outcome(page, /^The gateway does not answer\. Is it running\?$/);
    await waitFor('the explanation of certificates', () => page.isVisible('#wazo .certificate'));
    assert.strictEqual(await page.getAttribute('#wazo .certificate a', 'href'), `https://127.0.0.1:${ports[9502]}/`);
    await startDemo(t, ports);
    await connected(page);
    await page.click('#publish button');
    await outcome(page, /: 5 of 5 dialects have it\.$/);
  });
});

test('demo page: what the admin listener serves', async (t) => {
  const gw = await startDemo(t);
  const get = (target, options = {}) => gw.request(options.method ?? 'GET', target, { token: null, ...options });
  const types = { '': 'text/html; charset=utf-8', 'demo.js': 'text/javascript; charset=utf-8', 'demo.css': 'text/css; charset=utf-8', 'icon.svg': 'image/svg+xml' };
  for (const [file, type] of Object.entries(types)) {
    const { status, headers, text } = await get(`/demo/${file}`);
    assert.strictEqual(status, 200, file);
    assert.strictEqual(text, fs.readFileSync(path.join(__dirname, '../../docs/demo', file || 'index.html'), 'utf8'));
    assert.strictEqual(headers['content-type'], type);
    assert.match(headers['content-security-policy'], /default-src 'self'; connect-src 'self' ws: wss:;.* frame-ancestors 'none'/);
    assert.deepStrictEqual([headers['x-content-type-options'], headers['referrer-policy'], headers['cache-control']], ['nosniff', 'no-referrer', 'no-cache']);
    const head = await get(`/demo/${file}`, { method: 'HEAD' });
    assert.deepStrictEqual([head.status, head.text, head.headers['content-length']], [200, '', headers['content-length']]);
  }
  const moved = await get('/demo');
  assert.deepStrictEqual([moved.status, moved.headers.location], [308, '/demo/']);
  const posted = await get('/demo/', { method: 'POST', body: 'x' });
  assert.deepStrictEqual([posted.status, posted.headers.allow], [405, 'GET, HEAD']);
  for (const target of ['/demo/x', '/demo/../demo.yaml', '/demo//index.html', '/demo/%2e%2e/index.html', '/demox', '/demo/index.html/'])
    assert.strictEqual((await get(target)).status, 401, target);
  assert.strictEqual((await get('/publish', { method: 'POST', body: '{}' })).status, 401);
  const without = await startGateway(t, demoConfig().replace('demo: true\n', ''));
  for (const [token, status] of [[null, 401], [adminToken, 404]]) assert.strictEqual((await without.request('GET', '/demo/', { token })).status, status);
});
