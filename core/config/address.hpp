// SPDX-License-Identifier: Apache-2.0
// The notation of the addresses that a listener is bound to.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dragoman::config {

struct Address {
  enum class Family { ipv4, ipv6, local, activated };
  Family family = Family::ipv4;
  std::string host;  // canonical IP address, without brackets; the path of a Unix socket; or the name of a passed one
  std::uint16_t port = 0;
  bool loopback = false;  // not reachable from other machines
  bool operator==(const Address& other) const {
    return family == other.family && host == other.host && port == other.port;
  }
};

// "127.0.0.1:80", "[::1]:80", "unix:/run/x.sock" (absolute, at most 107 bytes), "systemd:NAME" (a socket
// that the supervisor passes). Port 0 lets the system choose.
std::optional<Address> parse_address(std::string_view text);

}  // namespace dragoman::config
