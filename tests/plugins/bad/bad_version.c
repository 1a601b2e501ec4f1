/* SPDX-License-Identifier: Apache-2.0
 * The version is empty. */
#include "parts.h"

const dgm_plugin_entry dgm_plugin_entry_v0 = {PART_HEAD, "bad-version", "", PART_SCHEMA, &part_api};
