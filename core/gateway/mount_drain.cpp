// SPDX-License-Identifier: Apache-2.0
#include "gateway/mount_drain.hpp"

#include <algorithm>

namespace dragoman::gateway {
namespace {

constexpr std::int64_t interval_ms = 100;
// Between two looks at whether the begin has been moved forward.
constexpr std::int64_t longest_sleep_ms = 500;

}  // namespace

MountDrain::MountDrain(net::Loop& loop, std::shared_ptr<DrainRate> rate, std::function<std::vector<dgm_session>()> list,
                       std::function<void(dgm_session)> close)
    : loop_(loop),
      rate_(std::move(rate)),
      list_(std::move(list)),
      close_(std::move(close)),
      timer_([](void* self) { static_cast<MountDrain*>(self)->next(); }, this) {
  loop_.arm(timer_, 0);
}

void MountDrain::next() {
  const std::int64_t wait_ms = rate_->begins_ms() - base::monotonic_ms();
  if (wait_ms > 0) return loop_.arm(timer_, std::min(wait_ms, longest_sleep_ms));
  if (left_.empty()) left_ = list_();
  while (!left_.empty() && rate_->take()) {
    const dgm_session session = left_.back();
    left_.pop_back();
    close_(session);
  }
  loop_.arm(timer_, interval_ms);
}

}  // namespace dragoman::gateway
