/* SPDX-License-Identifier: Apache-2.0
 * dgm.registry/1: what a dialect tells of its sessions, to be listed and found from anywhere: from another shard, and
 * by the admin (`dragoman sessions`). */
#ifndef DRAGOMAN_EXT_REGISTRY_H
#define DRAGOMAN_EXT_REGISTRY_H

#include <dragoman/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DGM_EXT_REGISTRY "dgm.registry/1"

typedef struct dgm_registered {
  uint32_t size, flags;
  dgm_session session; /* 0 in put(): it is an argument there; on another node it means nothing */
  dgm_str id;    /* the dialect's name of the session, unique among the sessions of the mount; at most 256 bytes */
  dgm_str group; /* such as its account; at most 256 bytes, may be empty */
  dgm_str data;  /* JSON, at most 64 KiB: what the dialect shows of it. No secrets: the admin sees it */
} dgm_registered;

/* In the order in which they were first put. complete: 0 when another node has not answered in time, so that some may
 * be missing. status: DGM_OK, DGM_E_CANCELED (the owner or the instance ends). */
typedef void (*dgm_registry_done)(void* user, dgm_status status, const dgm_registered* entries, size_t n,
                                  int32_t complete);

enum {
  DGM_REGISTRY_ALL = 1,  /* list(): of every group */
  DGM_REGISTRY_LOCAL = 2 /* of this node; the others are not asked */
};
typedef struct dgm_host_registry {
  uint32_t size, flags;
  /* [shard] What is known of a session from now on, until it ends; a second call replaces the first. Copies.
   * DGM_E_INVALID: another session has that id. */
  dgm_status (*put)(dgm_host*, dgm_session, const dgm_registered*);
  /* [shard] The session is no longer listed. */
  dgm_status (*remove)(dgm_host*, dgm_session);
  /* [shard] The sessions of this mount, on all shards and nodes, of one group. flags: DGM_REGISTRY_... owner: a session
   * or request whose end cancels the call, or 0. `done` comes exactly once, on this shard, never inside this call,
   * unless the answer is below 0. */
  dgm_status (*list)(dgm_host*, uint64_t owner, dgm_str group, uint32_t flags, dgm_registry_done done, void* user);
  /* [shard] The session of that id: one entry, or none. flags: 0 or DGM_REGISTRY_LOCAL. */
  dgm_status (*find)(dgm_host*, uint64_t owner, dgm_str id, uint32_t flags, dgm_registry_done done, void* user);
} dgm_host_registry;

#ifdef __cplusplus
}
#endif
#endif
