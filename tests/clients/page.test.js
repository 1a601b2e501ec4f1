// SPDX-License-Identifier: Apache-2.0
// The web page printed in the Wazo document, unmodified, in a browser: typing host and token, receiving an event in its console.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { chromium } = require('playwright-core');
const { startGateway, wazoConfig, waitFor } = require('../support/gateway');

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => fs.existsSync(p));

test('the page of the document', async (t) => {
  const gw = await startGateway(t, wazoConfig({ tls: true }));
  const page = fs.readFileSync(path.join(__dirname, 'fixtures/wazo-page.html'));
  const server = http.createServer((_, res) => { res.setHeader('Content-Type', 'text/html'); res.end(page); });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  // The page names port 9502; the browser is told where that is, since a test has no fixed port.
  const browser = await chromium.launch({ executablePath,
    args: ['--no-sandbox', '--ignore-certificate-errors', `--host-resolver-rules=MAP dragoman.test:9502 127.0.0.1:${gw.port('wazo')}`] });
  t.after(() => browser.close());
  const tab = await browser.newPage({ ignoreHTTPSErrors: true });
  const console_ = [];
  tab.on('console', (m) => console_.push(m.text()));
  const says = (text) => waitFor(`the console to say ${text}`, () => console_.includes(text));
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);

  await tab.fill('#host', 'dragoman.test');
  await tab.fill('#token', 'no-such-token');
  await tab.click('button');
  await says("websocketd closed with code 4002 and reason 'authentication failed'");

  await tab.fill('#token', 'some-token-id');
  await tab.click('button');
  await says('waiting for messages');
  const body = '{"name": "endpoint_status_update", "required_acl": null, "data": {"id": 7}}';
  await gw.wazo(body);
  await says(`message received: ${body}`);
  await gw.stop();
  await says("websocketd closed with code 1001 and reason ''");
  assert.ok(!console_.some((line) => line.includes('rror')), console_.join('\n'));
});
