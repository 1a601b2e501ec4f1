/* SPDX-License-Identifier: Apache-2.0
 * dgm.dialect/1: the role of a plugin that speaks a client's language. */
#ifndef DRAGOMAN_EXT_DIALECT_H
#define DRAGOMAN_EXT_DIALECT_H

#include <dragoman/ext/auth.h>
#include <dragoman/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DGM_EXT_DIALECT "dgm.dialect/1"

enum { DGM_OPEN_TLS = 1 };
/* What is known of a client when its session opens. */
typedef struct dgm_open {
  uint32_t size, flags;
  dgm_str path;             /* as sent, still percent-encoded, without the query */
  dgm_str query;            /* as sent, without '?' */
  dgm_str peer;             /* "192.0.2.1:50000", "[2001:db8::1]:50000" (port 0: not known), "unix" */
  const dgm_field* headers; /* of the upgrade request, in order; names as sent */
  size_t header_count;
  const dgm_identity* identity; /* whose credential the handshake had, see upgrade(); null: none was asked for */
} dgm_open;

/* upgrade(): only if the authenticator accepts the credential in `text`. */
#define DGM_UPGRADE_AUTHENTICATE 1

/* An event, as a bus delivered it or as map() made it. */
typedef struct dgm_event {
  uint32_t size, flags; /* flags: 0 */
  uint64_t sequence;    /* grows by at least one per event and shard; equal for the hooks of one event; 0 in emit() and
                           publish() */
  dgm_session origin;   /* the session that published it, 0 = none */
  int64_t time_ms;      /* Unix time in milliseconds; in emit() and publish() 0 means now */
  dgm_str id, channel, key, content_type, body;
  const dgm_field* attributes;
  size_t attribute_count;
} dgm_event;

/* One element of the array that select() judges. */
typedef struct dgm_subscription {
  dgm_session session;
  void* state; /* the session's state */
  uint64_t variant, cookie;
} dgm_subscription;

#define DGM_VARIANT_SKIP UINT64_MAX /* select(): not this subscription */

/* Why session_identity() is called. */
enum { DGM_IDENTITY_RENEWED = 1, DGM_IDENTITY_EXPIRED = 2, DGM_IDENTITY_REVOKED = 3 };

/* Of a dialect with map(): it only gets the events that the mount was fed, which reach sessions through emit() alone.
 * All others go to observe() and subscriptions as they come; the bus is asked for what sessions subscribe to. */
#define DGM_DIALECT_MAP_FEEDS 1

typedef struct dgm_dialect {
  uint32_t size, flags; /* flags: 0 or DGM_DIALECT_... */
  /* [shard] required. The transport is open. The plugin allocates *state. Below 0: the session is closed with 1011,
   * *state is not kept and session_close() is not called. Otherwise exactly one session_close() follows, the last call
   * with that state. */
  dgm_status (*session_open)(void* inst, dgm_session, const dgm_open*, void** state);
  /* [shard] required. One whole message, in order. Text is valid UTF-8. Below 0: closed with 1011. */
  dgm_status (*session_message)(void* inst, dgm_session, void* state, int32_t opcode, dgm_str);
  /* [shard] optional. The out queue fell below a quarter of its bound after DGM_PRESSURE. */
  void (*session_writable)(void* inst, dgm_session, void* state);
  /* [shard] optional. The identity bound by dgm.auth/1 was renewed (identity holds the new one), or expired or was
   * revoked (identity is the old one). Comes before the next event is delivered. Not called for the session's own
   * authenticate(). Without this hook the host closes an expired or revoked session with 1008. */
  void (*session_identity)(void* inst, dgm_session, void* state, const dgm_identity*, int32_t why);
  /* [shard] required. The end; every operation scoped to the session has completed. code 1006: lost without a close
   * frame. */
  void (*session_close)(void* inst, dgm_session, void* state, uint16_t code, dgm_str reason);
  /* [home] optional. Every event that the mount was fed (dgm.fanout/1 feed), in bus order. What shall reach sessions is
   * handed to emit(), here or later. With map() bus events reach sessions only through emit(), but see
   * DGM_DIALECT_MAP_FEEDS. */
  dgm_status (*map)(void* inst, const dgm_event*);
  /* [shard] optional. Called once per event with all subscriptions that match it: variants[i] answers for subs[i], and
   * holds subs[i].variant (never SKIP) on entry. May change its own session state; host calls other than log() and
   * metrics answer DGM_E_DOMAIN. */
  void (*select)(void* inst, const dgm_event*, const dgm_subscription* subs, size_t n, uint64_t* variants);
  /* [shard] optional. The message for one variant; called once per event, variant and shard. Without it the body is
   * sent as text. DGM_SKIP: nobody of this variant gets it. Below 0: the same, counted as an error. */
  dgm_status (*encode)(void* inst, const dgm_event*, uint64_t variant, dgm_writer*);
  /* [shard] optional. Every event that map() emitted, on every shard, also where nobody is subscribed, before select():
   * for what a client that comes new must know. */
  void (*observe)(void* inst, const dgm_event*);
  /* [shard] optional. A message of the client was left out, since it passed the mount's limit messages_per_second.
   * Without this hook the session is closed with 1008. */
  void (*session_limited)(void* inst, dgm_session, void* state);
  /* [shard] optional. A WebSocket handshake without fault, before it is accepted. DGM_OK: go on. 400 to 599: the HTTP
   * status of the refusal, and `text` takes its body; below 0: it is answered 500. DGM_UPGRADE_AUTHENTICATE: `text`
   * takes a credential of at most 64 KiB for the mount's authenticator. When it is refused the answer is 401, when
   * nothing is known within the listener's handshake timeout 503. Otherwise the hook is called once more, with the
   * identity, which is bound to the session before session_open(), as authenticate() of dgm.auth/1 does. */
  int32_t (*upgrade)(void* inst, const dgm_open*, dgm_writer* text);
  /* [shard] optional. The mount's bus was lost and its sessions are to be closed then (on_bus_loss: close): the dialect
   * closes this one in its own words. Called for every session that was there at the loss, a few at a time, perhaps
   * when the bus has come back already: events may have passed by. Without this hook the session is closed with 1013,
   * and so is each new one as long as the bus is lost; with it the dialect decides about new ones (dgm.fanout/1 bus).
   */
  void (*session_bus_lost)(void* inst, dgm_session, void* state);
} dgm_dialect;

#ifdef __cplusplus
}
#endif
#endif
