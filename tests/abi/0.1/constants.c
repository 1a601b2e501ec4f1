/* SPDX-License-Identifier: Apache-2.0
 * The constants of ABI 0.1, which leave no trace in debug information. It compiles as long as none has changed. */
#include <dragoman/ext/auth.h>
#include <dragoman/ext/bus.h>
#include <dragoman/ext/dialect.h>
#include <dragoman/ext/fanout.h>
#include <dragoman/ext/http.h>
#include <dragoman/ext/journal.h>
#include <dragoman/ext/metrics.h>
#include <dragoman/ext/registry.h>
#include <dragoman/ext/session.h>
#include <dragoman/ext/timer.h>
#include <dragoman/ext/upstream.h>
#include <dragoman/plugin.h>

_Static_assert(DGM_OPEN_TLS == 1, "DGM_OPEN_TLS has changed");
_Static_assert(DGM_IDENTITY_RENEWED == 1, "DGM_IDENTITY_RENEWED has changed");
_Static_assert(DGM_IDENTITY_EXPIRED == 2, "DGM_IDENTITY_EXPIRED has changed");
_Static_assert(DGM_IDENTITY_REVOKED == 3, "DGM_IDENTITY_REVOKED has changed");
_Static_assert(DGM_UPGRADE_AUTHENTICATE == 1, "DGM_UPGRADE_AUTHENTICATE has changed");
_Static_assert(DGM_VARIANT_SKIP == UINT64_MAX, "DGM_VARIANT_SKIP has changed");
_Static_assert(DGM_DIALECT_MAP_FEEDS == 1, "DGM_DIALECT_MAP_FEEDS has changed");
_Static_assert(DGM_INTEREST_LITERAL == 1, "DGM_INTEREST_LITERAL has changed");
_Static_assert(DGM_HTTP_TLS == 1, "DGM_HTTP_TLS has changed");
_Static_assert(DGM_HTTP_HEAD == 2, "DGM_HTTP_HEAD has changed");
_Static_assert(DGM_ROUTE_WEBSOCKET == 1, "DGM_ROUTE_WEBSOCKET has changed");
_Static_assert(DGM_ROUTE_REST == 2, "DGM_ROUTE_REST has changed");
_Static_assert(DGM_JOURNAL_BACKWARDS == 1, "DGM_JOURNAL_BACKWARDS has changed");
_Static_assert(DGM_REGISTRY_ALL == 1, "DGM_REGISTRY_ALL has changed");
_Static_assert(DGM_REGISTRY_LOCAL == 2, "DGM_REGISTRY_LOCAL has changed");
_Static_assert(DGM_PART_FIRST == 1, "DGM_PART_FIRST has changed");
_Static_assert(DGM_PART_LAST == 2, "DGM_PART_LAST has changed");
_Static_assert(DGM_OK == 0, "DGM_OK has changed");
_Static_assert(DGM_PRESSURE == 1, "DGM_PRESSURE has changed");
_Static_assert(DGM_SKIP == 2, "DGM_SKIP has changed");
_Static_assert(DGM_E_DROPPED == -1, "DGM_E_DROPPED has changed");
_Static_assert(DGM_E_GONE == -2, "DGM_E_GONE has changed");
_Static_assert(DGM_E_INVALID == -3, "DGM_E_INVALID has changed");
_Static_assert(DGM_E_UNSUPPORTED == -4, "DGM_E_UNSUPPORTED has changed");
_Static_assert(DGM_E_CANCELED == -5, "DGM_E_CANCELED has changed");
_Static_assert(DGM_E_TIMEOUT == -6, "DGM_E_TIMEOUT has changed");
_Static_assert(DGM_E_INTERNAL == -7, "DGM_E_INTERNAL has changed");
_Static_assert(DGM_E_DOMAIN == -8, "DGM_E_DOMAIN has changed");
_Static_assert(DGM_E_DENIED == -9, "DGM_E_DENIED has changed");
_Static_assert(DGM_E_UNAVAILABLE == -10, "DGM_E_UNAVAILABLE has changed");
_Static_assert(DGM_E_TOO_LARGE == -11, "DGM_E_TOO_LARGE has changed");
_Static_assert(DGM_TEXT == 1, "DGM_TEXT has changed");
_Static_assert(DGM_BINARY == 2, "DGM_BINARY has changed");
_Static_assert(DGM_LOG_DEBUG == 1, "DGM_LOG_DEBUG has changed");
_Static_assert(DGM_LOG_INFO == 2, "DGM_LOG_INFO has changed");
_Static_assert(DGM_LOG_WARN == 3, "DGM_LOG_WARN has changed");
_Static_assert(DGM_LOG_ERROR == 4, "DGM_LOG_ERROR has changed");
_Static_assert(DGM_WRITE_KEEP == 1, "DGM_WRITE_KEEP has changed");
_Static_assert(DGM_CONFIG_CHECK == 1, "DGM_CONFIG_CHECK has changed");
_Static_assert(DGM_CONFIG_HOME == 2, "DGM_CONFIG_HOME has changed");
_Static_assert(DGM_CONFIG_PLAIN == 4, "DGM_CONFIG_PLAIN has changed");
_Static_assert(DGM_ABI_MAJOR == 0, "DGM_ABI_MAJOR has changed");
_Static_assert(DGM_ENTRY_MAGIC == 1145523505, "DGM_ENTRY_MAGIC has changed");

static const char* const ids[][2] = {
    {DGM_EXT_AUTH, "dgm.auth/1"},       {DGM_EXT_BUS, "dgm.bus/1"},           {DGM_EXT_DIALECT, "dgm.dialect/1"},
    {DGM_EXT_FANOUT, "dgm.fanout/1"},   {DGM_EXT_HTTP, "dgm.http/1"},         {DGM_EXT_JOURNAL, "dgm.journal/1"},
    {DGM_EXT_METRICS, "dgm.metrics/1"}, {DGM_EXT_REGISTRY, "dgm.registry/1"}, {DGM_EXT_SESSION, "dgm.session/1"},
    {DGM_EXT_TIMER, "dgm.timer/1"},     {DGM_EXT_UPSTREAM, "dgm.upstream/1"}, {DGM_ENTRY_SYMBOL, "dgm_plugin_entry_v0"},
};

#include <stdio.h>
#include <string.h>

int main(void) {
  int changed = 0;
  for (size_t i = 0; i < sizeof ids / sizeof *ids; ++i)
    if (strcmp(ids[i][0], ids[i][1])) changed = printf("%s is now %s\n", ids[i][1], ids[i][0]);
  return changed ? 1 : 0;
}
