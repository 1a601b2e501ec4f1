/* SPDX-License-Identifier: Apache-2.0
 * dgm.metrics/1: counters of a plugin, exposed as dragoman_plugin_<plugin>_<name>_total{mount}. */
#ifndef DRAGOMAN_EXT_METRICS_H
#define DRAGOMAN_EXT_METRICS_H

#include <dragoman/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DGM_EXT_METRICS "dgm.metrics/1"

typedef struct dgm_host_metrics {
  uint32_t size, flags;
  /* [control] in configure(). name: [a-z][a-z0-9_]{0,63}. At most 32 per instance. */
  dgm_status (*counter)(dgm_host*, dgm_str name, dgm_str help, uint32_t* index);
  /* [shard] */
  void (*add)(dgm_host*, uint32_t index, uint64_t n);
} dgm_host_metrics;

#ifdef __cplusplus
}
#endif
#endif
