/* SPDX-License-Identifier: Apache-2.0
 * The size of the entry ends before its members do. */
#include "parts.h"

const dgm_plugin_entry dgm_plugin_entry_v0 = {DGM_ENTRY_MAGIC, 24,      DGM_ABI_MAJOR, DGM_ABI_MINOR, DGM_ABI_MINOR, 0,
                                              "short-size",    "1.0.0", PART_SCHEMA,   &part_api};
