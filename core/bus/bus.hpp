// SPDX-License-Identifier: Apache-2.0
// A source and sink of events. One object per configured bus; any thread may publish.
#pragma once
#include <functional>
#include <string>

#include "event/event.hpp"
#include "event/receipt.hpp"

namespace dragoman::bus {

using event::PublishStatus;

class Bus {
 public:
  // Hands a batch to every shard, in one order for all; false (and nothing delivered) when a shard's mailbox is full.
  // The receipt is held by whom it concerns until the events are kept. Any thread.
  using Deliver = std::function<bool(const event::Batch&, const event::ReceiptPtr&)>;

  virtual ~Bus() = default;
  // Publishes all of the batch or nothing. `done` is called exactly once, perhaps inside the call, on any thread:
  // accepted means delivered to this gateway's shards and stored in the journals that keep it.
  virtual void publish(event::Batch batch, std::function<void(PublishStatus)> done) = 0;
  virtual bool connected() const = 0;
};

}  // namespace dragoman::bus
