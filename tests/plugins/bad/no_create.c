/* SPDX-License-Identifier: Apache-2.0
 * The required function create is missing. */
#include "parts.h"

static const dgm_plugin_api api = {sizeof api, 0, NULL, NULL, NULL, NULL, part_destroy, part_query};
const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "no-create", "1.0.0", PART_SCHEMA, &api};
