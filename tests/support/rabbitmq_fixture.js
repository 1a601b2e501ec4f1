// SPDX-License-Identifier: Apache-2.0
// Starts the RabbitMQ of a run of ctest, or ends it: node rabbitmq_fixture.js start|stop
'use strict';
const fs = require('node:fs');
const { RabbitMQ, shared } = require('./rabbitmq');

async function stop() {
  if (!fs.existsSync(shared)) return;
  const server = new RabbitMQ(JSON.parse(fs.readFileSync(shared, 'utf8')));
  fs.rmSync(shared);
  // After a crash of the machine the numbers may be another program's.
  const its = (pid) => fs.existsSync(`/proc/${pid}/environ`) && fs.readFileSync(`/proc/${pid}/environ`, 'utf8').includes(server.directory);
  for (const name of ['pid', 'epmd']) if (!its(server[name])) server[name] = 0;
  await server.remove();
}

async function start() {
  await stop();
  const server = await RabbitMQ.prepare();
  try {
    await server.start({ outlive: true });
  } catch (error) {
    await server.remove();
    throw error;
  }
  fs.writeFileSync(shared, JSON.stringify(server));
}

({ start, stop })[process.argv[2]]().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
