// SPDX-License-Identifier: Apache-2.0
// Hands a broker's messages to the gateway until it has taken them. One thread, which may block.
#pragma once
#include <chrono>
#include <dragoman/sdk/bus.hpp>
#include <functional>
#include <span>

#include "common/losses.hpp"
#include "common/message.hpp"

namespace buses {

class Delivery {
 public:
  using Milliseconds = std::chrono::milliseconds;
  // least, most: delays between attempts at what a journal could not store. rest: waits so long, and returns false as
  // soon as the bus stops.
  Delivery(dragoman::sdk::BusHost host, Milliseconds least, Milliseconds most, std::function<bool(Milliseconds)> rest)
      : host_(host), losses_(host), least_(least), most_(most), rest_(std::move(rest)) {}

  // Blocks until the gateway has taken them, in their order, and its journals have stored them; what it can never take
  // is dropped and told. False: the bus stops, and they are not all taken.
  bool deliver(std::span<const Incoming> messages);

  Losses& losses() { return losses_; }

 private:
  enum class Outcome { taken, refused, stopping };
  Outcome attempt(std::span<const dgm_event> events);

  const dragoman::sdk::BusHost host_;
  Losses losses_;
  const Milliseconds least_, most_;
  const std::function<bool(Milliseconds)> rest_;
};

}  // namespace buses
