// SPDX-License-Identifier: Apache-2.0
// The bus inside the gateway: what is published reaches this process only, in one order for all shards.
#pragma once
#include <mutex>

#include "bus/bus.hpp"

namespace dragoman::bus {

class EmbeddedBus final : public Bus {
 public:
  explicit EmbeddedBus(Deliver deliver) : deliver_(std::move(deliver)) {}
  void publish(event::Batch batch, std::function<void(PublishStatus)> done) override;
  bool connected() const override { return true; }
  void watch(const std::vector<Wish>&, const std::vector<Wish>&) override {}

 private:
  std::mutex order_;
  Deliver deliver_;
};

}  // namespace dragoman::bus
