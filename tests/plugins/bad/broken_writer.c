/* SPDX-License-Identifier: Apache-2.0
 * encode() claims more bytes than it was given room for. Its sessions hear of the channel "news". */
#include "parts.h"

static const dgm_host_fanout* fanout;

static dgm_status create(const dgm_host_api* host_api, dgm_host* host, void** inst) {
  const dgm_str id = {DGM_EXT_FANOUT, sizeof DGM_EXT_FANOUT - 1};
  fanout = host_api->query(host, id);
  *inst = host;
  return DGM_OK;
}
static dgm_status session_open(void* inst, dgm_session session, const dgm_open* open, void** state) {
  const dgm_interest news = {sizeof news, 0, {"news", 4}, {"#", 1}, 0, 0};
  (void)open;
  *state = NULL;
  return fanout->subscribe(inst, session, &news, NULL);
}
static dgm_status encode(void* inst, const dgm_event* event, uint64_t variant, dgm_writer* writer) {
  (void)inst, (void)event, (void)variant;
  writer->len = writer->cap + 1;
  return DGM_OK;
}
static const dgm_dialect dialect = {sizeof dialect, 0,          session_open, part_message, NULL,
                                    NULL,           part_close, NULL,         NULL,         encode};
static const void* query(dgm_str id) {
  return part_is(id, DGM_EXT_DIALECT) ? &dialect : NULL;
}
static const dgm_plugin_api api = {sizeof api, 0, create, NULL, NULL, NULL, part_destroy, query};
const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "broken-writer", "1.0.0", PART_SCHEMA, &api};
