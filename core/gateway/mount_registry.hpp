// SPDX-License-Identifier: Apache-2.0
// What a mount's plugin tells of its sessions and asks about all of them, on one shard (dgm.registry/1).
#pragma once
#include <dragoman/ext/registry.h>

#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/mount_generations.hpp"
#include "gateway/operations.hpp"
#include "plugin/instance.hpp"
#include "service/nodes.hpp"
#include "service/registry.hpp"

namespace dragoman::gateway {

class MountRegistry {
 public:
  // nodes: null if this gateway is alone. Everything outlives it.
  MountRegistry(service::Registry& registry, const MountGenerations& common, service::Nodes* nodes, std::string mount,
                net::Loop& loop, Operations& operations, plugin::Instance& instance)
      : registry_(registry),
        common_(common),
        nodes_(nodes),
        mount_(std::move(mount)),
        loop_(loop),
        operations_(operations),
        instance_(instance) {}

  // Lets other nodes list and find what is registered here. Before nodes.start().
  // mount: on any thread; null if there is none of that name.
  using FindMount = std::function<std::shared_ptr<const MountGenerations>(std::string_view name)>;
  static void answer_nodes(service::Nodes& nodes, FindMount mount);

  dgm_status put(dgm_session session, const dgm_registered& entry);
  dgm_status remove(dgm_session session) { return registry_.remove(session) ? DGM_OK : DGM_E_GONE; }
  // owner: its count of pending operations, or null for the instance's own.
  // flags: DGM_REGISTRY_...
  dgm_status list(std::uint32_t* owner, std::string_view group, std::uint32_t flags, dgm_registry_done done,
                  void* user);
  dgm_status find(std::uint32_t* owner, std::string_view id, std::uint32_t flags, dgm_registry_done done, void* user);

 private:
  // entries: of this node; question: for the others; empty: they need not be asked.
  dgm_status answer(std::uint32_t* owner, std::vector<service::RegisteredPtr> entries, boost::json::object question,
                    dgm_registry_done done, void* user);
  void finish(dgm_op op, const std::vector<service::RegisteredPtr>& entries, bool complete, dgm_registry_done done,
              void* user);

  service::Registry& registry_;
  const MountGenerations& common_;
  service::Nodes* nodes_;
  const std::string mount_;
  net::Loop& loop_;
  Operations& operations_;
  plugin::Instance& instance_;
};

}  // namespace dragoman::gateway
