// SPDX-License-Identifier: Apache-2.0
// How many sessions an address has at a mount. Any thread: asked when a session begins and ends, never in between.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace dragoman::gateway {

// Without the port.
inline std::string address_of(std::string_view peer) {
  return std::string(peer.substr(0, peer.rfind(':')));
}

class AddressCounts {
 public:
  // peer: address with port. False at the limit; 0: no limit.
  bool add(std::string_view peer, std::uint32_t limit) {
    const std::lock_guard lock(mutex_);
    std::uint32_t& count = counts_[address_of(peer)];
    if (limit && count >= limit) return false;
    ++count;
    return true;
  }
  void remove(std::string_view peer) {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(address_of(peer));
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::uint32_t> counts_;
};

}  // namespace dragoman::gateway
