/* SPDX-License-Identifier: Apache-2.0
 * start() answers with an error and says nothing. */
#include "parts.h"

static dgm_status start(void* inst) {
  (void)inst;
  return DGM_E_TIMEOUT;
}
static const dgm_plugin_api api = {sizeof api, 0, part_create, NULL, start, NULL, part_destroy, part_query};
const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "start-fails", "1.0.0", PART_SCHEMA, &api};
