// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "gateway/gateway_impl.hpp"

namespace dragoman::gateway {

Gateway::Impl::Delivered Gateway::Impl::deliver(const RunningBus& bus, const event::Batch& batch,
                                                const event::ReceiptPtr& receipt, bool wait) {
  const auto between_nodes = [this](const event::EventPtr& event) { return nodes->concerns(*event); };
  if (nodes && bus.address->number == nodes_bus && std::any_of(batch.begin(), batch.end(), between_nodes)) {
    event::Batch rest;
    for (const auto& event : batch) {
      if (nodes->concerns(*event))
        nodes->receive(event);
      else
        rest.push_back(event);
    }
    return rest.empty() ? Delivered::ok : deliver(bus, rest, receipt, wait);
  }
  return delivery.deliver(bus, batch, receipt, wait);
}

bus::Bus::Deliver Gateway::Impl::deliver_from(const RunningBus& bus) {
  return [this, &bus](const event::Batch& batch, const event::ReceiptPtr& receipt, bool wait) {
    return deliver(bus, batch, receipt, wait);
  };
}

void Gateway::Impl::bus_changed(std::uint32_t bus, bool connected) {
  for (const auto& shard : shards)
    shard->loop.post([s = shard.get(), bus, connected] {
      for (ShardMount* mount : s->mounts)
        if (mount->shared().bus && mount->shared().bus_number == bus) mount->bus_changed(connected);
    });
}

void Gateway::Impl::credential_changed(const service::Authenticator* authenticator,
                                       const service::CredentialChange& change) {
  const CredentialHash hash = hash_of(change.credential);
  for (const auto& shard : shards)
    shard->loop.post([s = shard.get(), authenticator, hash, identity = change.identity] {
      for (ShardMount* mount : s->mounts)
        if (mount->shared().authenticator == authenticator) mount->credential_changed(hash, identity);
    });
}

}  // namespace dragoman::gateway
