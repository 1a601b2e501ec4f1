// SPDX-License-Identifier: Apache-2.0
// From a configuration to plugins and mounts: what starting the gateway and checking a file have in common.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "gateway/gateway.hpp"
#include "gateway/shard.hpp"
#include "plugin/bus_instance.hpp"
#include "plugin/journal_instance.hpp"

namespace dragoman::gateway {

// The plugins of the installation that the program is part of, unless the options or the configuration name directories.
std::vector<std::string> plugin_directories(const config::Configuration& configuration, const GatewayOptions& options);

struct BuiltJournal {
  config::JournalConfig config;
  std::unique_ptr<plugin::JournalInstance> store;
};

struct BuiltBus {
  config::BusConfig config;
  std::unique_ptr<plugin::BusInstance> instance;  // null: the embedded one
};

struct Built {
  std::vector<std::unique_ptr<ListenerShared>> listeners;
  std::vector<std::unique_ptr<MountShared>> mounts;
  std::vector<BuiltJournal> journals;
  std::vector<BuiltBus> buses;  // as configured, in their order
};

// Finds each plugin, validates its settings and orders the routes; buses and the stores of journals are created and
// configured. What is wrong is added to `errors`.
Built build(const config::Configuration& configuration, const GatewayOptions& options, bool check_only,
            std::vector<std::string>& errors);

// Creates and configures the instance of a mount on a shard; the sentence that says why not, or nothing.
std::string prepare_instance(ShardMount& mount, bool check_only);

}  // namespace dragoman::gateway
