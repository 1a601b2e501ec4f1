// SPDX-License-Identifier: Apache-2.0
#include "bus/embedded.hpp"

namespace dragoman::bus {

void EmbeddedBus::publish(event::Batch batch, std::function<void(PublishStatus)> done) {
  bool taken;
  {
    const std::lock_guard lock(order_);
    taken = deliver_(batch);
  }
  done(taken ? PublishStatus::accepted : PublishStatus::overloaded);
}

}  // namespace dragoman::bus
