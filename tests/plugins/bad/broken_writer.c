/* SPDX-License-Identifier: Apache-2.0
 * encode() claims more bytes than it was given room for. */
#include "parts.h"

static dgm_status encode(void* inst, const dgm_event* event, uint64_t variant, dgm_writer* writer) {
  (void)inst, (void)event, (void)variant;
  writer->len = writer->cap + 1;
  return DGM_OK;
}
static const dgm_dialect dialect = {sizeof dialect, 0,          part_open, part_message, NULL,
                                    NULL,           part_close, NULL,      NULL,         encode};
static const void* query(dgm_str id) {
  return part_is(id, DGM_EXT_DIALECT) ? &dialect : NULL;
}
static const dgm_plugin_api api = {sizeof api, 0, part_create, NULL, NULL, NULL, part_destroy, query};
const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "broken-writer", "1.0.0", PART_SCHEMA, &api};
