/* SPDX-License-Identifier: Apache-2.0
 * A bus without a broker that goes wrong where it is told to. */
#define _DEFAULT_SOURCE
#include <dragoman/ext/bus.h>

#include "fault.h"

static const dgm_host_bus* bus_of_host;

static dgm_status create(const dgm_host_api* api, dgm_host* host, void** inst) {
  const dgm_str id = {DGM_EXT_BUS, sizeof DGM_EXT_BUS - 1};
  bus_of_host = api->query(host, id);
  *inst = host;
  return bus_of_host ? DGM_OK : DGM_E_UNSUPPORTED;
}
static dgm_status start(void* inst) {
  const dgm_str none = {"", 0};
  bus_of_host->connected(inst, 1, none);
  return DGM_OK;
}
static void stop(void* inst) {
  (void)inst;
  fault_in("stop");
}
static void destroy(void* inst) {
  (void)inst;
}
static void watch(void* inst, const dgm_wish* added, size_t n_added, const dgm_wish* removed, size_t n_removed) {
  (void)inst, (void)added, (void)n_added, (void)removed, (void)n_removed;
}
static dgm_status publish(void* inst, const dgm_event* events, size_t n, dgm_published done, void* user) {
  (void)inst, (void)events, (void)n;
  fault_in("publish");
  /* Taken, and nobody is ever told. */
  if (fault_is("silent", "publish")) return DGM_OK;
  done(user, fault_is("lose", "publish") ? DGM_OK : DGM_E_UNAVAILABLE);
  return DGM_OK;
}

static const dgm_bus bus = {.size = sizeof bus, .watch = watch, .publish = publish};

static const void* query(dgm_str id) {
  return id.len == sizeof DGM_EXT_BUS - 1 && !memcmp(id.ptr, DGM_EXT_BUS, id.len) ? &bus : NULL;
}

static const dgm_plugin_api api = {
    .size = sizeof api, .create = create, .start = start, .stop = stop, .destroy = destroy, .query = query};

DGM_PLUGIN_ENTRY("faulty-bus", "1.0.0",
                 "{\"type\": \"object\", \"additionalProperties\": false,"
                 " \"properties\": {\"channel\": {\"type\": \"string\", \"default\": \"\"}}}",
                 &api);
