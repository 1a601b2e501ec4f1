// SPDX-License-Identifier: Apache-2.0
// Lets C++ exceptions cross the boundary from every hook.
#include <stdexcept>

#include "parts.h"

namespace {

dgm_status configure(void*, const dgm_config* config, dgm_writer*) {
  if (config->flags & DGM_CONFIG_CHECK) throw std::runtime_error("no settings today");
  return DGM_OK;
}
void destroy(void*) {
  throw 1;
}
dgm_status session_open(void*, dgm_session, const dgm_open*, void**) {
  throw std::runtime_error("open broke");
}
dgm_status session_message(void*, dgm_session, void*, int32_t, dgm_str) {
  throw 42;
}
void session_close(void*, dgm_session, void*, uint16_t, dgm_str) {
  throw std::runtime_error("close broke");
}
void select(void*, const dgm_event*, const dgm_subscription*, size_t n, uint64_t* variants) {
  if (n) variants[0] = 77;
  throw std::runtime_error("select broke");
}
dgm_status encode(void*, const dgm_event*, uint64_t, dgm_writer*) {
  throw std::runtime_error("encode broke");
}

const dgm_dialect dialect = {sizeof dialect, 0,       session_open, session_message, nullptr, nullptr,
                             session_close,  nullptr, select,       encode};
const void* query(dgm_str id) {
  return part_is(id, DGM_EXT_DIALECT) ? &dialect : nullptr;
}
const dgm_plugin_api api = {sizeof api, 0, part_create, configure, nullptr, nullptr, destroy, query};

}  // namespace

extern "C" const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "throws", "1.0.0", PART_SCHEMA, &api};
