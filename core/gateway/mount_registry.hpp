// SPDX-License-Identifier: Apache-2.0
// What a mount's plugin tells of its sessions and asks about all of them, on one shard (dgm.registry/1).
#pragma once
#include <dragoman/ext/registry.h>

#include <string_view>
#include <vector>

#include "gateway/operations.hpp"
#include "plugin/instance.hpp"
#include "service/registry.hpp"

namespace dragoman::gateway {

class MountRegistry {
 public:
  // Everything outlives it.
  MountRegistry(service::Registry& registry, net::Loop& loop, Operations& operations, plugin::Instance& instance)
      : registry_(registry), loop_(loop), operations_(operations), instance_(instance) {}

  dgm_status put(dgm_session session, const dgm_registered& entry);
  dgm_status remove(dgm_session session) { return registry_.remove(session) ? DGM_OK : DGM_E_GONE; }
  // owner: its count of pending operations, or null for the instance's own.
  dgm_status list(std::uint32_t* owner, std::string_view group, bool all, dgm_registry_done done, void* user);
  dgm_status find(std::uint32_t* owner, std::string_view id, dgm_registry_done done, void* user);

 private:
  dgm_status answer(std::uint32_t* owner, std::vector<service::RegisteredPtr> entries, dgm_registry_done done,
                    void* user);

  service::Registry& registry_;
  net::Loop& loop_;
  Operations& operations_;
  plugin::Instance& instance_;
};

}  // namespace dragoman::gateway
