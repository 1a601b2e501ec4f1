// SPDX-License-Identifier: Apache-2.0
// Closes the sessions that were there when a bus was lost, on one shard: a few at a time, since their clients come back
// at once. One thread: its loop's.
#pragma once
#include <dragoman/plugin.h>

#include <functional>
#include <vector>

#include "base/timer_wheel.hpp"
#include "net/loop.hpp"

namespace dragoman::gateway {

class BusLoss {
 public:
  // close: called with sessions that may have ended meanwhile. The loop outlives it.
  BusLoss(net::Loop& loop, std::function<void(dgm_session)> close)
      : loop_(loop), close_(std::move(close)), timer_([](void* self) { static_cast<BusLoss*>(self)->next(); }, this) {}

  // In place of those that are left of a loss before: all sessions there are. The first are closed at once.
  void begin(std::vector<dgm_session> sessions);

 private:
  void next();

  net::Loop& loop_;
  const std::function<void(dgm_session)> close_;
  std::vector<dgm_session> left_;
  std::size_t at_a_time_ = 0;
  base::Timer timer_;
};

}  // namespace dragoman::gateway
