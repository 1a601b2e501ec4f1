// SPDX-License-Identifier: Apache-2.0
#include "config/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace dragoman::config {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

std::optional<Address> parse_local(std::string_view path) {
  if (path.size() < 2 || path[0] != '/' || path.back() == '/' || path.size() >= sizeof(sockaddr_un::sun_path) ||
      path.find('\0') != std::string_view::npos)
    return std::nullopt;
  return Address{Address::Family::local, std::string(path), 0, true};
}

// What FileDescriptorName= allows and no one has to quote.
std::optional<Address> parse_activated(std::string_view name) {
  constexpr std::string_view signs = "._@-";
  const auto good = [&](unsigned char c) { return std::isalnum(c) || signs.find(static_cast<char>(c)) != signs.npos; };
  if (name.empty() || name.size() > 255 || !std::all_of(name.begin(), name.end(), good)) return std::nullopt;
  return Address{Address::Family::activated, std::string(name), 0, false};
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  if (text.substr(0, 5) == "unix:") return parse_local(text.substr(5));
  if (text.substr(0, 8) == "systemd:") return parse_activated(text.substr(8));
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_port(text.substr(colon + 1));
  std::string host(text.substr(0, colon));
  // inet_pton stops at the first NUL.
  if (!port || host.find('\0') != std::string::npos) return std::nullopt;

  char canonical[INET6_ADDRSTRLEN] = {};
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    in6_addr address{};
    if (::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address) != 1) return std::nullopt;
    ::inet_ntop(AF_INET6, &address, canonical, sizeof canonical);
    return Address{Address::Family::ipv6, canonical, *port, IN6_IS_ADDR_LOOPBACK(&address) != 0};
  }
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) != 1) return std::nullopt;
  ::inet_ntop(AF_INET, &address, canonical, sizeof canonical);
  return Address{Address::Family::ipv4, canonical, *port, (ntohl(address.s_addr) >> 24) == 127};
}

}  // namespace dragoman::config
