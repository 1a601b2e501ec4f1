/* SPDX-License-Identifier: Apache-2.0
 * No role that this host knows. */
#include "parts.h"

static const void* query(dgm_str id) {
  return part_is(id, "dgm.teapot/1") ? &part_dialect : NULL;
}
static const dgm_plugin_api api = {sizeof api, 0, part_create, NULL, NULL, NULL, part_destroy, query};
const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "no-role", "1.0.0", PART_SCHEMA, &api};
