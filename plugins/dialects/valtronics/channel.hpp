// SPDX-License-Identifier: Apache-2.0
// The four channels that clients subscribe to. Any thread.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace valtronics {

enum class Channel { telemetry, alerts, devices, system };

inline constexpr std::array channels{Channel::telemetry, Channel::alerts, Channel::devices, Channel::system};
inline constexpr std::array<std::string_view, channels.size()> channel_names{"telemetry", "alerts", "devices",
                                                                             "system"};

constexpr std::size_t index_of(Channel channel) {
  return static_cast<std::size_t>(channel);
}
constexpr std::string_view name_of(Channel channel) {
  return channel_names[index_of(channel)];
}
// aliases: the wiki's other names count too.
constexpr std::optional<Channel> channel_of(std::string_view name, bool aliases) {
  for (const Channel channel : channels)
    if (name == name_of(channel)) return channel;
  if (aliases && name == "device_telemetry") return Channel::telemetry;
  if (aliases && name == "device_status") return Channel::devices;
  return std::nullopt;
}
// Only these have metrics, which are put together and delayed.
constexpr bool has_metrics(Channel channel) {
  return channel == Channel::telemetry || channel == Channel::system;
}

}  // namespace valtronics
