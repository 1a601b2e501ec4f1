/* SPDX-License-Identifier: Apache-2.0
 * configure() refuses and says why. */
#include "parts.h"

static dgm_status configure(void* inst, const dgm_config* config, dgm_writer* why) {
  static const char text[] = "moon.phase: must be full\n";
  (void)inst, (void)config;
  if (why->grow(why, sizeof text - 1) == DGM_OK) {
    memcpy(why->ptr + why->len, text, sizeof text - 1);
    why->len += sizeof text - 1;
  }
  return DGM_E_INVALID;
}
static const dgm_plugin_api api = {sizeof api, 0, part_create, configure, NULL, NULL, part_destroy, part_query};
const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "configure-fails", "1.0.0", PART_SCHEMA, &api};
