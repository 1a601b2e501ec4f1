// SPDX-License-Identifier: Apache-2.0
#include "bus/embedded.hpp"

namespace dragoman::bus {

void EmbeddedBus::publish(event::Batch batch, std::function<void(PublishStatus)> done) {
  const auto receipt = std::make_shared<event::Receipt>(std::move(done));
  const std::lock_guard lock(order_);
  try {
    switch (deliver_(batch, receipt, false)) {
      case Delivered::ok:
        return;
      case Delivered::stopping:
        return receipt->fail(PublishStatus::unavailable);
      case Delivered::full:
      case Delivered::too_large:
        return receipt->fail(PublishStatus::overloaded);
    }
  } catch (...) {
    // No memory: a part may be on its way.
    receipt->fail(PublishStatus::unavailable);
  }
}

}  // namespace dragoman::bus
