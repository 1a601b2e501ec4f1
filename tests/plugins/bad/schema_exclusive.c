/* SPDX-License-Identifier: Apache-2.0
 * The settings schema says that a setting is exclusive which it does not have. */
#include "parts.h"

const dgm_plugin_entry dgm_plugin_entry_v0 = {
    PART_HEAD, "schema-exclusive", "1.0.0",
    "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}},\"exclusive\":[\"title\"]}", &part_api};
