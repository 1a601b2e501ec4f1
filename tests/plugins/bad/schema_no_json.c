/* SPDX-License-Identifier: Apache-2.0
 * The settings schema is not JSON. */
#include "parts.h"

const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "schema-no-json", "1.0.0", "{\"type\": ", &part_api};
