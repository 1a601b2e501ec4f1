// SPDX-License-Identifier: Apache-2.0
#include "bus/wishes.hpp"

namespace dragoman::bus {

bool Wishes::change(const Wish& wish, long by) {
  const std::lock_guard lock(mutex_);
  Count& count = counts_[wish];
  count.now += by;
  changed_.push_back(wish);
  const bool first = !flush_due_;
  flush_due_ = true;
  return first;
}

void Wishes::flush() {
  const std::lock_guard order(telling_);
  std::vector<Wish> added, removed;
  {
    const std::lock_guard lock(mutex_);
    flush_due_ = false;
    for (const Wish& wish : changed_) {
      const auto found = counts_.find(wish);
      if (found == counts_.end()) continue;
      Count& count = found->second;
      if (count.now > 0 && !count.told) {
        count.told = true;
        added.push_back(wish);
      } else if (count.now <= 0) {
        if (count.told) removed.push_back(wish);
        counts_.erase(found);
      }
    }
    changed_.clear();
  }
  if (!added.empty() || !removed.empty()) bus_.watch(added, removed);
}

std::size_t Wishes::size() const {
  const std::lock_guard lock(mutex_);
  return counts_.size();
}

}  // namespace dragoman::bus
