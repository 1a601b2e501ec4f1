// SPDX-License-Identifier: Apache-2.0
// A socket as the HTTP API shows it (kazoo digest sections 2 and 8). Any thread, no state.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kazoo {

// Address and id of a socket. session: stands for the port when the peer has none, so that ids differ.
std::pair<std::string, std::string> socket_names(std::string_view peer, std::uint64_t session);

// Seconds since the year 0, as the platform counts.
std::int64_t gregorian_now();

struct SocketFacts {
  std::string_view id, source, destination;
  std::int64_t connected_s;  // Gregorian
  std::vector<std::string> bindings;
  const std::optional<std::string>&name, &metadata;  // JSON
};

// JSON of at most 60 KiB: what is too much of it is left out, and bindings then end with their number.
std::string socket_json(const SocketFacts& facts);

}  // namespace kazoo
