/* SPDX-License-Identifier: Apache-2.0
 * The entry has no settings schema. */
#include "parts.h"

const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "null-schema", "1.0.0", NULL, &part_api};
