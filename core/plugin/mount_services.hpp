// SPDX-License-Identifier: Apache-2.0
// What the host tables need of the gateway for one mount on one shard. Implemented by gateway; the plugin room turns
// the C calls of a plugin into these after checking domain, sizes and ids. All functions run on the shard's thread
// unless they say otherwise.
#pragma once
#include <dragoman/ext/auth.h>
#include <dragoman/ext/fanout.h>
#include <dragoman/ext/session.h>
#include <dragoman/ext/timer.h>

#include <string_view>

namespace dragoman::plugin {

class MountServices {
 public:
  virtual ~MountServices() = default;
  // True on the thread of this instance's shard. Any thread.
  virtual bool on_shard() const = 0;
  virtual void log(dgm_session session, int level, std::string_view text) = 0;  // any thread

  virtual dgm_status send(dgm_session, int32_t opcode, std::string_view payload) = 0;
  virtual dgm_status close(dgm_session, std::uint16_t code, std::string_view reason) = 0;
  virtual dgm_status set_paused(dgm_session, bool paused) = 0;
  virtual dgm_status expect_message(dgm_session, std::uint32_t timeout_ms, std::uint16_t code,
                                    std::string_view reason) = 0;

  virtual dgm_status subscribe(dgm_session, const dgm_interest&, std::uint64_t* subscription) = 0;
  virtual dgm_status unsubscribe(std::uint64_t subscription) = 0;
  virtual dgm_status emit(const dgm_event&) = 0;
  virtual dgm_status publish(const dgm_event&) = 0;

  virtual dgm_status authenticate(dgm_session, std::string_view credential, std::uint32_t timeout_ms, dgm_auth_done,
                                  void* user, dgm_op*) = 0;
  virtual dgm_status cancel_auth(dgm_op) = 0;
  virtual dgm_status start_timer(dgm_session, std::uint32_t delay_ms, dgm_timer_done, void* user, dgm_op*) = 0;
  virtual dgm_status cancel_timer(dgm_op) = 0;
};

}  // namespace dragoman::plugin
