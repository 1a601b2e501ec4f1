// SPDX-License-Identifier: Apache-2.0
// The way of events from a bus, through the translations, to the mailboxes of all shards.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "bus/bus.hpp"
#include "gateway/running.hpp"

namespace dragoman::gateway {

class Delivery {
 public:
  using Delivered = bus::Bus::Delivered;

  // Both outlive it.
  Delivery(const std::vector<std::unique_ptr<Shard>>& shards, const std::atomic<bool>& stopping)
      : shards_(shards), stopping_(stopping) {}

  // Before the first event: the bound of a mailbox.
  void set_up(std::size_t mailbox_bytes) { mailbox_bytes_ = mailbox_bytes; }
  // The next batch of this bus has these. Any thread.
  void use(RunningBus& bus, const std::shared_ptr<RunningTranslations>& translations);

  // Bus::Deliver of this bus: one call at a time for each bus.
  Delivered deliver(const RunningBus& bus, const event::Batch& batch, const event::ReceiptPtr& receipt, bool wait);

 private:
  struct Parcel {
    const BusAddress* to;
    event::Batch batch;
    std::size_t bytes;
    const event::Batch* whole = nullptr;  // instead of `batch`

    const event::Batch& events() const { return whole ? *whole : batch; }
  };
  Delivered translated(const RunningBus& bus, RunningTranslations& translations, const event::Batch& batch,
                       const event::ReceiptPtr& receipt, bool wait);
  Delivered hand_over(std::span<const Parcel> parcels, const event::ReceiptPtr& receipt, bool wait);

  const std::vector<std::unique_ptr<Shard>>& shards_;
  const std::atomic<bool>& stopping_;
  std::size_t mailbox_bytes_ = 0;
  // Translations make, or have made, events of one bus for another.
  std::atomic<bool> crosses_{false};
  std::mutex crossing_;  // one order for all shards although threads of several buses deliver for one
};

}  // namespace dragoman::gateway
