/* SPDX-License-Identifier: Apache-2.0
 * The entry has no api table. */
#include "parts.h"

const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "null-api", "1.0.0", PART_SCHEMA, NULL};
