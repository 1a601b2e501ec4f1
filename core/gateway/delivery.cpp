// SPDX-License-Identifier: Apache-2.0
#include "gateway/delivery.hpp"

#include <algorithm>
#include <span>

namespace dragoman::gateway {

void Delivery::use(RunningBus& bus, const std::shared_ptr<RunningTranslations>& translations) {
  const translation::Translator& translator = *translations->translator;
  if (translator.crosses()) crosses_ = true;
  bus.translations.store(translator.concerns(bus.address->number) ? translations : nullptr);
}

Delivery::Delivered Delivery::deliver(const RunningBus& bus, const event::Batch& batch,
                                      const event::ReceiptPtr& receipt, bool wait) {
  // What a reload replaces meanwhile is used to the end of the batch.
  if (const auto translations = bus.translations.load()) return translated(bus, *translations, batch, receipt, wait);
  const Parcel all{bus.address.get(), {}, hub::batch_bytes(batch), &batch};
  return hand_over({&all, 1}, receipt, wait);
}

Delivery::Delivered Delivery::translated(const RunningBus& bus, RunningTranslations& translations,
                                         const event::Batch& batch, const event::ReceiptPtr& receipt, bool wait) {
  const BusAddress* const own = bus.address.get();
  std::vector<Parcel> parcels{{own, {}, 0}};
  std::size_t bytes = 0;
  std::vector<translation::Translated> made;
  std::vector<std::pair<const BusAddress*, event::EventPtr>> group;
  for (const event::EventPtr& event : batch) {
    made.clear();
    group.assign(1, {own, event});
    translations.translator->translate(own->number, *event, made);
    std::size_t more = event->bytes();
    const auto take = [&](const BusAddress* to, const event::EventPtr& one) {
      more += one->bytes();
      group.emplace_back(to, one);
    };
    // For another bus only one of its kind makes events, but whoever is left of those before it there hears of them.
    const auto elsewhere = [&](const translation::Translated& one) { return one.bus != own->number && !bus.retired; };
    for (const auto& one : made) {
      if (one.bus == own->number)
        take(own, one.event);
      else if (elsewhere(one))
        take(translations.addresses.at(one.bus).front().get(), one.event);
    }
    for (const auto& one : made) {
      if (!elsewhere(one)) continue;
      const std::vector<std::shared_ptr<const BusAddress>>& addresses = translations.addresses.at(one.bus);
      for (const auto& to : std::span(addresses).subspan(1))
        if (!to->deserted && more + one.event->bytes() <= mailbox_bytes_) take(to.get(), one.event);
    }
    if (bytes + more > mailbox_bytes_) {
      // Who cannot wait publishes all or nothing.
      if (!wait) return Delivered::too_large;
      if (bytes) {
        const Delivered delivered = hand_over(parcels, receipt, wait);
        if (delivered != Delivered::ok) return delivered;
        parcels.assign(1, {own, {}, 0});
        bytes = 0;
      }
    }
    for (auto& [to, one] : group) {
      auto at =
          std::find_if(parcels.begin(), parcels.end(), [to = to](const Parcel& parcel) { return parcel.to == to; });
      if (at == parcels.end()) at = parcels.insert(at, {to, {}, 0});
      at->bytes += one->bytes();
      at->batch.push_back(std::move(one));
    }
    bytes += more;
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
  if (crosses_) order.lock();
  for (std::size_t i = 0; i < shards_.size(); ++i)
    for (const Parcel& parcel : parcels) {
      if (parcel.events().empty()) continue;
      const bool kept = parcel.to->keeps[i].load(std::memory_order_relaxed);
      shards_[i]->mailbox.put(
          {Shard::bus_address(parcel.to->number), parcel.events(), parcel.bytes, kept ? receipt : nullptr}, true);
    }
  return Delivered::ok;
}

}  // namespace dragoman::gateway
