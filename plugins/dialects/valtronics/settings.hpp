// SPDX-License-Identifier: Apache-2.0
// The settings of a valtronics mount; schema.json says what each means.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "channel.hpp"

namespace valtronics {

struct Settings {
  std::string channel = "valtronics";
  std::map<std::string, std::uint64_t> devices;
  std::string devices_upstream;
  std::string devices_path = "/api/v1/devices/";
  std::chrono::milliseconds devices_refresh{300'000};
  bool auth_required = true;
  std::chrono::milliseconds auth_timeout{30'000};
  bool enforce_expiry = true;
  std::chrono::milliseconds expiry_grace{60'000};
  bool handshake_token = false;
  bool role_permissions = false;
  bool dedicated_auto_subscribe = true;
  std::vector<Channel> default_channels;
  std::chrono::milliseconds default_channels_after{5'000};
  bool channel_aliases = true;
  bool subscription_acks = false;
  bool legacy_errors = false;
  std::chrono::milliseconds heartbeat{0};
  std::uint32_t messages_per_second = 100;
  std::size_t max_message_bytes = 1024;
  std::size_t max_batch_items = 50;
  std::size_t max_subscriptions = 100;
  std::size_t max_tracked_devices = 100'000;
  bool dashboard_compat = false;

  friend bool operator==(const Settings&, const Settings&) = default;
};

// json is valid against the schema, with defaults filled in.
// limits: of the mount.
Settings parse_settings(std::string_view json, std::string_view limits);

}  // namespace valtronics
