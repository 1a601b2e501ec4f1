/* SPDX-License-Identifier: Apache-2.0
 * A whole dialect in C11 without the SDK: what a client sends comes back. */
#include <dragoman/ext/dialect.h>
#include <dragoman/ext/session.h>
#include <stdlib.h>
#include <string.h>

typedef struct echo {
  dgm_host* host;
  const dgm_host_session* session;
} echo;

static dgm_status create(const dgm_host_api* api, dgm_host* host, void** inst) {
  echo* e = malloc(sizeof *e);
  if (!e) return DGM_E_INTERNAL;
  const dgm_str id = {DGM_EXT_SESSION, sizeof DGM_EXT_SESSION - 1};
  e->host = host;
  e->session = api->query(host, id);
  *inst = e;
  return e->session ? DGM_OK : DGM_E_UNSUPPORTED;
}

static dgm_status session_open(void* inst, dgm_session s, const dgm_open* open, void** state) {
  (void)inst, (void)s, (void)open;
  *state = NULL;
  return DGM_OK;
}

static dgm_status session_message(void* inst, dgm_session s, void* state, int32_t opcode, dgm_str message) {
  const echo* e = inst;
  (void)state;
  e->session->send(e->host, s, opcode, message);
  return DGM_OK;
}

static void session_close(void* inst, dgm_session s, void* state, uint16_t code, dgm_str reason) {
  (void)inst, (void)s, (void)state, (void)code, (void)reason;
}

static const dgm_dialect dialect = {.size = sizeof dialect,
                                    .session_open = session_open,
                                    .session_message = session_message,
                                    .session_close = session_close};

static const void* query(dgm_str id) {
  return id.len == sizeof DGM_EXT_DIALECT - 1 && memcmp(id.ptr, DGM_EXT_DIALECT, id.len) == 0 ? &dialect : NULL;
}

static const dgm_plugin_api api = {.size = sizeof api, .create = create, .destroy = free, .query = query};

DGM_PLUGIN_ENTRY("echo-c", "1.0.0", "{\"type\": \"object\", \"additionalProperties\": false}", &api);
