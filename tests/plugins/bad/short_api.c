/* SPDX-License-Identifier: Apache-2.0
 * The size of the api table ends before query. */
#include "parts.h"

static const dgm_plugin_api api = {
    offsetof(dgm_plugin_api, query), 0, part_create, NULL, NULL, NULL, part_destroy, part_query};
const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "short-api", "1.0.0", PART_SCHEMA, &api};
