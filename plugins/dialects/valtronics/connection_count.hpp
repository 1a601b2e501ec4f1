// SPDX-License-Identifier: Apache-2.0
// How many clients a mount has, on all its shards. Any thread.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace valtronics {

class ConnectionCount {
 public:
  // The instances of a mount that are alive at the same time share one count.
  static std::shared_ptr<ConnectionCount> of_mount(const std::string& mount) {
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<ConnectionCount>> known;
    const std::lock_guard lock(mutex);
    auto& entry = known[mount];
    auto count = entry.lock();
    if (!count) entry = count = std::make_shared<ConnectionCount>();
    return count;
  }
  void add() { count_.fetch_add(1, std::memory_order_relaxed); }
  void remove() { count_.fetch_sub(1, std::memory_order_relaxed); }
  std::uint64_t value() const { return count_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace valtronics
