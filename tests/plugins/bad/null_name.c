/* SPDX-License-Identifier: Apache-2.0
 * The entry has no name. */
#include "parts.h"

const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, NULL, "1.0.0", PART_SCHEMA, &part_api};
