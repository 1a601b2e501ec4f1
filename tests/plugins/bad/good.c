/* SPDX-License-Identifier: Apache-2.0
 * Nothing is wrong with it: shows that the parts of the gallery are accepted. */
#include "parts.h"

const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "good", "1.0.0", PART_SCHEMA, &part_api};
