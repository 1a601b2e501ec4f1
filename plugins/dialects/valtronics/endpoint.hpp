// SPDX-License-Identifier: Apache-2.0
// Where a client connected (valtronics digest section 2). Any thread, no state.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "channel.hpp"

namespace valtronics {

struct Endpoint {
  std::optional<Channel> channel;  // of a dedicated endpoint
  std::string device;              // of /ws/{device}, decoded; only the published dashboard uses it
};

// Paths below the mount's that open sessions; each also with a slash behind.
inline constexpr std::array<std::string_view, 6> websocket_paths{"/ws",        "/ws/telemetry", "/ws/alerts",
                                                                 "/ws/system", "/ws/devices",   "/ws/notifications"};

// path: as sent, with what the mount's path puts in front.
Endpoint read_endpoint(std::string_view path);

// The parameter `token` of a query; empty: none.
std::string query_token(std::string_view query);
// The token of a header `Authorization: Bearer`; empty: none.
std::string_view bearer_token(std::string_view header);

}  // namespace valtronics
