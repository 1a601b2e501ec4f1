/* SPDX-License-Identifier: Apache-2.0
 * Parts of a plugin that is right, so that each file of the gallery shows its one defect. */
#ifndef DRAGOMAN_TESTS_BAD_PARTS_H
#define DRAGOMAN_TESTS_BAD_PARTS_H

#include <dragoman/ext/dialect.h>
#include <dragoman/ext/fanout.h>
#include <dragoman/ext/metrics.h>
#include <dragoman/ext/session.h>
#include <dragoman/plugin.h>
#include <string.h>

#if defined(__GNUC__)
#define PART __attribute__((unused)) static
#else
#define PART static
#endif

#define PART_SCHEMA "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{}}"
#define PART_HEAD DGM_ENTRY_MAGIC, sizeof(dgm_plugin_entry), DGM_ABI_MAJOR, DGM_ABI_MINOR, DGM_ABI_MINOR, 0

/* NOLINTBEGIN(modernize-use-nullptr): C has none. */
PART dgm_status part_create(const dgm_host_api* api, dgm_host* host, void** inst) {
  (void)api;
  *inst = host;
  return DGM_OK;
}
PART void part_destroy(void* inst) {
  (void)inst;
}
PART dgm_status part_open(void* inst, dgm_session session, const dgm_open* open, void** state) {
  (void)inst, (void)session, (void)open;
  *state = NULL;
  return DGM_OK;
}
PART dgm_status part_message(void* inst, dgm_session session, void* state, int32_t opcode, dgm_str text) {
  (void)inst, (void)session, (void)state, (void)opcode, (void)text;
  return DGM_OK;
}
PART void part_close(void* inst, dgm_session session, void* state, uint16_t code, dgm_str reason) {
  (void)inst, (void)session, (void)state, (void)code, (void)reason;
}
PART int part_is(dgm_str id, const char* wanted) {
  return id.len == strlen(wanted) && !memcmp(id.ptr, wanted, id.len);
}

PART const dgm_dialect part_dialect = {sizeof(dgm_dialect), 0,    part_open, part_message, NULL, NULL,
                                       part_close,          NULL, NULL,      NULL};
PART const void* part_query(dgm_str id) {
  return part_is(id, DGM_EXT_DIALECT) ? &part_dialect : NULL;
}
PART const dgm_plugin_api part_api = {sizeof(dgm_plugin_api), 0,         part_create, NULL, NULL, NULL,
                                      part_destroy,           part_query};
/* NOLINTEND(modernize-use-nullptr) */

#endif
