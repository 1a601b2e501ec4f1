// SPDX-License-Identifier: Apache-2.0
// The way of events from a bus, through the translations, to the mailboxes of all shards.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "bus/bus.hpp"
#include "gateway/shard.hpp"
#include "translation/translator.hpp"

namespace dragoman::gateway {

class Delivery {
 public:
  using Delivered = bus::Bus::Delivered;

  // All of them outlive it.
  Delivery(const std::vector<std::unique_ptr<Shard>>& shards, const std::atomic<bool>& stopping)
      : shards_(shards), stopping_(stopping) {}

  // Before the first event: how many buses there are, the bound of a mailbox, and the translations or null.
  void set_up(std::size_t buses, std::size_t mailbox_bytes, translation::Translator* translator);
  // A mount that keeps events of this bus is at home there.
  void keep(std::uint32_t bus, unsigned shard) { keeps_[bus][shard] = true; }

  // Bus::Deliver of this bus: one call at a time for each bus.
  Delivered deliver(std::uint32_t bus, const event::Batch& batch, const event::ReceiptPtr& receipt, bool wait);

 private:
  struct Parcel {
    std::uint32_t bus;
    event::Batch batch;
    std::size_t bytes;
  };
  Delivered translated(std::uint32_t bus, const event::Batch& batch, const event::ReceiptPtr& receipt, bool wait);
  Delivered hand_over(std::span<const Parcel> parcels, const event::ReceiptPtr& receipt, bool wait);

  const std::vector<std::unique_ptr<Shard>>& shards_;
  const std::atomic<bool>& stopping_;
  std::size_t mailbox_bytes_ = 0;
  translation::Translator* translator_ = nullptr;
  std::vector<std::vector<bool>> keeps_;
  std::mutex crossing_;  // one order for all shards although threads of several buses deliver for one
};

}  // namespace dragoman::gateway
