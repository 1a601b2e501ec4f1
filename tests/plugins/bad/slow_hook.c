/* SPDX-License-Identifier: Apache-2.0
 * Holds the shard's thread for 30 ms in each message. */
#define _POSIX_C_SOURCE 200809L
#include <time.h>

#include "parts.h"

static dgm_status message(void* inst, dgm_session session, void* state, int32_t opcode, dgm_str text) {
  const struct timespec pause = {0, 30 * 1000 * 1000};
  (void)inst, (void)session, (void)state, (void)opcode, (void)text;
  nanosleep(&pause, NULL);
  return DGM_OK;
}
static const dgm_dialect dialect = {sizeof dialect, 0, part_open, message, NULL, NULL, part_close, NULL, NULL, NULL};
static const void* query(dgm_str id) {
  return part_is(id, DGM_EXT_DIALECT) ? &dialect : NULL;
}
static const dgm_plugin_api api = {sizeof api, 0, part_create, NULL, NULL, NULL, part_destroy, query};
const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "slow-hook", "1.0.0", PART_SCHEMA, &api};
