// SPDX-License-Identifier: Apache-2.0
#include "gateway/builder.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <utility>

#include "config/mount_limits.hpp"
#include "config/suggest.hpp"
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

bool has_role(const plugin::Plugin& plugin, Role role) {
  switch (role) {
    case Role::bus:
      return plugin.bus.has_value();
    case Role::journal:
      return plugin.journal.has_value();
    case Role::dialect:
      break;
  }
  return plugin.dialect.has_value();
}

const char* lacks(Role role) {
  switch (role) {
    case Role::bus:
      return "is no bus (it has no role dgm.bus/1)";
    case Role::journal:
      return "is no journal (it has no role dgm.journal/1)";
    case Role::dialect:
      break;
  }
  return "speaks no dialect (it has no role dgm.dialect/1)";
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

PluginPtr find_plugin(const std::string& name, const std::string& path, Role role,
                      const std::vector<std::string>& directories, const config::Locations& locations,
                      std::vector<config::Error>& errors) {
  const plugin::LoadResult loaded = plugin::find_plugin(name, directories);
  if (loaded && has_role(*loaded.plugin, role)) return loaded.plugin;
  std::string why = loaded ? "the plugin \"" + name + "\" " + lacks(role) : loaded.file.refusal;
  // The one bus that is no file.
  if (const std::string hint = config::suggestion(name, {"embedded"}); role == Role::bus && hint.ends_with('?'))
    why = "there is no bus plugin \"" + name + "\"" + hint;
  config::add_error(errors, {locations.value(path), path, std::move(why)});
  return nullptr;
}

std::string located(const config::Configuration& configuration, const std::string& path, std::string_view message) {
  return config::Error{configuration.locations.value(path), path, std::string(message)}.text();
}

PluginPtr Builder::find(const std::string& name, const std::string& path, Role role) {
  std::vector<config::Error> wrong;
  PluginPtr found =
      find_plugin(name, config::child_path(path, "plugin"), role, directories_, configuration_.locations, wrong);
  for (const auto& error : wrong) errors_.push_back(error.text());
  return found;
}

bool Builder::complete(const plugin::Plugin& plugin, const std::string& path, boost::json::object& settings) {
  boost::json::value value = settings;
  std::vector<config::Error> wrong;
  plugin.settings_schema.check(value, path, configuration_.locations, wrong);
  for (const auto& error : wrong) errors_.push_back(error.text());
  if (!wrong.empty()) return false;
  settings = std::move(value.as_object());
  return true;
}

std::unique_ptr<plugin::BusInstance> Builder::bus(config::BusConfig& config, const PluginPtr& plugin) {
  if (!complete(*plugin, config.settings_path, config.settings)) return nullptr;
  auto made = std::make_unique<plugin::BusInstance>(plugin, config.name, configuration_.state_directory,
                                                    configuration_.mailbox_bytes);
  const std::string why = made->prepare(boost::json::serialize(config.settings), check_only_);
  if (why.empty()) return made;
  errors_.push_back(located(configuration_, "buses." + config.name, why));
  return nullptr;
}

std::unique_ptr<plugin::JournalInstance> Builder::journal(const config::JournalConfig& config,
                                                          const PluginPtr& plugin) {
  boost::json::object settings = config.settings;
  if (!complete(*plugin, config.settings_path, settings)) return nullptr;
  auto made = std::make_unique<plugin::JournalInstance>(plugin, config.name, configuration_.state_directory);
  const std::string why = made->prepare(boost::json::serialize(settings), check_only_);
  if (why.empty()) return made;
  errors_.push_back(located(configuration_, "journals." + config.name, why));
  return nullptr;
}

bool Builder::mount(MountShared& mount, const config::MountConfig& config, const PluginPtr& plugin) {
  mount.config = config;
  mount.plugin = plugin;
  config::apply_limit_defaults(mount.config, plugin->limits, configuration_.locations);
  const config::MountLimits& limits = mount.config.limits;
  mount.limits = session_limits(limits);
  mount.quotas.set(
      {limits.connections, limits.connections_per_address, limits.connections_per_minute, limits.connections_per_user});
  for (const auto& listen : config.listen)
    for (const auto& listener : configuration_.listeners)
      if (listener.name == listen.listener && !listener.tls && !listener.address.starts_with("unix:"))
        mount.plain_listener = true;
  return complete(*plugin, config.settings_path, mount.config.settings);
}

std::shared_ptr<ListenerSettings> Builder::listener(const config::ListenerConfig& config) {
  auto made = std::make_shared<ListenerSettings>();
  made->config = config;
  made->trusted_proxies = net::AddressSet(config.trusted_proxies);
  return made;
}

void add_routes(ListenerSettings& listener, const World& world) {
  for (const auto& config : world.configuration.mounts)
    if (const auto mount = find_named(world.mounts, config.name))
      for (const auto& listen : config.listen)
        if (listen.listener == listener.config.name)
          listener.routes.push_back({listen.path, mount->shared.number, listen.sessions});
  std::stable_sort(listener.routes.begin(), listener.routes.end(),
                   [](const auto& a, const auto& b) { return a.path.size() > b.path.size(); });
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
  return why;
}

}  // namespace dragoman::gateway
