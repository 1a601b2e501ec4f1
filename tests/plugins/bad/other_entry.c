/* SPDX-License-Identifier: Apache-2.0
 * The entry of a later ABI major. */
__attribute__((visibility("default"))) const int dgm_plugin_entry_v7 = 7;
