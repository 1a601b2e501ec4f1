// SPDX-License-Identifier: Apache-2.0
// The bus is connected while both of its connections are. Any thread.
#pragma once
#include <dragoman/sdk/bus.hpp>
#include <mutex>
#include <string>

namespace amqp {

class Presence {
 public:
  enum Part { consumer, publisher };
  explicit Presence(dragoman::sdk::BusHost host) : host_(host) {}
  void up(Part part) {
    const std::lock_guard lock(mutex_);
    up_[part] = true;
    if (up_[consumer] && up_[publisher]) host_.connected();
  }
  void down(Part part, const std::string& why) {
    const std::lock_guard lock(mutex_);
    up_[part] = false;
    // Without the consumer the publisher has no broker.
    if (part == consumer || up_[consumer]) host_.lost(why);
  }

 private:
  const dragoman::sdk::BusHost host_;
  std::mutex mutex_;
  bool up_[2] = {false, false};
};

}  // namespace amqp
