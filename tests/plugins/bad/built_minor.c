/* SPDX-License-Identifier: Apache-2.0
 * It was built with another minor than it says it needs. */
#include "parts.h"

const dgm_plugin_entry dgm_plugin_entry_v0 = {DGM_ENTRY_MAGIC,
                                              sizeof(dgm_plugin_entry),
                                              0,
                                              DGM_ABI_MINOR,
                                              DGM_ABI_MINOR + 5,
                                              0,
                                              "built-minor",
                                              "1.0.0",
                                              PART_SCHEMA,
                                              &part_api};
