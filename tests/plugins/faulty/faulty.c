/* SPDX-License-Identifier: Apache-2.0
 * A dialect that goes wrong where it is told to; in session_message only when a client says something like HTTP. */
#define _DEFAULT_SOURCE
#include <dragoman/ext/dialect.h>
#include <dragoman/ext/fanout.h>
#include <dragoman/ext/http.h>
#include <dragoman/ext/session.h>

#include "fault.h"

typedef struct faulty {
  dgm_host* host;
  const dgm_host_session* session;
  const dgm_host_fanout* fanout;
  const dgm_host_http* http;
} faulty;

static dgm_str str(const char* text) {
  const dgm_str s = {text, strlen(text)};
  return s;
}

__attribute__((constructor)) static void construct(void) {
  fault_in("constructors");
}

static dgm_status create(const dgm_host_api* api, dgm_host* host, void** inst) {
  fault_in("create");
  faulty* f = malloc(sizeof *f);
  if (!f) return DGM_E_INTERNAL;
  f->host = host;
  f->session = api->query(host, str(DGM_EXT_SESSION));
  f->fanout = api->query(host, str(DGM_EXT_FANOUT));
  f->http = api->query(host, str(DGM_EXT_HTTP));
  *inst = f;
  return f->session && f->fanout && f->http ? DGM_OK : DGM_E_UNSUPPORTED;
}
static dgm_status configure(void* inst, const dgm_config* config, dgm_writer* why) {
  const faulty* f = inst;
  (void)config, (void)why;
  fault_in("configure");
  f->http->route(f->host, str("GET"), str("/"), DGM_ROUTE_WEBSOCKET);
  return f->http->route(f->host, str("*"), str("/ask"), 0);
}
static dgm_status start(void* inst) {
  (void)inst;
  fault_in("start");
  return DGM_OK;
}
static void stop(void* inst) {
  (void)inst;
  fault_in("stop");
}
static void destroy(void* inst) {
  fault_in("destroy");
  free(inst);
}

static dgm_status session_open(void* inst, dgm_session session, const dgm_open* open, void** state) {
  const faulty* f = inst;
  dgm_interest all = {0};
  (void)open;
  fault_in("session_open");
  all.size = sizeof all;
  all.channel = str("news");
  all.key = str("#");
  *state = NULL;
  uint64_t subscription;
  return f->fanout->subscribe(f->host, session, &all, &subscription);
}
static dgm_status session_message(void* inst, dgm_session session, void* state, int32_t opcode, dgm_str text) {
  const faulty* f = inst;
  (void)state;
  if (text.len < 4 || memcmp(text.ptr, "GET ", 4)) return DGM_OK;
  fault_in("session_message");
  if (fault_is("pause", "session_message")) f->session->pause(f->host, session);
  if (fault_is("part", "session_message"))
    f->session->send_part(f->host, session, opcode, str("begun"), DGM_PART_FIRST);
  return DGM_OK;
}
static void session_close(void* inst, dgm_session session, void* state, uint16_t code, dgm_str reason) {
  (void)inst, (void)session, (void)state, (void)code, (void)reason;
  fault_in("session_close");
}
static dgm_status encode(void* inst, const dgm_event* event, uint64_t variant, dgm_writer* out) {
  (void)inst, (void)event, (void)variant, (void)out;
  fault_in("encode");
  return DGM_SKIP;
}

static dgm_status request(void* inst, dgm_request request, const dgm_http_request* head, void** state) {
  const faulty* f = inst;
  (void)head;
  fault_in("request");
  *state = NULL;
  if (fault_is("silent", "request")) return DGM_OK;
  f->http->begin(f->host, request, 200, NULL, 0);
  if (fault_is("part", "request")) return f->http->part(f->host, request, str("begun"));
  return f->http->end(f->host, request);
}
static void request_close(void* inst, dgm_request request, void* state) {
  (void)inst, (void)request, (void)state;
}

static const dgm_dialect dialect = {.size = sizeof dialect,
                                    .session_open = session_open,
                                    .session_message = session_message,
                                    .session_close = session_close,
                                    .encode = encode};
static const dgm_http http = {.size = sizeof http, .request = request, .request_close = request_close};

static const void* query(dgm_str id) {
  fault_in("query");
  if (id.len == strlen(DGM_EXT_DIALECT) && !memcmp(id.ptr, DGM_EXT_DIALECT, id.len)) return &dialect;
  return id.len == strlen(DGM_EXT_HTTP) && !memcmp(id.ptr, DGM_EXT_HTTP, id.len) ? &http : NULL;
}

static const dgm_plugin_api api = {.size = sizeof api,
                                   .create = create,
                                   .configure = configure,
                                   .start = start,
                                   .stop = stop,
                                   .destroy = destroy,
                                   .query = query};

DGM_PLUGIN_ENTRY("faulty", "1.0.0", "{\"type\": \"object\", \"additionalProperties\": false}", &api);
