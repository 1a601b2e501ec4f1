// SPDX-License-Identifier: Apache-2.0
// Times, to the microsecond; the last that can be told is 4 s.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace dragoman::bench {

class Latencies {
 public:
  void add(std::chrono::steady_clock::duration latency) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(latency).count();
    ++counts_[std::min<std::size_t>(static_cast<std::size_t>(std::max<std::int64_t>(us, 0)), counts_.size() - 1)];
    ++total_;
  }

  std::size_t quantile(double share) const {
    std::uint64_t wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    for (std::size_t us = 0; us < counts_.size(); ++us) {
      if (counts_[us] > wanted) return us;
      wanted -= counts_[us];
    }
    return counts_.size() - 1;
  }

 private:
  std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(1 << 22);  // by microsecond; the last: all above
  std::uint64_t total_ = 0;
};

}  // namespace dragoman::bench
