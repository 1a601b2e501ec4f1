/* SPDX-License-Identifier: Apache-2.0
 * dgm.upstream/1: HTTP requests from a dialect to the servers behind the gateway, which the configuration names.
 *
 * The host owns connections, TLS, timeouts and bounds; a dialect names an upstream and a path below it. Redirects are
 * answers like others, and a body stays as the server encoded it. */
#ifndef DRAGOMAN_EXT_UPSTREAM_H
#define DRAGOMAN_EXT_UPSTREAM_H

#include <dragoman/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DGM_EXT_UPSTREAM "dgm.upstream/1"

typedef struct dgm_fetch {
  uint32_t size, flags; /* flags: 0 */
  dgm_str upstream;     /* its name in the configuration */
  dgm_str method;       /* a token such as GET; case counts */
  dgm_str path;         /* below the upstream's own, begins with a slash, percent-encoded, with the query if any */
  /* In order. Host, Content-Length, Expect and those that belong to one connection (Connection and what it names,
   * Keep-Alive, Proxy-*, TE, Trailer, Transfer-Encoding, Upgrade) are the host's and are left out. */
  const dgm_field* headers;
  size_t header_count;
  dgm_str body;
  uint32_t timeout_ms; /* from this call to the whole answer; 0: the upstream's */
  uint32_t reserved;   /* 0 */
} dgm_fetch;

typedef struct dgm_fetched {
  uint32_t size, flags; /* flags: 0 */
  uint32_t status;      /* from 200 to 599 */
  uint32_t reserved;
  /* In order; names as sent. Without Content-Length and those that belong to one connection, as above. */
  const dgm_field* headers;
  size_t header_count;
  dgm_str body; /* whole; at most the upstream's max_body */
} dgm_fetched;

/* DGM_OK: there is an answer, whatever its HTTP status; otherwise `fetched` is null and `why` is a sentence for the
 * log: DGM_E_UNAVAILABLE (no connection, or an answer that is broken or not whole; the request may have been carried
 * out), DGM_E_TIMEOUT, DGM_E_TOO_LARGE (the answer), DGM_E_CANCELED (cancel() was called, or the owner or the instance
 * ends). */
typedef void (*dgm_fetch_done)(void* user, dgm_status status, const dgm_fetched* fetched, dgm_str why);

typedef struct dgm_host_upstream {
  uint32_t size, flags;
  /* [any] DGM_OK: there is an upstream of that name; otherwise DGM_E_INVALID. */
  dgm_status (*known)(dgm_host*, dgm_str upstream);
  /* [shard] Sends a request; copies. owner: a session or request whose end cancels it, or 0. `done` comes exactly once,
   * on this shard, never inside this call, unless the answer is below 0: DGM_E_INVALID (no such upstream; a method,
   * header name or value that HTTP does not allow; more than 256
   * headers, a name longer than 4 KiB, a value or path longer than 64 KiB, a body larger than 64 MiB; a path that does
   * not begin with a slash, holds blanks, control characters, '#' or a broken percent-encoding, or leads upwards with
   * dot segments), DGM_E_DENIED (the configuration does not allow the method or the path), DGM_E_DROPPED (too many
   * requests wait), DGM_E_GONE (the owner). What the path and the headers hold may come from a client unchecked. */
  dgm_status (*fetch)(dgm_host*, uint64_t owner, const dgm_fetch*, dgm_fetch_done done, void* user, dgm_op* op);
  /* [shard] Leads to `done` with DGM_E_CANCELED unless it has been called. The connection in use is closed, so that the
   * server can notice. */
  dgm_status (*cancel)(dgm_host*, dgm_op);
} dgm_host_upstream;

#ifdef __cplusplus
}
#endif
#endif
