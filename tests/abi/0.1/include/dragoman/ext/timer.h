/* SPDX-License-Identifier: Apache-2.0
 * dgm.timer/1: one-shot timers, precise to about 50 ms. */
#ifndef DRAGOMAN_EXT_TIMER_H
#define DRAGOMAN_EXT_TIMER_H

#include <dragoman/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DGM_EXT_TIMER "dgm.timer/1"

/* status: DGM_OK when the time has come, DGM_E_CANCELED when the session ended, the instance stops or cancel() was
 * called. */
typedef void (*dgm_timer_done)(void* user, dgm_status status);

typedef struct dgm_host_timer {
  uint32_t size, flags;
  /* [shard] session 0: the instance's own timer. `done` comes exactly once, never inside this call. */
  dgm_status (*start)(dgm_host*, dgm_session, uint32_t delay_ms, dgm_timer_done done, void* user, dgm_op* op);
  /* [shard] */
  dgm_status (*cancel)(dgm_host*, dgm_op);
} dgm_host_timer;

#ifdef __cplusplus
}
#endif
#endif
