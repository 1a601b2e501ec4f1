// SPDX-License-Identifier: Apache-2.0
// RabbitMQ and a stand-in for wazo-auth with TOKENS tokens each for residents and others: `node storm_servers.js TOKENS`. Says on a line of JSON what a gateway has to be configured with, and for
// each line it reads what both have been asked for so far. Ends with its input.
'use strict';
const readline = require('node:readline');
const { RabbitMQ } = require('../support/rabbitmq');
const { startWazoAuth, wazoAuthenticator } = require('../support/wazo_auth');

async function main() {
  const endings = [];
  const server = await RabbitMQ.prepare();
  endings.push(() => server.remove());
  try {
    await server.start();
    const auth = await startWazoAuth({ after: (end) => endings.push(end) });
    for (let i = 0; i < Number(process.argv[2]); i += 1)
      for (const who of ['token', 'resident']) auth.add(`${who}-${i}`, { acl: ['websocketd', 'events.#'] });
    const say = (object) => process.stdout.write(`${JSON.stringify(object)}\n`);
    say({ url: `amqp://localhost:${server.port}`, ...wazoAuthenticator(auth) });
    for await (const _ of readline.createInterface({ input: process.stdin })) {
      const bindings = await server.ask('GET', '/api/bindings');
      const { churn_rates: churn } = await server.ask('GET', '/api/overview');
      say({ tokens: auth.requests.length, bindings: bindings.filter((b) => b.source).map((b) => `${b.destination} ${b.routing_key}`),
        declared: churn.queue_declared ?? 0,
        connections: churn.connection_created ?? 0, channels: churn.channel_created ?? 0 });
    }
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

main().then(() => process.exit(0), (error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
