/* SPDX-License-Identifier: Apache-2.0
 * The entry does not begin with the magic. */
#include "parts.h"

const dgm_plugin_entry dgm_plugin_entry_v0 = {0x12345678u,   sizeof(dgm_plugin_entry),
                                              DGM_ABI_MAJOR, DGM_ABI_MINOR,
                                              DGM_ABI_MINOR, 0,
                                              "wrong-magic", "1.0.0",
                                              PART_SCHEMA,   &part_api};
