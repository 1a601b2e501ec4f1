// SPDX-License-Identifier: Apache-2.0
// What was last heard of devices, for as many as are allowed to be remembered. One thread.
#pragma once
#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace valtronics {

struct DeviceState {
  std::string status;     // empty: unknown
  std::string last_seen;  // empty: never
};

class DeviceStates {
 public:
  explicit DeviceStates(std::size_t most) : most_(most) {}

  // Null: unknown or forgotten.
  const DeviceState* find(const std::string& device) const {
    const auto found = by_device_.find(device);
    return found == by_device_.end() ? nullptr : &found->second->second;
  }
  // The state, made if there is none; what was heard of least recently is forgotten for it.
  DeviceState& touch(const std::string& device) {
    if (const auto found = by_device_.find(device); found != by_device_.end()) {
      recent_.splice(recent_.begin(), recent_, found->second);
      return found->second->second;
    }
    if (by_device_.size() >= most_) {
      by_device_.erase(recent_.back().first);
      recent_.pop_back();
    }
    recent_.emplace_front(device, DeviceState());
    by_device_.emplace(device, recent_.begin());
    return recent_.front().second;
  }

 private:
  using Entries = std::list<std::pair<std::string, DeviceState>>;
  std::size_t most_;  // at least 1
  Entries recent_;    // the most recent first
  std::unordered_map<std::string, Entries::iterator> by_device_;
};

}  // namespace valtronics
