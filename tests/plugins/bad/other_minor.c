/* SPDX-License-Identifier: Apache-2.0
 * The ABI minor is another one, which major 0 does not allow. */
#include "parts.h"

const dgm_plugin_entry dgm_plugin_entry_v0 = {DGM_ENTRY_MAGIC,
                                              sizeof(dgm_plugin_entry),
                                              0,
                                              DGM_ABI_MINOR + 1,
                                              DGM_ABI_MINOR + 1,
                                              0,
                                              "other-minor",
                                              "1.0.0",
                                              PART_SCHEMA,
                                              &part_api};
