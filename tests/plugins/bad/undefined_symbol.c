/* SPDX-License-Identifier: Apache-2.0
 * Needs a function that nothing in the gateway has. */
#include "parts.h"

void function_that_nobody_has(void* inst);

static const dgm_plugin_api api = {sizeof api,   0,         part_create, NULL, NULL, function_that_nobody_has,
                                   part_destroy, part_query};
const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "undefined-symbol", "1.0.0", PART_SCHEMA, &api};
