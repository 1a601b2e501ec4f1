/* SPDX-License-Identifier: Apache-2.0
 * The dialect table has no session_open. */
#include "parts.h"

static const dgm_dialect dialect = {sizeof dialect, 0, NULL, part_message, NULL, NULL, part_close, NULL, NULL, NULL};
static const void* query(dgm_str id) {
  return part_is(id, DGM_EXT_DIALECT) ? &dialect : NULL;
}
static const dgm_plugin_api api = {sizeof api, 0, part_create, NULL, NULL, NULL, part_destroy, query};
const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "dialect-without-open", "1.0.0", PART_SCHEMA, &api};
