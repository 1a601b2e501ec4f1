/* SPDX-License-Identifier: Apache-2.0
 * Calls the host where it must not, and logs what the host answered: "<where> <function> <status>". */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "parts.h"

typedef struct {
  const dgm_host_api* api;
  dgm_host* host;
  const dgm_host_session* session;
  const dgm_host_fanout* fanout;
  const dgm_host_metrics* metrics;
} plugin;

static dgm_str text_of(const char* text) {
  const dgm_str str = {text, strlen(text)};
  return str;
}

static void tell(plugin* self, const char* where, const char* function, dgm_status status) {
  char line[96];
  snprintf(line, sizeof line, "%s %s %d", where, function, (int)status);
  self->api->log(self->host, 0, DGM_LOG_INFO, text_of(line));
}

static void send_from(plugin* self, const char* where, dgm_session session) {
  tell(self, where, "send", self->session->send(self->host, session, DGM_TEXT, text_of("x")));
}

static dgm_status create(const dgm_host_api* api, dgm_host* host, void** inst) {
  plugin* self = malloc(sizeof *self);
  if (!self) return DGM_E_INTERNAL;
  self->api = api;
  self->host = host;
  self->session = api->query(host, text_of(DGM_EXT_SESSION));
  self->fanout = api->query(host, text_of(DGM_EXT_FANOUT));
  self->metrics = api->query(host, text_of(DGM_EXT_METRICS));
  *inst = self;
  return DGM_OK;
}

static dgm_status configure(void* inst, const dgm_config* config, dgm_writer* why) {
  (void)config, (void)why;
  send_from(inst, "configure", 1);
  return DGM_OK;
}

static dgm_status session_open(void* inst, dgm_session session, const dgm_open* open, void** state) {
  plugin* self = inst;
  uint32_t index;
  dgm_event event = {0};
  (void)open;
  *state = NULL;
  send_from(self, "open", session);
  event.size = sizeof event;
  tell(self, "open", "feed", self->fanout->feed(self->host, text_of("c"), text_of("#")));
  tell(self, "open", "counter", self->metrics->counter(self->host, text_of("late"), text_of(""), &index));
  tell(self, "open", "emit", self->fanout->emit(self->host, &event));
  return DGM_OK;
}

static void* thread(void* inst) {
  send_from(inst, "thread", 1);
  return NULL;
}

static dgm_status session_message(void* inst, dgm_session session, void* state, int32_t opcode, dgm_str text) {
  pthread_t id;
  (void)session, (void)state, (void)opcode, (void)text;
  if (pthread_create(&id, NULL, thread, inst) == 0) pthread_join(id, NULL);
  return DGM_OK;
}

static dgm_status map(void* inst, const dgm_event* event) {
  (void)inst, (void)event;
  return DGM_OK;
}

static void select_variants(void* inst, const dgm_event* event, const dgm_subscription* subs, size_t n,
                            uint64_t* variants) {
  (void)event, (void)variants;
  send_from(inst, "select", n ? subs[0].session : 0);
}

static dgm_status encode(void* inst, const dgm_event* event, uint64_t variant, dgm_writer* writer) {
  plugin* self = inst;
  (void)variant, (void)writer;
  tell(self, "encode", "publish", self->fanout->publish(self->host, event));
  return DGM_SKIP;
}

static const dgm_dialect dialect = {sizeof dialect, 0,          session_open, session_message, NULL,
                                    NULL,           part_close, map,          select_variants, encode};
static const void* query(dgm_str id) {
  return part_is(id, DGM_EXT_DIALECT) ? &dialect : NULL;
}
static const dgm_plugin_api api = {sizeof api, 0, create, configure, NULL, NULL, free, query};
const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "wrong-domain", "1.0.0", PART_SCHEMA, &api};
