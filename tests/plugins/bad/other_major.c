/* SPDX-License-Identifier: Apache-2.0
 * The ABI major is another one. */
#include "parts.h"

const dgm_plugin_entry dgm_plugin_entry_v0 = {
    DGM_ENTRY_MAGIC, sizeof(dgm_plugin_entry), 9, 3, 3, 0, "other-major", "1.0.0", PART_SCHEMA, &part_api};
