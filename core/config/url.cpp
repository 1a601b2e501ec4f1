// SPDX-License-Identifier: Apache-2.0
#include "config/url.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>

namespace dragoman::config {
namespace {

bool alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.front() == '-') return false;
  if (host.find("..") != host.npos) return false;
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return alphanumeric(c) || c == '.' || c == '-' || c == '_'; });
}

// RFC 3986 3.3, and no segment that leads elsewhere.
bool is_base(std::string_view path) {
  static constexpr std::string_view marks = "-._~!$&'()*+,;=:@/";
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (alphanumeric(c) || marks.find(c) != marks.npos) continue;
    const auto hex = [&](std::size_t at) {
      return at < path.size() && std::string_view("0123456789abcdefABCDEF").find(path[at]) != std::string_view::npos;
    };
    if (c != '%' || !hex(i + 1) || !hex(i + 2)) return false;
    i += 2;
  }
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at + 1), path.size());
    const std::string_view segment = path.substr(at + 1, end - at - 1);
    if (segment == "." || segment == "..") return false;
    at = end;
  }
  return true;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::optional<HttpUrl> parse_http_url(std::string_view text) {
  HttpUrl out;
  if (text.starts_with("https://"))
    out.tls = true;
  else if (!text.starts_with("http://"))
    return std::nullopt;
  text.remove_prefix(out.tls ? 8 : 7);
  const std::size_t slash = text.find('/');
  std::string_view authority = text.substr(0, slash);
  std::string_view base = slash == text.npos ? std::string_view() : text.substr(slash);

  std::string_view port;
  bool with_port = false;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == authority.npos) return std::nullopt;
    out.host = authority.substr(1, end - 1);
    authority.remove_prefix(end + 1);
    in6_addr address{};
    if (out.host.find('\0') != out.host.npos || ::inet_pton(AF_INET6, out.host.c_str(), &address) != 1)
      return std::nullopt;
    with_port = !authority.empty();
    if (with_port && authority.front() != ':') return std::nullopt;
    if (with_port) port = authority.substr(1);
  } else {
    const std::size_t colon = authority.find(':');
    out.host = authority.substr(0, colon);
    if (!is_host_name(out.host)) return std::nullopt;
    with_port = colon != authority.npos;
    if (with_port) port = authority.substr(colon + 1);
  }
  out.port = out.tls ? 443 : 80;
  if (with_port) {
    const auto number = parse_port(port);
    if (!number) return std::nullopt;
    out.port = *number;
  }

  if (!is_base(base)) return std::nullopt;
  while (base.ends_with('/')) base.remove_suffix(1);
  out.base = base;
  return out;
}

std::string HttpUrl::authority() const {
  std::string out = host.find(':') == host.npos ? host : "[" + host + "]";
  if (port != (tls ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

}  // namespace dragoman::config
