// SPDX-License-Identifier: Apache-2.0
// Which bus events a mount with map() asked for (ext/fanout.h, feed).
#pragma once
#include <string_view>

#include "base/by_name.hpp"
#include "hub/key_tree.hpp"

namespace dragoman::gateway {

class Feeds {
 public:
  void add(const std::string& channel, std::string_view pattern) { channels_[channel].insert(pattern) = true; }
  bool wants(std::string_view channel, std::string_view key) {
    const auto found = channels_.find(channel);
    bool wanted = false;
    if (found != channels_.end()) found->second.match(key, [&](bool&) { wanted = true; });
    return wanted;
  }

 private:
  base::ByName<hub::KeyTree<bool>> channels_;
};

}  // namespace dragoman::gateway
