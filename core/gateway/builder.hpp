// SPDX-License-Identifier: Apache-2.0
// From a configuration to plugins and mounts: what starting the gateway and checking a file have in common.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "gateway/gateway.hpp"
#include "gateway/shard.hpp"

namespace dragoman::gateway {

// "<directory of the program>/../lib/dragoman/plugins", unless the options or the configuration name directories.
std::vector<std::string> plugin_directories(const config::Configuration& configuration, const GatewayOptions& options);

struct Built {
  std::vector<std::unique_ptr<ListenerShared>> listeners;
  std::vector<std::unique_ptr<MountShared>> mounts;
};

// Finds each mount's plugin, validates its settings and orders the routes. What is wrong is added to `errors`.
Built build(const config::Configuration& configuration, const GatewayOptions& options,
            std::vector<std::string>& errors);

// Creates and configures the instance of a mount on a shard; the sentence that says why not, or nothing.
std::string prepare_instance(ShardMount& mount, bool check_only);

}  // namespace dragoman::gateway
