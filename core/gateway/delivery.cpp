// SPDX-License-Identifier: Apache-2.0
#include "gateway/delivery.hpp"

#include <algorithm>

namespace dragoman::gateway {

void Delivery::set_up(std::size_t buses, std::size_t mailbox_bytes, translation::Translator* translator) {
  mailbox_bytes_ = mailbox_bytes;
  translator_ = translator;
  keeps_.assign(buses, std::vector<bool>(shards_.size()));
}

Delivery::Delivered Delivery::deliver(std::uint32_t bus, const event::Batch& batch, const event::ReceiptPtr& receipt,
                                      bool wait) {
  if (translator_ && translator_->concerns(bus)) return translated(bus, batch, receipt, wait);
  const Parcel all{bus, batch, hub::batch_bytes(batch)};
  return hand_over({&all, 1}, receipt, wait);
}

Delivery::Delivered Delivery::translated(std::uint32_t bus, const event::Batch& batch, const event::ReceiptPtr& receipt,
                                         bool wait) {
  std::vector<Parcel> parcels{{bus, {}, 0}};
  std::size_t bytes = 0;
  const auto add = [&](std::uint32_t to, event::EventPtr event) {
    auto at = std::find_if(parcels.begin(), parcels.end(), [&](const Parcel& parcel) { return parcel.bus == to; });
    if (at == parcels.end()) at = parcels.insert(at, {to, {}, 0});
    at->bytes += event->bytes();
    bytes += event->bytes();
    at->batch.push_back(std::move(event));
  };
  std::vector<translation::Translated> made;
  for (const event::EventPtr& event : batch) {
    made.clear();
    translator_->translate(bus, *event, made);
    std::size_t more = event->bytes();
    for (const auto& one : made) more += one.event->bytes();
    if (bytes + more > mailbox_bytes_) {
      // Who cannot wait publishes all or nothing.
      if (!wait) return Delivered::too_large;
      if (bytes) {
        const Delivered delivered = hand_over(parcels, receipt, wait);
        if (delivered != Delivered::ok) return delivered;
        parcels.assign(1, {bus, {}, 0});
        bytes = 0;
      }
    }
    add(bus, event);
    for (auto& one : made) add(one.bus, std::move(one.event));
  }
  return hand_over(parcels, receipt, wait);
}

Delivery::Delivered Delivery::hand_over(std::span<const Parcel> parcels, const event::ReceiptPtr& receipt, bool wait) {
  std::size_t bytes = 0;
  for (const Parcel& parcel : parcels) bytes += parcel.bytes;
  if (bytes > mailbox_bytes_) return Delivered::too_large;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    if (stopping_) {
      while (i--) shards_[i]->mailbox.unreserve(bytes);
      return Delivered::stopping;
    }
    hub::Mailbox& mailbox = shards_[i]->mailbox;
    const std::uint32_t seen = mailbox.released();
    if (mailbox.reserve(bytes)) continue;
    while (i) shards_[--i]->mailbox.unreserve(bytes);
    if (!wait) return Delivered::full;
    if (!stopping_) mailbox.wait_released(seen);
    i = static_cast<std::size_t>(-1);  // from the first again
  }
  std::unique_lock order(crossing_, std::defer_lock);
  if (translator_ && translator_->crosses()) order.lock();
  for (std::size_t i = 0; i < shards_.size(); ++i)
    for (const Parcel& parcel : parcels)
      if (!parcel.batch.empty())
        shards_[i]->mailbox.put(
            {Shard::bus_address(parcel.bus), parcel.batch, parcel.bytes, keeps_[parcel.bus][i] ? receipt : nullptr},
            true);
  return Delivered::ok;
}

}  // namespace dragoman::gateway
