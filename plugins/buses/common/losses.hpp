// SPDX-License-Identifier: Apache-2.0
// Tells of messages that are lost, at most once in a while. One thread.
#pragma once
#include <chrono>
#include <dragoman/sdk/bus.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace buses {

class Losses {
 public:
  explicit Losses(dragoman::sdk::BusHost host) : host_(host) {}
  void add(std::size_t messages, std::string_view why) {
    total_ += messages;
    const auto now = std::chrono::steady_clock::now();
    if (told_ && now - *told_ < std::chrono::seconds(10)) return;
    told_ = now;
    host_.log(dragoman::sdk::LogLevel::warn, std::string(why) + "; messages dropped so far: " + std::to_string(total_));
  }

 private:
  const dragoman::sdk::BusHost host_;
  std::size_t total_ = 0;
  std::optional<std::chrono::steady_clock::time_point> told_;
};

}  // namespace buses
