// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <mutex>
#include <utility>

namespace dragoman::base {

// A pointer that one thread replaces while others read it; any thread. In place of std::atomic<std::shared_ptr>, whose
// load() in libstdc++ 12 lets go of its lock without release order.
template <class T>
class SharedSlot {
 public:
  std::shared_ptr<T> load() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void store(std::shared_ptr<T> value) {
    // What was there ends with the argument, outside of the lock.
    const std::lock_guard lock(mutex_);
    value_.swap(value);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<T> value_;
};

}  // namespace dragoman::base
