// SPDX-License-Identifier: Apache-2.0
#include "net/loop.hpp"

namespace dragoman::net {

void Loop::run() {
  adopt_thread();
  io_.run();
}

void Loop::arm(base::Timer& timer, std::int64_t delay_ms) {
  timers_.arm(timer, base::monotonic_ms() + delay_ms);
  if (!ticking_) {
    ticking_ = true;
    tick();
  }
}

void Loop::tick() {
  ticker_.expires_after(std::chrono::milliseconds(base::TimerWheel::tick_ms));
  ticker_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    timers_.advance(base::monotonic_ms());
    if (timers_.armed())
      tick();
    else
      ticking_ = false;
  });
}

}  // namespace dragoman::net
