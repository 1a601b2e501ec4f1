// SPDX-License-Identifier: Apache-2.0
import { dialects } from './dialects.js';

const kept = 50;  // entries of a pane
const longestPause = 10000;  // ms between two attempts to connect

// The lines of a JSON text. It is not parsed, so that numbers and the order of members stay as they came.
function linesOf(text) {
  let out = '';
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{]\s*[\]}]|[[\]{},:]|[^\s"[\]{},:]+/g)) {
    if (token === '{' || token === '[') { depth += 1; out += token + line(); }
    else if (token === '}' || token === ']') { depth -= 1; out += line() + token; }
    else if (token === ',') out += token + line();
    else if (token === ':') out += ': ';
    else out += token;
  }
  return out.split('\n');
}

const parsed = (text) => { try { return JSON.parse(text) ?? text; } catch { return text; } };
const element = (name, className, ...children) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
};

// A line that is too long goes on where it began.
function shown(text) {
  return linesOf(text).map((line) => {
    const made = element('span', 'line', line);
    made.style.setProperty('--depth', line.search(/\S/));
    return made;
  });
}

class Pane {
  // onChange: of the socket's state.
  constructor(dialect, { onEvent, onChange }) {
    Object.assign(this, { dialect, onEvent, onChange, failures: 0 });
    this.root = document.querySelector('#pane').content.firstElementChild.cloneNode(true);
    const find = (selector) => this.root.querySelector(selector);
    const title = find('h2');
    title.textContent = dialect.name;
    title.id = `${dialect.id}-title`;
    this.root.id = dialect.id;
    this.root.setAttribute('aria-labelledby', title.id);
    find('.about').textContent = dialect.about;
    Object.assign(this, { state: find('.state'), reason: find('.reason'), log: find('.log'), certificate: find('.certificate'), address: find('.connection code'),
      settings: find('form') });
    this.log.setAttribute('aria-label', `Messages of ${dialect.name}, the latest first`);
    const { url, secret } = this.settings.elements;
    url.value = dialect.url;
    secret.closest('label').hidden = !dialect.secret;
    if (dialect.secret) {
      secret.value = dialect.secret.value;
      secret.previousElementSibling.textContent = dialect.secret.label;
    }
    this.settings.addEventListener('submit', (event) => {
      event.preventDefault();
      this.failures = 0;
      this.connect();
    });
  }

  show(state, { text = state, reason = '' } = {}) {
    this.root.dataset.state = state;
    this.state.textContent = text;
    this.reason.textContent = reason;
    this.reason.hidden = !reason;
    this.onChange();
  }

  // `text`: as it is on the wire.
  add(kind, label, text, messages = [text]) {
    const time = new Date();
    const clock = element('time', '', time.toLocaleTimeString([], { hour12: false }));
    clock.dateTime = time.toISOString();
    const item = element('li', kind, element('p', '', element('span', '', label), clock));
    for (const message of messages) item.append(element('pre', '', ...(kind === 'event' ? shown(message) : [message])));
    if (kind === 'event')
      item.append(element('details', '', element('summary', '', `On the wire: ${new Blob([text]).size} bytes`), element('pre', '', text)));
    this.log.prepend(item);
    while (this.log.children.length > kept) this.log.lastElementChild.remove();
  }

  connect() {
    clearTimeout(this.timer);
    this.leave();
    const { url, secret } = this.settings.elements;
    this.certificate.hidden = true;
    this.address.textContent = url.value;
    this.show('connecting');
    let socket;
    try { socket = new WebSocket(url.value); } catch (error) { return this.show('refused', { reason: error.message }); }
    this.socket = socket;
    const link = {
      secret: secret.value,
      say: (text) => { socket.send(text); this.add('sent', 'sent', text); },
      ready: () => { this.failures = 0; this.show('connected'); },
      refused: (reason) => { this.leave(); this.show('refused', { reason }); },
    };
    const attempt = async (what) => { try { await what(); } catch (error) { if (this.socket === socket) link.refused(error.message); } };
    let opened = false;
    socket.onopen = () => { opened = true; attempt(() => this.dialect.open?.(link)); };
    socket.onmessage = ({ data }) => attempt(() => this.hear(data, link));
    socket.onclose = ({ code, reason }) => this.lost(opened, code, reason);
  }

  hear(frame, link) {
    const texts = this.dialect.read?.(frame) ?? [frame];
    const messages = texts.map(parsed);
    const kind = messages.some(this.dialect.isEvent) ? 'event' : 'received';
    this.add(kind, kind, frame, texts);
    for (const message of messages) this.dialect.hear?.(message, link);
    if (kind === 'event') this.onEvent(this);
  }

  leave() {
    if (!this.socket) return;
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.socket = null;
  }

  lost(opened, code, reason) {
    this.socket = null;
    if (opened) this.add('ended', 'closed', `${code} ${reason}`.trim());
    // Of those the dialect means: another attempt would end like this one.
    if (code >= 4000) return this.show('refused', { reason: reason || `${code}` });
    const url = new URL(this.settings.elements.url.value);
    this.certificate.hidden = opened || url.protocol !== 'wss:';
    this.certificate.querySelector('a').href = `https://${url.host}/`;
    // Not all pages and panes at once.
    const pause = Math.min(500 * 2 ** this.failures, longestPause) * (0.8 + 0.4 * Math.random());
    this.failures += 1;
    this.show('waiting', { text: `retry in ${(pause / 1000).toFixed(1)} s` });
    this.timer = setTimeout(() => this.connect(), pause);
  }
}

const form = document.querySelector('#publish');
const outcome = document.querySelector('#outcome');
const arrived = new Set();
let published = '';

function tell(problem) {
  outcome.classList.toggle('problem', Boolean(problem));
  outcome.textContent = problem || `Published as ${published}: ${arrived.size} of ${panes.length} dialects have it.`;
}

const panes = dialects.map((dialect) => new Pane(dialect, {
  onEvent(pane) {
    arrived.add(pane);
    if (published) tell();
  },
  onChange() {
    const text = `${panes.filter((pane) => pane.root.dataset.state === 'connected').length} of ${panes.length} sockets are connected.`;
    const count = document.querySelector('#sockets');
    if (count.textContent !== text) count.textContent = text;
  },
}));

function cloudEvent() {
  const { device, severity, text, account } = Object.fromEntries(new FormData(form));
  return { specversion: '1.0', id: '', source: '/demo', type: 'demo.alarm', data: { device, severity, text, account } };
}
const showRequest = () => { document.querySelector('#request').textContent = JSON.stringify({ ...cloudEvent(), id: '…' }, null, 2); };

form.addEventListener('input', showRequest);
form.addEventListener('submit', async (submission) => {
  submission.preventDefault();
  const event = cloudEvent();
  event.id = `demo-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  arrived.clear();
  published = '';
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    const response = await fetch('/publish', { method: 'POST', body: JSON.stringify(event),
      headers: { 'Content-Type': 'application/cloudevents+json', Authorization: `Bearer ${form.elements.token.value}` } });
    const answer = parsed(await response.text());
    if (response.ok) published = answer.id;
    if (response.status === 401) tell('The gateway has another admin token. Nothing was published.');
    else tell(response.ok ? '' : `Nothing was published: ${answer.error ?? response.status}.`);
  } catch {
    tell('The gateway does not answer. Is it running?');
  }
  button.disabled = false;
});

showRequest();
document.querySelector('#panes').append(...panes.map((pane) => pane.root));
for (const pane of panes) pane.connect();
