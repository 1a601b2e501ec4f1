// SPDX-License-Identifier: Apache-2.0
// What a mount keeps when a reload puts another in its place: the sessions of both count, and are found, as of one
// mount. Any thread.
#pragma once
#include <algorithm>
#include <mutex>
#include <string_view>
#include <vector>

#include "gateway/address_counts.hpp"
#include "service/registry.hpp"

namespace dragoman::gateway {

class MountGenerations {
 public:
  AddressCounts http_sessions;

  // The registry stays until remove().
  void add(const service::Registry& registry) {
    const std::lock_guard lock(mutex_);
    registries_.push_back(&registry);
  }
  void remove(const service::Registry& registry) {
    const std::lock_guard lock(mutex_);
    std::erase(registries_, &registry);
  }

  // Of the sessions of all generations but that of `own`, which may be null.
  // group: null: of every group.
  std::vector<service::RegisteredPtr> list(const std::string_view* group, const service::Registry* own) const {
    std::vector<service::RegisteredPtr> out;
    const std::lock_guard lock(mutex_);
    for (const service::Registry* registry : registries_) {
      if (registry == own) continue;
      const auto some = group ? registry->of_group(*group) : registry->all();
      out.insert(out.end(), some.begin(), some.end());
    }
    return out;
  }
  // Null if there is none.
  service::RegisteredPtr find(std::string_view id, const service::Registry* own) const {
    const std::lock_guard lock(mutex_);
    for (const service::Registry* registry : registries_)
      if (registry != own)
        if (auto found = registry->find(id)) return found;
    return nullptr;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<const service::Registry*> registries_;
};

}  // namespace dragoman::gateway
