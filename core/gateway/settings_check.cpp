// SPDX-License-Identifier: Apache-2.0
#include "gateway/settings_check.hpp"

#include <string>
#include <utility>

#include "config/files.hpp"
#include "gateway/builder.hpp"

namespace dragoman::gateway {
namespace {

namespace json = boost::json;

const json::value* member(const json::value& value, std::string_view key) {
  return value.is_object() ? value.get_object().if_contains({key.data(), key.size()}) : nullptr;
}

std::vector<std::string> directories_of(const json::value& root, const config::Locations& locations,
                                        const GatewayOptions& options) {
  config::Configuration configuration;
  const json::value* plugins = member(root, "plugins");
  const json::value* directory = plugins ? member(*plugins, "directory") : nullptr;
  if (directory && directory->is_string())
    configuration.plugins.directory =
        config::relative_to(locations.value("plugins.directory").file, std::string(directory->get_string()));
  return plugin_directories(configuration, options);
}

void check_one(const json::value& value, const std::string& path, Role role,
               const std::vector<std::string>& directories, const config::Locations& locations,
               std::vector<config::Error>& errors) {
  const json::value* name = member(value, "plugin");
  if (!name || !name->is_string() || name->get_string().empty()) return;
  if (role == Role::bus && name->get_string() == "embedded") return;
  const PluginPtr found = find_plugin(std::string(name->get_string()), config::child_path(path, "plugin"), role,
                                      directories, locations, errors);
  const json::value* written = member(value, "settings");
  json::value settings = written ? *written : json::object();
  if (found && settings.is_object())
    found->settings_schema.check(settings, config::child_path(path, "settings"), locations, errors);
}

}  // namespace

config::FurtherCheck settings_check(const GatewayOptions& options) {
  return [options](const json::value& root, const config::Locations& locations, std::vector<config::Error>& errors) {
    static constexpr std::pair<const char*, Role> sections[] = {
        {"buses", Role::bus}, {"journals", Role::journal}, {"mounts", Role::dialect}};
    const std::vector<std::string> directories = directories_of(root, locations, options);
    for (const auto& [section, role] : sections)
      if (const json::value* values = member(root, section); values && values->is_object())
        for (const auto& entry : values->get_object())
          check_one(entry.value(),
                    config::child_path(section, std::string_view(entry.key().data(), entry.key().size())), role,
                    directories, locations, errors);
  };
}

}  // namespace dragoman::gateway
