// SPDX-License-Identifier: Apache-2.0
// How long something took, counted by one thread in fixed ranges and read by any.
#pragma once
#include <algorithm>
#include <array>
#include <chrono>

#include "base/counter.hpp"

namespace dragoman::base {

class Histogram {
 public:
  // Upper bounds in seconds, inclusive; what took longer is counted behind the last.
  static constexpr std::array<double, 12> bounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                 0.01,   0.025,   0.05,   0.1,   0.5,    2.5};

  void observe(std::chrono::nanoseconds took) {
    const double seconds = std::chrono::duration<double>(took).count();
    const auto at = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
    counts_[static_cast<std::size_t>(at)].add();
    nanoseconds_.add(static_cast<std::uint64_t>(std::max<std::int64_t>(0, took.count())));
  }
  // Of the range that ends with bounds[i], or of the last, which has no end.
  std::uint64_t count(std::size_t i) const { return counts_[i].value(); }
  double seconds() const { return static_cast<double>(nanoseconds_.value()) / 1e9; }

 private:
  std::array<Counter, bounds.size() + 1> counts_;
  Counter nanoseconds_;
};

}  // namespace dragoman::base
