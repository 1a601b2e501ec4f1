// SPDX-License-Identifier: Apache-2.0
// Delays between attempts: each twice as long as the one before, less up to half of it at random, so that gateways that
// lost their broker together do not come back together. One thread.
#pragma once
#include <algorithm>
#include <chrono>
#include <random>

namespace buses {

class Backoff {
 public:
  using Milliseconds = std::chrono::milliseconds;
  Backoff(Milliseconds least, Milliseconds most) : least_(least), most_(most), delay_(least) {}
  Milliseconds next() {
    const Milliseconds whole = delay_;
    delay_ = std::min(most_, delay_ * 2);
    std::uniform_int_distribution<Milliseconds::rep> part(whole.count() / 2, whole.count());
    return Milliseconds(part(random_));
  }
  void reset() { delay_ = least_; }

 private:
  const Milliseconds least_, most_;
  Milliseconds delay_;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace buses
