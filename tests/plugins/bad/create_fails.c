/* SPDX-License-Identifier: Apache-2.0
 * create() answers with an error. */
#include "parts.h"

static dgm_status create(const dgm_host_api* host_api, dgm_host* host, void** inst) {
  (void)host_api, (void)host, (void)inst;
  return DGM_E_UNAVAILABLE;
}
static const dgm_plugin_api api = {sizeof api, 0, create, NULL, NULL, NULL, part_destroy, part_query};
const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "create-fails", "1.0.0", PART_SCHEMA, &api};
