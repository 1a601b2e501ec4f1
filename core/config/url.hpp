// SPDX-License-Identifier: Apache-2.0
// The notation of the HTTP servers that requests go to.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dragoman::config {

struct HttpUrl {
  bool tls = false;
  std::string host;        // a name, or an IP address without brackets; never empty
  std::uint16_t port = 0;  // never 0
  std::string base;        // "" or "/path" without a slash at its end
  // host and port as in the header Host: brackets around an IPv6 address, no port where it is the scheme's own.
  std::string authority() const;
  bool operator==(const HttpUrl&) const = default;
};

// http and https. Nothing for other schemes, user and password, query, fragment, dot segments, and characters that a
// URL has not.
std::optional<HttpUrl> parse_http_url(std::string_view text);

}  // namespace dragoman::config
