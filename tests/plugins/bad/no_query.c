/* SPDX-License-Identifier: Apache-2.0
 * The required function query is missing. */
#include "parts.h"

static const dgm_plugin_api api = {sizeof api, 0, part_create, NULL, NULL, NULL, part_destroy, NULL};
const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "no-query", "1.0.0", PART_SCHEMA, &api};
