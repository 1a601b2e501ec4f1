/* SPDX-License-Identifier: Apache-2.0
 * The settings schema has a keyword that the host would not enforce. */
#include "parts.h"

const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "schema-keyword", "1.0.0",
                                              "{\"type\":\"object\",\"maximumMood\":3}", &part_api};
