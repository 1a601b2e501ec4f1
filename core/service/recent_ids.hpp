// SPDX-License-Identifier: Apache-2.0
// The last so many ids, by hash.
#pragma once
#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace dragoman::service {

class RecentIds {
 public:
  explicit RecentIds(std::size_t most) : most_(most) {}
  // False if it is among them.
  bool insert(std::string_view stream, std::string_view id, std::uint32_t author = 0) {
    const std::hash<std::string_view> hash;
    const std::uint64_t key = (hash(stream) + author) * 0x9e3779b97f4a7c15u + hash(id);
    if (!known_.insert(key).second) return false;
    if (ring_.size() < most_) {
      ring_.push_back(key);
    } else {
      known_.erase(ring_[next_]);
      ring_[next_] = key;
      next_ = (next_ + 1) % most_;
    }
    return true;
  }

 private:
  const std::size_t most_;
  std::unordered_set<std::uint64_t> known_;
  std::vector<std::uint64_t> ring_;
  std::size_t next_ = 0;
};

}  // namespace dragoman::service
