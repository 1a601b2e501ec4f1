// SPDX-License-Identifier: Apache-2.0
// A source and sink of events. One object per configured bus; any thread may publish.
#pragma once
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "event/event.hpp"
#include "event/receipt.hpp"

namespace dragoman::bus {

using event::PublishStatus;

// Events of a channel whose key fits.
struct Wish {
  std::string channel, key;
  bool literal = false;  // `key` is one key, not a pattern
  bool operator==(const Wish&) const = default;
  bool operator<(const Wish& other) const {
    return std::tie(channel, key, literal) < std::tie(other.channel, other.key, other.literal);
  }
};

class Bus {
 public:
  enum class Delivered { ok, full, stopping, too_large };
  // Hands a batch to every shard, in one order for all, or, unless ok, to none: full when a shard's mailbox is and wait
  // is not set. The receipt is held by whom it concerns until the events are kept. Any thread but a shard's when it
  // waits.
  using Deliver = std::function<Delivered(const event::Batch&, const event::ReceiptPtr&, bool wait)>;

  virtual ~Bus() = default;
  // Publishes all of the batch or nothing. `done` is called exactly once, perhaps inside the call, on any thread:
  // accepted means taken by the broker; without one, delivered to this gateway's shards and stored in the journals that
  // keep it.
  virtual void publish(event::Batch batch, std::function<void(PublishStatus)> done) = 0;
  virtual bool connected() const = 0;
  // What the gateway wants from now on, and no more. One call at a time.
  virtual void watch(const std::vector<Wish>& added, const std::vector<Wish>& removed) = 0;
};

}  // namespace dragoman::bus
