// SPDX-License-Identifier: Apache-2.0
// What systemd is to a service: a socket that hears of its state, and sockets that are opened for it.
'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { waitFor } = require('./gateway');

// Node has no datagram sockets with a path.
const ears = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
while True:
    print(s.recv(4096).decode().replace('\\n', ' '), flush=True)
`;

// heard: the datagrams so far. env: for the gateway.
async function startSupervisor(t) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dragoman-test-'));
  const file = path.join(directory, 'notify');
  const child = spawn('python3', ['-c', ears, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => { child.kill('SIGKILL'); fs.rmSync(directory, { recursive: true, force: true }); });
  let text = '';
  child.stdout.on('data', (data) => { text += data; });
  await waitFor('the supervisor', () => text.startsWith('bound\n'));
  return {
    env: { NOTIFY_SOCKET: file },
    get heard() { return text.split('\n').slice(1, -1); },
  };
}

module.exports = { startSupervisor };
