// SPDX-License-Identifier: Apache-2.0
// A number that one thread changes and any thread reads: no locked instruction on the hot path (facts: count per shard,
// collect at scrape).
#pragma once
#include <atomic>
#include <cstdint>

namespace dragoman::base {

class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace dragoman::base
