/* SPDX-License-Identifier: Apache-2.0
 * dgm.bus/1: the role of a plugin that is a client of a broker, and the host's table for it.
 *
 * One instance exists per configured bus, whatever the number of shards. The plugin runs its client library on threads
 * of its own, between start() and stop(); stop() comes on a thread that may block, and no call to the host follows it.
 * Domain [bus]: any thread of the gateway, one call at a time; these calls must not block. */
#ifndef DRAGOMAN_EXT_BUS_H
#define DRAGOMAN_EXT_BUS_H

#include <dragoman/ext/dialect.h>
#include <dragoman/ext/fanout.h>
#include <dragoman/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DGM_EXT_BUS "dgm.bus/1"

/* Which events the gateway wants: those of a channel whose key fits. A key has tokens separated by '.'; in a pattern
 * '*' stands for one token and '#' for any number (dgm.fanout/1). A broker that cannot say it exactly delivers more
 * than that rather than less; the gateway looks at every event again. */
typedef struct dgm_wish {
  dgm_str channel, key;
  uint32_t literal; /* 1: `key` is one key, not a pattern */
  uint32_t reserved;
} dgm_wish;

typedef struct dgm_bus {
  uint32_t size, flags; /* flags: 0 */
  /* [bus] required. Changes what is wanted. A wish is added once before it is removed, however many sessions share it.
   * Wishes outlive the connection: the plugin subscribes again, all at once, when it has come back. The first come
   * before start(). */
  void (*watch)(void* inst, const dgm_wish* added, size_t n_added, const dgm_wish* removed, size_t n_removed);
  /* [bus] required. Publishes all or nothing. `done` comes exactly once, on any thread, perhaps inside the call, unless
   * the answer is below 0: DGM_OK when the broker has taken the events, as far as it can say so. DGM_E_UNAVAILABLE:
   * there is no connection, or it was lost before the broker confirmed. DGM_E_DROPPED: too many wait. DGM_E_INVALID: an
   * event cannot be said on this broker. What waits at stop() is done with DGM_E_CANCELED. */
  dgm_status (*publish)(void* inst, const dgm_event* events, size_t n, dgm_published done, void* user);
} dgm_bus;

typedef struct dgm_host_bus {
  uint32_t size, flags;
  /* Threads of the plugin, not inside a call of the host's. Hands events to the gateway, in their order; copies. Waits
   * until every shard has room, so that a slow gateway slows its broker and not the memory. `done` may be null;
   * otherwise it comes exactly once, on any thread, when the events are stored in every journal that keeps them, or
   * with DGM_E_UNAVAILABLE when one failed: then they should be delivered again, under the same ids. An answer below 0,
   * after which `done` does not come: DGM_E_TOO_LARGE, DGM_E_INVALID (because of one event none was delivered),
   * DGM_E_CANCELED (the gateway stops; some may have been). An event without an id gets one, without a time the present
   * one. */
  dgm_status (*deliver)(dgm_host*, const dgm_event* events, size_t n, dgm_published done, void* user);
  /* [any] Whether the broker is there; `why`, when it is not, is one sentence for the log. Until the first call it is
   * not. */
  void (*connected)(dgm_host*, int32_t connected, dgm_str why);
  /* [any] Messages that were lost on their way to deliver(), for the metrics. */
  void (*dropped)(dgm_host*, uint64_t messages);
} dgm_host_bus;

#ifdef __cplusplus
}
#endif
#endif
