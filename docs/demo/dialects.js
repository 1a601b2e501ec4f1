// SPDX-License-Identifier: Apache-2.0
// What a client of each dialect says and hears. A dialect has
//   open(link)            the socket is open
//   read(frame)           the messages, as JSON texts, in a frame; one unless given
//   isEvent(message)
//   hear(message, link)   what follows from a message
// and a link has secret, say(text), ready() and refused(sentence).

const account = '4b31dd1d32ce6d249897c06332375d65';
const json = JSON.stringify;

const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

async function jsonWebToken(secret) {
  if (!globalThis.crypto?.subtle)
    throw new Error('Browsers sign tokens on secure pages only: open this one at http://127.0.0.1 or over HTTPS.');
  const bytes = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', bytes.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const claims = { sub: 'demo', exp: Math.floor(Date.now() / 1000) + 3600 };
  const text = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => base64url(bytes.encode(json(part)))).join('.');
  return `${text}.${base64url(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes.encode(text))))}`;
}

export const dialects = [
  {
    id: 'wazo',
    name: 'Wazo',
    about: 'Telephony events of wazo-websocketd, protocol version 2, over TLS.',
    url: 'wss://127.0.0.1:9502/?token=some-token-id&version=2',
    isEvent: (message) => message.op === 'event',
    hear(message, link) {
      if (message.op === 'init') {
        link.say(json({ op: 'subscribe', data: { event_name: 'demo_alarm' } }));
        link.say(json({ op: 'start' }));
      } else if (message.op === 'start' && message.code === 0) {
        link.ready();
      }
    },
  },
  {
    id: 'honeytrap',
    name: 'Honeytrap',
    about: 'Events of a honeypot, pushed to everybody who is there.',
    url: 'ws://127.0.0.1:3000/ws',
    open: (link) => link.ready(),
    isEvent: (message) => message.type === 5 || message.type === 6,
  },
  {
    id: 'lavaboom',
    name: 'Lavaboom',
    about: 'Receipts of a web mail, in the frames of SockJS.',
    url: 'ws://127.0.0.1:5000/ws/000/dragoman/websocket',
    secret: { label: 'Token', value: 'valid token' },
    // o: open, h: heartbeat, a: an array of messages, c: closed.
    read: (frame) => (frame[0] === 'a' ? JSON.parse(frame.slice(1)) : [frame]),
    isEvent: (message) => message.type === 'receipt' || message.type === 'delivery',
    hear(message, link) {
      if (message === 'o') link.say(json([json({ type: 'subscribe', token: link.secret })]));
      else if (message.type === 'subscribed') link.ready();
      else if (message.type === 'error') link.refused(message.error);
    },
  },
  {
    id: 'valtronics',
    name: 'Valtronics',
    about: 'Alerts and telemetry of devices, for who has a JSON Web Token. This page signs one with the secret of the demo.',
    url: 'ws://127.0.0.1:8000/ws',
    secret: { label: 'Secret (HS256)', value: 'dragoman-demo-secret-not-for-production' },
    open: async (link) => link.say(json({ type: 'auth', token: await jsonWebToken(link.secret) })),
    isEvent: (message) => message.type === 'alert' || message.type === 'telemetry_update',
    hear(message, link) {
      if (message.type === 'auth_response' && message.success) {
        for (const channel of ['alerts', 'telemetry']) link.say(json({ type: 'subscribe', channel }));
        link.ready();
      } else if (message.type === 'auth_response' || message.type === 'error') {
        link.refused(message.message);
      }
    },
  },
  {
    id: 'kazoo',
    name: 'Kazoo',
    about: 'Documents of an account on a telephony platform that were edited.',
    url: 'ws://127.0.0.1:5555/',
    secret: { label: 'Token', value: 'demo-account-token' },
    open: (link) => link.say(json({ action: 'subscribe', auth_token: link.secret, request_id: 'demo',
      data: { account_id: account, binding: 'object.doc_edited.device' } })),
    isEvent: (message) => message.action === 'event',
    hear(message, link) {
      if (message.action === 'reply' && message.status === 'success') link.ready();
      else if (message.action === 'reply') link.refused(message.data?.errors?.join(', ') ?? message.status);
    },
  },
];
