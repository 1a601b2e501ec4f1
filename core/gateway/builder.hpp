// SPDX-License-Identifier: Apache-2.0
// From parts of a configuration to plugins, buses, journals and mounts: what starting the gateway, reloading and
// checking a file have in common. What is wrong is added to `errors`.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/gateway.hpp"
#include "gateway/running.hpp"
#include "plugin/journal_instance.hpp"

namespace dragoman::gateway {

// The plugins of the installation that the program is part of, unless the options or the configuration name
// directories.
std::vector<std::string> plugin_directories(const config::Configuration& configuration, const GatewayOptions& options);

enum class Role { bus, journal, dialect };

// The plugin that has this name and role, or null and an error at `path`, which is where it is named. The same file is
// the same plugin each time.
PluginPtr find_plugin(const std::string& name, const std::string& path, Role role,
                      const std::vector<std::string>& directories, const config::Locations& locations,
                      std::vector<config::Error>& errors);
// `message` about the value with this path, and where that was written.
std::string located(const config::Configuration& configuration, const std::string& path, std::string_view message);

class Builder {
 public:
  Builder(const config::Configuration& configuration, std::vector<std::string> directories, bool check_only,
          std::vector<std::string>& errors)
      : configuration_(configuration), directories_(std::move(directories)), check_only_(check_only), errors_(errors) {}

  // Null: it cannot be used. path: of who names it.
  PluginPtr find(const std::string& name, const std::string& path, Role role);
  // Created and configured, or null. The settings of `config` are complete then.
  std::unique_ptr<plugin::BusInstance> bus(config::BusConfig& config, const PluginPtr& plugin);
  // Created and configured, or null.
  std::unique_ptr<plugin::JournalInstance> journal(const config::JournalConfig& config, const PluginPtr& plugin);
  // Everything of `mount` that only depends on its configuration and plugin. False: something is wrong.
  bool mount(MountShared& mount, const config::MountConfig& config, const PluginPtr& plugin);
  // Without routes and TLS.
  static std::shared_ptr<ListenerSettings> listener(const config::ListenerConfig& config);

 private:
  // Checks settings against the plugin's schema and fills in its defaults.
  bool complete(const plugin::Plugin& plugin, const std::string& path, boost::json::object& settings);

  const config::Configuration& configuration_;
  const std::vector<std::string> directories_;
  const bool check_only_;
  std::vector<std::string>& errors_;
};

// The routes to the mounts that are served there.
void add_routes(ListenerSettings& listener, const World& world);

// Creates and configures the instance of a mount on a shard; why not, or nothing.
std::string prepare_instance(ShardMount& mount, bool check_only);

}  // namespace dragoman::gateway
