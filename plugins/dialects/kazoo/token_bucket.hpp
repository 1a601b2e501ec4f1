// SPDX-License-Identifier: Apache-2.0
// How many messages a client may send (kazoo digest section 10): a stock that is refilled at each full second.
#pragma once
#include <algorithm>
#include <cstdint>

namespace kazoo {

class TokenBucket {
 public:
  // False: it is empty. now_ms: of a steady clock; most and fill do not change between two calls.
  bool take(std::int64_t now_ms, std::uint32_t most, std::uint32_t fill) {
    if (!started_) {
      started_ = true;
      tokens_ = most;
      filled_ms_ = now_ms;
    }
    const std::int64_t seconds = (now_ms - filled_ms_) / 1000;
    if (seconds > 0) {
      filled_ms_ += seconds * 1000;
      // A month of refills is more than any bucket holds.
      tokens_ = std::min<std::uint64_t>(
          most, tokens_ + std::uint64_t{fill} * static_cast<std::uint64_t>(std::min(seconds, std::int64_t{1} << 22)));
    }
    if (tokens_ == 0) return false;
    --tokens_;
    return true;
  }

 private:
  bool started_ = false;
  std::uint64_t tokens_ = 0;
  std::int64_t filled_ms_ = 0;
};

}  // namespace kazoo
