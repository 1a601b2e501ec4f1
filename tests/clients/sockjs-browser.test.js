// SPDX-License-Identifier: Apache-2.0
// Lavaboom with sockjs-client in a browser, over each of its transports, before and after the gateway is killed: in a page that comes through
// the gateway (proxy_other_paths), so that all is one origin, and in one of another site.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('playwright-core');
const l = require('../dialects/lavaboom/lavaboom');
const { deadline } = require('../support/client');
const { session, sessionAfterRestart } = require('./lavaboom_session');

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => fs.existsSync(p));
const anywhere = ['websocket', 'xhr-streaming', 'eventsource', 'iframe-eventsource', 'iframe-htmlfile', 'xhr-polling', 'iframe-xhr-polling', 'jsonp-polling'];
// htmlfile is for a page of the same origin; xdr is XDomainRequest, which Internet Explorer 8 and 9 had.
const origins = [
  { name: 'same', transports: [...anywhere, 'htmlfile'], disabled: ['xdr-streaming', 'xdr-polling'] },
  { name: 'cross', transports: anywhere, disabled: ['xdr-streaming', 'xdr-polling', 'htmlfile'] },
];

// Who uses htmlfile without an iframe sets document.domain as the response does, or else the two may not reach each other.
const files = {
  '/page': ['text/html', '<!DOCTYPE html><title>Lavaboom</title><body><script>document.domain = document.domain</script><script src="/sockjs.min.js"></script><script src="/lasting-client.js"></script>'],
  '/sockjs.min.js': ['text/javascript', fs.readFileSync(path.join(path.dirname(require.resolve('sockjs-client/package.json')), 'dist/sockjs.min.js'))],
  '/lasting-client.js': ['text/javascript', fs.readFileSync(path.join(__dirname, 'fixtures/lasting-client.js'))],
};

// What a page's client is asked for from here. A method returns what its namesake in the page does.
function clientIn(tab, id) {
  const methods = ['opened', 'ended', 'next', 'ask', 'send', 'stop'].map((name) => [name, (argument) => tab.evaluate(([c, n, a]) => window.clients[c][n](a), [id, name, argument])]);
  return Object.fromEntries(methods);
}

test('lavaboom: sockjs-client in a browser', async (t) => {
  const settings = { proxy_other_paths: true };
  const { api, gw } = await l.world(t, { settings });
  const usual = api.answer;
  api.answer = (request, response) => {
    const [type, content] = files[request.url] || [];
    return content ? response.writeHead(200, { 'Content-Type': type }).end(content) : usual(request, response);
  };
  const port = gw.port('l');
  const browser = await chromium.launch({ executablePath,
    args: ['--no-sandbox', '--host-resolver-rules=MAP mail.example 127.0.0.1,MAP api.example 127.0.0.1'] });
  t.after(() => browser.close());
  const pages = { same: `http://api.example:${port}/page`, cross: `http://mail.example:${api.port}/page` };
  const tabs = [];
  const open = async (origin) => {
    const tab = { origin, clients: 0, page: await (await browser.newContext()).newPage() };
    await tab.page.goto(pages[origin]);
    tabs.push(tab);
    return tab;
  };
  // A browser has six connections to a server at a time, for all pages of a context: four to listen leave two to send.
  const connect = async (origin, transport) => {
    const tab = tabs.find((other) => other.origin === origin && other.clients < 4) || await open(origin);
    tab.clients += 1;
    await tab.page.evaluate(([url, name]) => { (window.clients ||= {})[name] = lastingClient(SockJS, url, name); }, [`http://api.example:${port}/ws`, transport]);
    return clientIn(tab.page, transport);
  };
  const clients = origins.flatMap(({ name, transports }) => transports.map((transport) => ({ origin: name, transport, owner: `${name}-${transport}` })));
  for (const { owner } of clients) api.tokens[owner] = l.token(owner);
  const each = (what, run) => Promise.all(clients.map((c) => t.test(`lavaboom: ${c.transport} of ${c.origin} origin ${what}`, () => run(c))));

  await each('requests, subscribes, takes events', async (c) => {
    c.client = await connect(c.origin, c.transport);
    await session(gw, c.client, c.owner, c.transport);
  });
  await t.test('lavaboom: transports that Chromium does not have', async () => {
    for (const { name, disabled } of origins) {
      for (const transport of disabled) {
        const client = await connect(name, transport);
        assert.deepStrictEqual(await deadline(client.ended(), `the end of ${transport}`), { code: 2000, reason: 'All transports failed' }, `${transport}, ${name} origin`);
        await client.stop();
      }
    }
  });
  await gw.stop({ signal: 'SIGKILL', code: null });
  const again = await l.start(t, { upstream: { url: api.url }, settings, port });
  // That a response was cut off nobody tells htmlfile; that what it sends is refused it sees.
  for (const { client, transport } of clients) if (transport.endsWith('htmlfile')) await client.send({ type: 'unsubscribe' });
  await each('is there again after a restart', (c) => sessionAfterRestart(again, c.client, c.owner, c.transport));
});
