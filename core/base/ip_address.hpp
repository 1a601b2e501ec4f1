// SPDX-License-Identifier: Apache-2.0
// IP addresses as values, their networks and their notation. An IPv4 address and the IPv6 address that maps it are the
// same. Any thread; no errors but an empty optional.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dragoman::base {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};  // network order; IPv4 as ::ffff:a.b.c.d

  static IpAddress v4(const std::uint8_t* four_bytes);
  // "192.0.2.1" or "2001:db8::1": no brackets, no zone.
  static std::optional<IpAddress> parse(std::string_view text);
  bool is_v4() const;
  std::string text() const;
  bool operator==(const IpAddress&) const = default;
};

struct IpEndpoint {
  IpAddress address;
  std::uint16_t port = 0;  // 0: not known

  // "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80".
  static std::optional<IpEndpoint> parse(std::string_view text);
  std::string text() const;  // "192.0.2.1:80", "[2001:db8::1]:80"
};

struct IpNetwork {
  IpAddress address;
  unsigned prefix = 128;  // bits of the 16 bytes

  // An address, or one with a prefix length behind which no bit is set, such as "10.0.0.0/8".
  static std::optional<IpNetwork> parse(std::string_view text);
  // No IPv6 network contains an IPv4 address.
  bool contains(const IpAddress& other) const;
};

}  // namespace dragoman::base
