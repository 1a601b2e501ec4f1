// SPDX-License-Identifier: Apache-2.0
#include "gateway/bus_loss.hpp"

#include <algorithm>

namespace dragoman::gateway {
namespace {

constexpr std::int64_t interval_ms = 100;
constexpr std::size_t rounds = 50, fewest_at_a_time = 64;

}  // namespace

void BusLoss::begin(std::vector<dgm_session> sessions) {
  left_ = std::move(sessions);
  at_a_time_ = std::max((left_.size() + rounds - 1) / rounds, fewest_at_a_time);
  next();
}

void BusLoss::next() {
  for (std::size_t n = 0; n < at_a_time_ && !left_.empty(); ++n) {
    const dgm_session session = left_.back();
    left_.pop_back();
    close_(session);
  }
  if (!left_.empty()) loop_.arm(timer_, interval_ms);
}

}  // namespace dragoman::gateway
