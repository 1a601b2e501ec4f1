/* SPDX-License-Identifier: Apache-2.0
 * The name could not be written in YAML or in a metric, and steers a terminal. */
#include "parts.h"

const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "Bad Name\033[2J", "1.0.0", PART_SCHEMA, &part_api};
