// SPDX-License-Identifier: Apache-2.0
#include "gateway/builder.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "config/mount_limits.hpp"
#include "plugin/loader.hpp"

namespace dragoman::gateway {
namespace {

transport::SessionLimits session_limits(const config::MountLimits& from) {
  transport::SessionLimits to;
  to.message_bytes = from.message_bytes;
  to.fragments = from.fragments;
  to.control_per_second = from.control_per_second;
  to.queue_bytes = from.queue_bytes;
  if (from.queue_messages) to.queue_messages = from.queue_messages;
  to.overflow = from.overflow == config::OverflowPolicy::close         ? transport::Overflow::close
                : from.overflow == config::OverflowPolicy::drop_oldest ? transport::Overflow::drop_oldest
                                                                       : transport::Overflow::latest_per_key;
  to.write_stall_ms = from.write_stall_ms;
  to.ping_interval_ms = from.ping_interval_ms;
  to.pong_timeout_ms = from.pong_timeout_ms;
  to.idle_ms = from.idle_ms;
  to.close_timeout_ms = from.close_timeout_ms;
  return to;
}

// Checks settings against the plugin's schema and fills in its defaults.
bool complete_settings(const plugin::Plugin& plugin, const config::Configuration& configuration,
                       const std::string& path, boost::json::object& settings, std::vector<std::string>& errors) {
  boost::json::value value = settings;
  std::vector<config::Error> wrong;
  plugin.settings_schema.check(value, path, configuration.locations, wrong);
  for (const auto& error : wrong) errors.push_back(error.text());
  if (!wrong.empty()) return false;
  settings = std::move(value.as_object());
  return true;
}

void build_journal(const config::JournalConfig& config, const config::Configuration& configuration,
                   const std::vector<std::string>& directories, bool check_only, Built& built,
                   std::vector<std::string>& errors) {
  const std::string path = "journals." + config.name;
  plugin::LoadResult loaded = plugin::find_plugin(config.plugin, directories);
  if (!loaded) {
    errors.push_back(path + ".plugin: " + loaded.file.refusal);
    return;
  }
  if (!loaded.plugin->journal) {
    errors.push_back(path + ".plugin: the plugin \"" + config.plugin +
                     "\" is no journal (it has no role dgm.journal/1)");
    return;
  }
  BuiltJournal made{config, nullptr};
  if (!complete_settings(*loaded.plugin, configuration, config.settings_path, made.config.settings, errors)) return;
  made.store = std::make_unique<plugin::JournalInstance>(loaded.plugin, config.name, configuration.state_directory);
  const std::string why = made.store->prepare(boost::json::serialize(made.config.settings), check_only);
  if (why.empty())
    built.journals.push_back(std::move(made));
  else
    errors.push_back(path + ": " + why);
}

void build_bus(const config::BusConfig& config, const config::Configuration& configuration,
               const std::vector<std::string>& directories, bool check_only, Built& built,
               std::vector<std::string>& errors) {
  built.buses.push_back({config, nullptr});
  if (config.plugin == "embedded") return;
  const std::string path = "buses." + config.name;
  plugin::LoadResult loaded = plugin::find_plugin(config.plugin, directories);
  if (!loaded) {
    errors.push_back(path + ".plugin: " + loaded.file.refusal);
    return;
  }
  if (!loaded.plugin->bus) {
    errors.push_back(path + ".plugin: the plugin \"" + config.plugin + "\" is no bus (it has no role dgm.bus/1)");
    return;
  }
  BuiltBus& made = built.buses.back();
  if (!complete_settings(*loaded.plugin, configuration, config.settings_path, made.config.settings, errors)) return;
  made.instance = std::make_unique<plugin::BusInstance>(loaded.plugin, config.name, configuration.state_directory,
                                                        configuration.mailbox_bytes);
  const std::string why = made.instance->prepare(boost::json::serialize(made.config.settings), check_only);
  if (!why.empty()) errors.push_back(path + ": " + why);
}

}  // namespace

std::vector<std::string> plugin_directories(const config::Configuration& configuration, const GatewayOptions& options) {
  if (!options.plugin_directories.empty()) return options.plugin_directories;
  if (!configuration.plugins.directory.empty()) return {configuration.plugins.directory};
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return {};
  return {(program.parent_path().parent_path() / DRAGOMAN_PLUGINS).string()};
}

Built build(const config::Configuration& configuration, const GatewayOptions& options, bool check_only,
            std::vector<std::string>& errors) {
  Built built;
  const auto directories = plugin_directories(configuration, options);
  for (const auto& bus : configuration.buses) build_bus(bus, configuration, directories, check_only, built, errors);
  for (const auto& journal : configuration.journals)
    build_journal(journal, configuration, directories, check_only, built, errors);
  for (const auto& listener : configuration.listeners) {
    built.listeners.push_back(std::make_unique<ListenerShared>());
    built.listeners.back()->config = listener;
    built.listeners.back()->trusted_proxies = net::AddressSet(listener.trusted_proxies);
    built.listeners.back()->number = built.listeners.size() - 1;
  }
  for (const auto& mount : configuration.mounts) {
    auto shared = std::make_unique<MountShared>();
    shared->number = static_cast<std::uint32_t>(built.mounts.size());
    shared->config = mount;
    plugin::LoadResult loaded = plugin::find_plugin(mount.plugin, directories);
    if (!loaded) {
      errors.push_back("mounts." + mount.name + ".plugin: " + loaded.file.refusal);
      continue;
    }
    if (!loaded.plugin->dialect) {
      errors.push_back("mounts." + mount.name + ".plugin: the plugin \"" + mount.plugin +
                       "\" speaks no dialect (it has no role dgm.dialect/1)");
      continue;
    }
    shared->plugin = loaded.plugin;
    config::apply_limit_defaults(shared->config, loaded.plugin->limits, configuration.locations);
    const config::MountLimits& limits = shared->config.limits;
    shared->limits = session_limits(limits);
    shared->quotas.set({limits.connections, limits.connections_per_address, limits.connections_per_minute,
                        limits.connections_per_user});
    if (!complete_settings(*loaded.plugin, configuration, mount.settings_path, shared->config.settings, errors))
      continue;
    for (const auto& listen : mount.listen)
      for (auto& listener : built.listeners)
        if (listener->config.name == listen.listener) {
          listener->routes.push_back({listen.path, shared->number, listen.sessions});
          if (!listener->config.tls && !listener->config.address.starts_with("unix:")) shared->plain_listener = true;
        }
    built.mounts.push_back(std::move(shared));
  }
  for (auto& listener : built.listeners)
    std::stable_sort(listener->routes.begin(), listener->routes.end(),
                     [](const auto& a, const auto& b) { return a.path.size() > b.path.size(); });
  return built;
}

std::string prepare_instance(ShardMount& mount, bool check_only) {
  std::string why = mount.instance().create();
  if (why.empty()) {
    std::uint32_t flags = 0;
    if (check_only) flags |= DGM_CONFIG_CHECK;
    if (mount.home()) flags |= DGM_CONFIG_HOME;
    if (mount.shared().plain_listener) flags |= DGM_CONFIG_PLAIN;
    why = mount.instance().configure(flags, boost::json::serialize(mount.shared().config.settings),
                                     boost::json::serialize(mount.shared().config.limits_values));
  }
  if (!why.empty()) why = "mounts." + mount.shared().config.name + ": " + why;
  return why;
}

}  // namespace dragoman::gateway
