// SPDX-License-Identifier: Apache-2.0
// A stand-in for wazo-auth, as far as wazo-websocketd asks it (wazo digest section 3): tokens are looked up and checked with a scope, and a
// service logs in with its own id and key. It judges scopes as section 7 of the digest says.
'use strict';
const { startUpstream } = require('./upstream');

// As wazo-auth writes times: UTC without a zone.
const time = (ms) => new Date(ms).toISOString().replace('Z', '000');

function allows(acl, required) {
  const fits = (entry) => new RegExp(`^${entry.split('').map((c) => (c === '*' ? '[^.#]*' : c === '#' ? '.*' : c.replace(/[^\w]/, '\\$&'))).join('')}$`).test(required);
  return !acl.some((e) => e.startsWith('!') && fits(e.slice(1))) && acl.some((e) => !e.startsWith('!') && fits(e));
}

// prefix: such as /api/auth. service: { id, key, tenant } of the user who may ask for the master tenant.
async function startWazoAuth(t, { prefix = '', service = { id: 'websocketd-service', key: 'websocketd-password', tenant: 'master-tenant' } } = {}) {
  const tokens = new Map();
  const answer = (response, status, body) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
    response.end(text);
  };
  const look = (request, response, url) => {
    const id = decodeURIComponent(url.pathname.slice(`${prefix}/0.1/token/`.length));
    const found = tokens.get(id);
    if (!found || found.expires_ms <= Date.now()) return answer(response, 404, { reason: ['No such token'], status_code: 404 });
    const scope = url.searchParams.get('scope');
    if (scope && !allows(found.data.acl, scope)) return answer(response, 403, { reason: ['Unauthorized'], status_code: 403 });
    return request.method === 'HEAD' ? answer(response, 204) : answer(response, 200, { data: found.data });
  };
  const login = (request, response) => {
    const basic = `Basic ${Buffer.from(`${service.id}:${service.key}`).toString('base64')}`;
    if (request.headers.authorization !== basic) return answer(response, 401, { reason: ['Authentication Failed'], status_code: 401 });
    return answer(response, 200, { data: { token: 'of-the-service', metadata: { tenant_uuid: service.tenant }, expiration: JSON.parse(request.body).expiration } });
  };
  const auth = await startUpstream(t, (request, response) => {
    if (auth.status) return answer(response, auth.status, { reason: ['as the test wants'] });
    const url = new URL(request.url, 'http://auth');
    if (request.method === 'POST' && url.pathname === `${prefix}/0.1/token`) return login(request, response);
    if (['GET', 'HEAD'].includes(request.method) && url.pathname.startsWith(`${prefix}/0.1/token/`)) return look(request, response, url);
    return answer(response, 404, { reason: ['Not found'], status_code: 404 });
  });
  // Set to a number: every request is answered with that status.
  auth.status = 0;
  auth.add = (id, { acl = ['websocketd'], user = `user-of-${id}`, tenant = 'tenant', session = `session-of-${id}`, expires_in: life = 7200, metadata = {}, more = {} } = {}) => {
    const expires_ms = Date.now() + life * 1000;
    tokens.set(id, { expires_ms, data: {
      token: id, acl, session_uuid: session, auth_id: user, utc_issued_at: time(Date.now()), utc_expires_at: time(expires_ms),
      metadata: { uuid: user, tenant_uuid: tenant, purpose: 'user', ...metadata }, ...more } });
    return id;
  };
  auth.remove = (id) => tokens.delete(id);
  auth.of = (id) => auth.requests.filter((r) => r.url.startsWith(`${prefix}/0.1/token/${encodeURIComponent(id)}?`));
  auth.look = (id) => auth.of(id).filter((r) => r.method === 'GET');
  auth.checks = (id) => auth.of(id).filter((r) => r.method === 'HEAD');
  return auth;
}

// The authenticator for it, and its upstream; recheck as wazo-websocketd's dynamic strategy unless given.
function wazoAuthenticator(auth, { prefix = '', recheck = { schedule: 'lifetime' }, ...more } = {}) {
  const question = (method) => ({ method, path: '/0.1/token/{token}', query: { scope: 'websocketd' }, headers: { Accept: 'application/json' } });
  return {
    upstreams: {
      auth: { url: `${auth.url}${prefix}`, idle: 0 },
      'service-login': { url: `${auth.url}${prefix}`, methods: ['POST'], paths: ['/0.1/token'],
        request_headers: { add: { Authorization: `Basic ${Buffer.from('websocketd-service:websocketd-password').toString('base64')}` } } },
    },
    authenticator: {
      type: 'http', upstream: 'auth', request: question('GET'), accepted: [200], denied: [401, 403, 404],
      identity: { id: '/data/auth_id', user: ['/data/metadata/uuid', '/data/auth_id'], tenant: '/data/metadata/tenant_uuid', session: '/data/session_uuid',
        grants: ['/data/acl', '/data/acls'], expires: '/data/utc_expires_at', claims: '/data/metadata' },
      recheck: recheck === 'static' ? { every: '400ms', request: question('HEAD'), accepted: [204], denied: [403, 404] } : recheck, ...more,
    },
  };
}

module.exports = { startWazoAuth, wazoAuthenticator };
