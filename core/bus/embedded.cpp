// SPDX-License-Identifier: Apache-2.0
#include "bus/embedded.hpp"

namespace dragoman::bus {

void EmbeddedBus::publish(event::Batch batch, std::function<void(PublishStatus)> done) {
  const auto receipt = std::make_shared<event::Receipt>(std::move(done));
  const std::lock_guard lock(order_);
  if (!deliver_(batch, receipt)) receipt->fail(PublishStatus::overloaded);
}

}  // namespace dragoman::bus
