// SPDX-License-Identifier: Apache-2.0
// How many sessions an address has at a mount. Any thread: asked when a session begins and ends, never in between.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/peer.hpp"

namespace dragoman::gateway {

class AddressCounts {
 public:
  // peer: as of net::peer_name(). False at the limit; 0: no limit.
  bool add(std::string_view peer, std::uint32_t limit) {
    const std::lock_guard lock(mutex_);
    std::uint32_t& count = counts_[net::address_key(peer)];
    if (limit && count >= limit) return false;
    ++count;
    return true;
  }
  void remove(std::string_view peer) {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(net::address_key(peer));
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::uint32_t> counts_;
};

}  // namespace dragoman::gateway
