/* SPDX-License-Identifier: Apache-2.0
 * dgm.auth/1: credentials to identities, through the mount's authenticator. */
#ifndef DRAGOMAN_EXT_AUTH_H
#define DRAGOMAN_EXT_AUTH_H

#include <dragoman/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DGM_EXT_AUTH "dgm.auth/1"

/* Who a session is. Empty strings where the authenticator does not say. Borrowed as every argument. */
typedef struct dgm_identity {
  uint32_t size, flags; /* flags: 0 */
  dgm_str id, user, tenant, account, session;
  const dgm_str* grants; /* what the identity may do; the grammar is the dialect's */
  size_t grant_count;
  dgm_str claims;     /* JSON object, "{}" if there are none */
  int64_t expires_ms; /* Unix time in milliseconds, 0 = never */
} dgm_identity;

/* identity is null unless status is DGM_OK. DGM_E_DENIED: refused. DGM_E_DROPPED: the credential is good, but its user
 * has as many sessions as the mount's limits allow. DGM_E_UNAVAILABLE, DGM_E_TIMEOUT: not decided. DGM_E_CANCELED: the
 * session ended or cancel() was called. why: unless it is DGM_OK a sentence without secrets, fit for the client, such
 * as "Token has expired". */
typedef void (*dgm_auth_done)(void* user, dgm_status status, const dgm_identity* identity, dgm_str why);

typedef struct dgm_host_auth {
  uint32_t size, flags;
  /* [shard] Looks the credential up. `done` comes exactly once, on this shard, never inside this call, before
   * session_close(). When it succeeds the identity is bound to the session (the one before stays bound otherwise): the
   * host then watches its expiry and revocation and calls session_identity(). A mount without an authenticator answers
   * DGM_E_UNSUPPORTED here; `done` is not called when the answer is below 0. owner: a session, or an HTTP request
   * (dgm.http/1), to which nothing is bound. */
  dgm_status (*authenticate)(dgm_host*, uint64_t owner, dgm_str credential, uint32_t timeout_ms, dgm_auth_done done,
                             void* user, dgm_op* op);
  /* [shard] Leads to `done` with DGM_E_CANCELED unless it has been called. */
  dgm_status (*cancel)(dgm_host*, dgm_op);
} dgm_host_auth;

#ifdef __cplusplus
}
#endif
#endif
