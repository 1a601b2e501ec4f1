/* SPDX-License-Identifier: Apache-2.0
 * dgm.fanout/1: subscriptions and events.
 *
 * Key patterns are those of AMQP topics: tokens separated by '.', '*' stands for one token, '#' for any number of
 * tokens. */
#ifndef DRAGOMAN_EXT_FANOUT_H
#define DRAGOMAN_EXT_FANOUT_H

#include <dragoman/ext/dialect.h>
#include <dragoman/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DGM_EXT_FANOUT "dgm.fanout/1"

enum { DGM_INTEREST_LITERAL = 1 }; /* `key` is one key, not a pattern */
typedef struct dgm_interest {
  uint32_t size, flags;
  dgm_str channel, key;
  uint64_t variant, cookie; /* handed back in dgm_subscription; variant must not be DGM_VARIANT_SKIP */
} dgm_interest;

/* status: DGM_OK when the bus has taken the event and every journal of this gateway that keeps it has stored it;
 * DGM_E_INVALID when this bus can never carry it; DGM_E_UNAVAILABLE, DGM_E_DROPPED (overloaded) or DGM_E_CANCELED
 * otherwise: publishing it again under the same id is safe. */
typedef void (*dgm_published)(void* user, dgm_status status);

typedef struct dgm_host_fanout {
  uint32_t size, flags;
  /* [shard] From now on the session takes part in events of (channel, key). Ends with unsubscribe or with the session.
   */
  dgm_status (*subscribe)(dgm_host*, dgm_session, const dgm_interest*, uint64_t* subscription);
  /* [shard] */
  dgm_status (*unsubscribe)(dgm_host*, uint64_t subscription);
  /* [control] in configure() or start(), for a dialect with map(): which bus events map() gets. */
  dgm_status (*feed)(dgm_host*, dgm_str channel, dgm_str pattern);
  /* [home] Hands an event made by map() to the sessions of this mount, on all shards, in the order of the calls.
   * Copies. */
  dgm_status (*emit)(dgm_host*, const dgm_event*);
  /* [shard] Publishes to the mount's bus, as any other publisher would. Copies. DGM_E_UNAVAILABLE: the bus cannot take
   * it. */
  dgm_status (*publish)(dgm_host*, const dgm_event*);
  /* [shard] The same, and says what became of it. `done` comes exactly once, never inside this call, unless the answer
   * is below 0. */
  dgm_status (*publish_confirmed)(dgm_host*, const dgm_event*, dgm_published done, void* user);
  /* [shard] Whether new sessions are welcome: DGM_OK, or DGM_E_UNAVAILABLE while the mount's bus is not there and its
   * sessions are closed then (on_bus_loss: close). */
  dgm_status (*bus)(dgm_host*);
  /* [control] in configure(): sessions of this mount subscribe to events of this channel. A dialect that names neither
   * channels nor feeds may subscribe to any; `dragoman check` looks for translations that nobody would hear. */
  dgm_status (*channel)(dgm_host*, dgm_str channel);
} dgm_host_fanout;

#ifdef __cplusplus
}
#endif
#endif
