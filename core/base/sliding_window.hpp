// SPDX-License-Identifier: Apache-2.0
// At most so many things within any stretch of time, exactly. It remembers when each was, so its memory grows with what
// happens, up to 4 bytes times the limit. One thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace dragoman::base {

class SlidingWindow {
 public:
  // now_ms: of a clock that never goes back. False: it would be more than `limit` within window_ms; not counted then.
  bool take(std::int64_t now_ms, std::size_t limit, std::uint32_t window_ms) {
    const auto now = static_cast<std::uint32_t>(now_ms);
    // Differences are right in spite of the cut to 32 bits as long as old times are forgotten in time.
    if (!times_.empty() && now_ms - last_ms_ > window_ms) clear();
    last_ms_ = now_ms;
    if (!times_.empty() && now - times_[oldest_] >= window_ms) {
      times_[oldest_] = now;
      oldest_ = (oldest_ + 1) % times_.size();
      return true;
    }
    if (times_.size() >= limit) return false;
    times_.insert(times_.begin() + static_cast<std::ptrdiff_t>(oldest_), now);
    oldest_ = (oldest_ + 1) % times_.size();
    return true;
  }
  // After take() said no: how long until the oldest falls out of the window.
  std::uint32_t wait_ms(std::uint32_t window_ms) const {
    if (times_.empty()) return 0;
    const std::uint32_t age = static_cast<std::uint32_t>(last_ms_) - times_[oldest_];
    return age < window_ms ? window_ms - age : 0;
  }
  std::size_t size() const { return times_.size(); }

 private:
  void clear() {
    times_.clear();
    oldest_ = 0;
  }

  std::vector<std::uint32_t> times_;  // a ring
  std::size_t oldest_ = 0;
  std::int64_t last_ms_ = 0;  // of the latest take()
};

}  // namespace dragoman::base
