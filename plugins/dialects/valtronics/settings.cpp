// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <boost/json.hpp>

namespace valtronics {

Settings parse_settings(std::string_view given, std::string_view limits) {
  namespace json = boost::json;
  const json::object o = json::parse({given.data(), given.size()}).as_object();
  const auto yes = [&](const char* key) { return o.at(key).as_bool(); };
  const auto time = [&](const char* key) { return std::chrono::milliseconds(o.at(key).to_number<std::int64_t>()); };
  const auto count = [&](const char* key) { return o.at(key).to_number<std::size_t>(); };
  Settings s;
  s.channel = json::value_to<std::string>(o.at("channel"));
  s.devices = json::value_to<std::map<std::string, std::uint64_t>>(o.at("devices"));
  s.devices_upstream = json::value_to<std::string>(o.at("devices_upstream"));
  s.devices_path = json::value_to<std::string>(o.at("devices_path"));
  s.devices_refresh = time("devices_refresh");
  s.auth_required = yes("auth_required");
  s.auth_timeout = time("auth_timeout");
  s.enforce_expiry = yes("enforce_expiry");
  s.expiry_grace = time("expiry_grace");
  s.handshake_token = yes("handshake_token");
  s.role_permissions = yes("role_permissions");
  s.dedicated_auto_subscribe = yes("dedicated_auto_subscribe");
  for (const auto& name : json::value_to<std::vector<std::string>>(o.at("default_channels")))
    s.default_channels.push_back(*channel_of(name, false));
  s.default_channels_after = time("default_channels_after");
  s.channel_aliases = yes("channel_aliases");
  s.subscription_acks = yes("subscription_acks");
  s.legacy_errors = yes("legacy_errors");
  s.heartbeat = time("heartbeat");
  const json::object of_mount = json::parse({limits.data(), limits.size()}).as_object();
  s.messages_per_second = of_mount.at("messages_per_second").to_number<std::uint32_t>();
  s.max_message_bytes = count("max_message_bytes");
  s.max_batch_items = count("max_batch_items");
  s.max_subscriptions = count("max_subscriptions");
  s.max_tracked_devices = count("max_tracked_devices");
  s.dashboard_compat = yes("dashboard_compat");
  return s;
}

}  // namespace valtronics
