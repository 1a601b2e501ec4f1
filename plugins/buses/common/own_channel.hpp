// SPDX-License-Identifier: Apache-2.0
// Wishes for events of the one channel that a bus has; that others are wanted is told once. Any thread.
#pragma once
#include <atomic>
#include <dragoman/sdk/bus.hpp>
#include <span>
#include <string_view>

namespace buses {

class OwnChannel {
 public:
  // each(wish, wanted) for those of `channel`.
  template <class Each>
  void sort(dragoman::sdk::BusHost host, std::string_view channel, std::span<const dgm_wish> added,
            std::span<const dgm_wish> removed, Each&& each) {
    bool other = false;
    const auto all = [&](std::span<const dgm_wish> wishes, bool wanted) {
      for (const dgm_wish& wish : wishes) {
        if (dragoman::sdk::view(wish.channel) == channel)
          each(wish, wanted);
        else
          other = true;
      }
    };
    all(added, true);
    all(removed, false);
    if (other && !told_.exchange(true))
      host.log(dragoman::sdk::LogLevel::warn,
               "events of a channel other than settings.channel are wanted; this bus has none of them");
  }

 private:
  std::atomic<bool> told_{false};
};

}  // namespace buses
