/* SPDX-License-Identifier: Apache-2.0
 * dgm.session/1: what a dialect may do with a session. */
#ifndef DRAGOMAN_EXT_SESSION_H
#define DRAGOMAN_EXT_SESSION_H

#include <dragoman/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DGM_EXT_SESSION "dgm.session/1"

enum { DGM_PART_FIRST = 1, DGM_PART_LAST = 2 };

typedef struct dgm_host_session {
  uint32_t size, flags;
  /* [shard] Queues one message for this session. Replies are never dropped: at the hard bound of the out queue the
   * session is closed and DGM_E_DROPPED answered. DGM_E_TOO_LARGE: the message alone passes that bound, as it would be
   * on the wire; nothing was queued, and the session goes on. */
  dgm_status (*send)(dgm_host*, dgm_session, int32_t opcode, dgm_str payload);
  /* [shard] Queues a part of one message, so that a long answer never stands in memory as a whole. flags:
   * DGM_PART_FIRST and DGM_PART_LAST, both for a message of one part; opcode counts for the first. A part is at most 64
   * KiB; text is cut between characters. Until the last part whatever else is sent to the session waits. After
   * DGM_PRESSURE wait for session_writable() before the next part. DGM_E_INVALID: the parts are out of order. */
  dgm_status (*send_part)(dgm_host*, dgm_session, int32_t opcode, dgm_str part, uint32_t flags);
  /* [shard] Closes after what is queued. No further message reaches the plugin. code: 1000-1003, 1007-1014 or
   * 3000-4999; reason: UTF-8, at most 123 bytes, cut at a character if longer. */
  dgm_status (*close)(dgm_host*, dgm_session, uint16_t code, dgm_str reason);
  /* [shard] Stops and resumes reading from the client, so that slow commands keep their order; what it sends meanwhile
   * waits in its socket. Not counted: one resume undoes any number of pauses. */
  dgm_status (*pause)(dgm_host*, dgm_session);
  dgm_status (*resume)(dgm_host*, dgm_session);
  /* [shard] The next message must arrive within timeout_ms, otherwise the session is closed with code and reason.
   * 0 disarms. */
  dgm_status (*expect_message)(dgm_host*, dgm_session, uint32_t timeout_ms, uint16_t code, dgm_str reason);
  /* [shard] Counts one more message against the mount's limit messages_per_second, for a message that holds several.
   * DGM_E_DROPPED: it passes the limit and is not counted. session_limited() is not called. */
  dgm_status (*count_message)(dgm_host*, dgm_session);
} dgm_host_session;

#ifdef __cplusplus
}
#endif
#endif
