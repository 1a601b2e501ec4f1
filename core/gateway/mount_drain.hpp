// SPDX-License-Identifier: Apache-2.0
// Closes sessions of a mount that has been changed, or of a listener that is gone, at a rate: their clients come back
// at once.
#pragma once
#include <dragoman/plugin.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "base/timer_wheel.hpp"
#include "net/loop.hpp"

namespace dragoman::gateway {

// The rate, of all shards together. Any thread.
class DrainRate {
 public:
  // begins_ms: monotonic.
  DrainRate(std::int64_t begins_ms, std::uint32_t per_second) : begins_ms_(begins_ms), per_second_(per_second) {}
  // Until then nothing is closed. Only ever sooner.
  std::int64_t begins_ms() const { return begins_ms_.load(std::memory_order_relaxed); }
  void begin_at(std::int64_t ms) {
    if (ms < begins_ms()) begins_ms_.store(ms, std::memory_order_relaxed);
  }
  // Whether one more may be closed now.
  bool take() {
    const std::int64_t open_ms = base::monotonic_ms() - begins_ms();
    if (open_ms < 0) return false;
    const std::uint64_t allowed = 1 + static_cast<std::uint64_t>(open_ms) * per_second_ / 1000;
    std::uint64_t taken = taken_.load(std::memory_order_relaxed);
    do {
      if (taken >= allowed) return false;
    } while (!taken_.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed));
    return true;
  }

 private:
  std::atomic<std::int64_t> begins_ms_;
  const std::uint32_t per_second_;
  std::atomic<std::uint64_t> taken_{0};
};

// On one shard; one thread: its loop's.
class MountDrain {
 public:
  // list: the sessions that are to be closed and are not closing yet. close: may have ended meanwhile. The loop
  // outlives it.
  MountDrain(net::Loop& loop, std::shared_ptr<DrainRate> rate, std::function<std::vector<dgm_session>()> list,
             std::function<void(dgm_session)> close);

 private:
  void next();

  net::Loop& loop_;
  const std::shared_ptr<DrainRate> rate_;
  const std::function<std::vector<dgm_session>()> list_;
  const std::function<void(dgm_session)> close_;
  std::vector<dgm_session> left_;
  base::Timer timer_;
};

}  // namespace dragoman::gateway
