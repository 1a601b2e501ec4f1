// SPDX-License-Identifier: Apache-2.0
// RabbitMQ for tests: one for a whole run of ctest, or else one of the test file's own, and a virtual host for each test.
'use strict';
const { execFile, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const assert = require('node:assert');
const { after } = require('node:test');
const amqplib = require(path.resolve(__dirname, '../clients/node_modules/amqplib'));
const { waitFor, request, build } = require('./gateway');
const { freePort, certificates } = require('./broker');

const programs = '/usr/lib/rabbitmq/bin';
// Erlang takes its time on a busy machine.
const patience = 120000;
// Where the one of a whole run is described.
const shared = path.join(build, 'rabbitmq.json');

class RabbitMQ {
  constructor(description) { Object.assign(this, description); }

  // Everything it needs in a directory of its own, on ports that were free a moment ago.
  static async prepare() {
    assert.ok(fs.existsSync(programs), 'RabbitMQ is not installed: ./dev setup');
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-rabbitmq-'));
    const [port, tlsPort, managementPort, distributionPort, epmdPort] = await Promise.all([1, 2, 3, 4, 5].map(freePort));
    const tls = certificates(directory, 'DNS:localhost');
    fs.writeFileSync(path.join(directory, 'plugins'), '[rabbitmq_management].\n');
    fs.writeFileSync(path.join(directory, 'rabbitmq.conf'), [
      `listeners.ssl.default = 127.0.0.1:${tlsPort}`, `ssl_options.cacertfile = ${tls.ca}`, `ssl_options.certfile = ${tls.certificate}`,
      `ssl_options.keyfile = ${tls.key}`, 'ssl_options.verify = verify_none', 'management.tcp.ip = 127.0.0.1',
      `management.tcp.port = ${managementPort}`, 'vm_memory_high_watermark.absolute = 4GB', 'disk_free_limit.absolute = 1MB', ''].join('\n'));
    return new RabbitMQ({ directory, port, tlsPort, managementPort, distributionPort, epmdPort, tls });
  }

  get environment() {
    const file = (name) => path.join(this.directory, name);
    return { ...process.env, HOME: this.directory, RABBITMQ_NODENAME: `dragoman-${this.port}@localhost`, RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: `${this.port}`, RABBITMQ_DIST_PORT: `${this.distributionPort}`, RABBITMQ_MNESIA_BASE: file('mnesia'),
      RABBITMQ_LOG_BASE: file('log'), RABBITMQ_PID_FILE: file('pid'), RABBITMQ_ENABLED_PLUGINS_FILE: file('plugins'),
      RABBITMQ_CONFIG_FILE: file('rabbitmq.conf'), RABBITMQ_CONF_ENV_FILE: '/dev/null', ERL_EPMD_ADDRESS: '127.0.0.1',
      ERL_EPMD_PORT: `${this.epmdPort}`, RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none',
      // The script then becomes the server, and its process can be paused and killed.
      detached: '1' };
  }

  // outlive: this process, which otherwise takes it with it however it ends.
  async start({ outlive = false } = {}) {
    // One that was killed does not always come back at the first attempt; then a service manager starts it again.
    for (let attempt = 1; ; ++attempt) {
      const ended = await this.attempt(outlive);
      if (ended === null) return;
      assert.ok(attempt < 3, `RabbitMQ has ended: ${ended}`);
    }
  }
  // What it said when it has ended, or null when it lets clients in.
  async attempt(outlive) {
    const said = path.join(this.directory, 'said');
    const output = fs.openSync(said, 'w');
    const options = { env: this.environment, cwd: this.directory, detached: outlive, stdio: ['ignore', output, output] };
    const run = (...command) => spawn('setpriv', [...(outlive ? [] : ['--pdeathsig', 'KILL']), ...command], options);
    // Otherwise the server starts one that outlives it.
    if (!this.epmd) this.epmd = run('epmd', '-address', '127.0.0.1', '-port', `${this.epmdPort}`).pid;
    const child = run(path.join(programs, 'rabbitmq-server'));
    this.pid = child.pid;
    let gone = false;
    fs.closeSync(output);
    child.on('exit', () => { gone = true; });
    await waitFor('RabbitMQ', async () => gone
      || this.api('GET', '/api/health/checks/port-listener/' + this.port).then((answer) => answer.status === 200, () => false), patience);
    child.unref();
    return gone ? fs.readFileSync(said, 'utf8').slice(-4000) : null;
  }
  signal(signal) { process.kill(this.pid, signal); }
  // SIGTERM: its clients are told.
  async stop(signal = 'SIGKILL') {
    this.signal(signal);
    await waitFor('the end of RabbitMQ', () => !alive(this.pid), patience);
  }
  async remove() {
    if (alive(this.pid)) await this.stop();
    if (alive(this.epmd)) process.kill(this.epmd, 'SIGKILL');
    fs.rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  api(method, target, body) {
    return request(this.managementPort, method, target, { token: null, body: body && JSON.stringify(body),
      headers: { Authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}`, 'Content-Type': 'application/json' } });
  }
  async ask(method, target, body) {
    const answer = await this.api(method, target, body);
    assert.ok(answer.status < 300, `${method} ${target}: ${answer.status} ${answer.text}`);
    return answer.json;
  }
  ctl(...args) {
    return new Promise((resolve, reject) => {
      execFile(path.join(programs, 'rabbitmqctl'), ['-q', ...args], { env: this.environment }, (error, stdout, stderr) => {
        if (error) reject(new Error(`rabbitmqctl ${args.join(' ')}: ${stdout}${stderr}`));
        else resolve(stdout);
      });
    });
  }

  // A virtual host of a test's own, with its clients; all end with the test.
  async vhost(t) {
    const name = `test-${process.pid}-${Math.random().toString(36).slice(2)}`;
    await this.ask('PUT', `/api/vhosts/${name}`);
    await this.ask('PUT', `/api/permissions/${name}/guest`, { configure: '.*', write: '.*', read: '.*' });
    const host = new Vhost(this, name);
    t.after(async () => {
      await host.close();
      if (alive(this.pid)) await this.api('DELETE', `/api/vhosts/${name}`).catch(() => {});
    });
    return host;
  }
}

function alive(pid) {
  if (!pid) return false;
  // One that has ended stays until its parent looks.
  try { return !/^\d+ \(.*\) Z/.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8')); } catch { return false; }
}

class Vhost {
  constructor(server, name) {
    this.server = server;
    this.name = name;
    this.connections = [];
  }
  get url() { return `amqp://localhost:${this.server.port}/${this.name}`; }
  get tlsUrl() { return `amqps://localhost:${this.server.tlsPort}/${this.name}`; }
  get ca() { return this.server.tls.ca; }
  // A channel of a client that is not the gateway.
  async channel() {
    const connection = await amqplib.connect(`amqp://guest:guest@127.0.0.1:${this.server.port}/${this.name}`);
    connection.on('error', () => {});
    this.connections.push(connection);
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => {});
    return channel;
  }
  // Publishes; done when the broker has it.
  async pub(exchange, key, body, options = {}) {
    this.publisher ||= await this.channel();
    const content = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    this.publisher.publish(exchange, key, content, options);
    await this.publisher.waitForConfirms();
  }
  // A queue bound to an exchange; `messages` has what came.
  async sub(exchange, key = '#') {
    const channel = await this.channel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    if (exchange) await channel.bindQueue(queue, exchange, key);
    const messages = [];
    await channel.consume(queue, (message) => messages.push(message), { noAck: true });
    return { queue, messages };
  }
  async exchange(name, type = 'topic', options = { durable: true }) {
    await (await this.channel()).assertExchange(name, type, options);
  }
  // Of the queues, but for those that every queue has; as "exchange key".
  async bindings() {
    const all = await this.server.ask('GET', `/api/bindings/${this.name}`);
    return all.filter((b) => b.source).map((b) => `${b.source} ${b.routing_key}`).sort();
  }
  has(...wanted) {
    let now;
    return waitFor(`the bindings ${wanted}`, async () => (now = await this.bindings()).join() === wanted.sort().join())
      .catch((error) => { throw new Error(`${error.message}; there are ${now}`); });
  }
  // Live, unlike what the server's pages show: messages ready and not confirmed, of all queues.
  async counts() {
    const lines = (await this.server.ctl('list_queues', '-p', this.name, '--no-table-headers', 'messages_ready', 'messages_unacknowledged')).trim();
    const sums = [0, 0];
    for (const line of lines ? lines.split('\n') : []) line.split('\t').forEach((n, i) => { sums[i] += Number(n); });
    return { ready: sums[0], unconfirmed: sums[1] };
  }
  async close() {
    await Promise.all(this.connections.map((connection) => connection.close().catch(() => {})));
  }
}

// The server of a test that stops, kills or pauses it; it ends with the test file.
let own;
async function ownRabbitMQ() {
  own ||= RabbitMQ.prepare().then(async (server) => {
    await server.start();
    return server;
  });
  return own;
}
after(async () => { if (own) await (await own).remove(); });

async function runningRabbitMQ() {
  if (fs.existsSync(shared)) {
    const server = new RabbitMQ(JSON.parse(fs.readFileSync(shared, 'utf8')));
    if (alive(server.pid)) return server;
  }
  return ownRabbitMQ();
}
// A virtual host on the server of the run.
const vhost = async (t) => (await runningRabbitMQ()).vhost(t);

module.exports = { RabbitMQ, ownRabbitMQ, vhost, shared };
