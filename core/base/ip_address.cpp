// SPDX-License-Identifier: Apache-2.0
#include "base/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace dragoman::base {
namespace {

constexpr std::size_t mapped_bytes = 12;
constexpr unsigned mapped_bits = 96;
constexpr std::array<std::uint8_t, mapped_bytes> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<unsigned> number(std::string_view text, unsigned most) {
  unsigned value = 0;
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

bool bit(const IpAddress& address, unsigned i) {
  return address.bytes[i / 8] >> (7 - i % 8) & 1;
}

}  // namespace

IpAddress IpAddress::v4(const std::uint8_t* four_bytes) {
  IpAddress out;
  std::copy(mapped.begin(), mapped.end(), out.bytes.begin());
  std::copy_n(four_bytes, 4, out.bytes.begin() + mapped_bytes);
  return out;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN];
  // inet_pton stops at the first NUL.
  if (text.size() >= sizeof terminated || text.find('\0') != text.npos) return std::nullopt;
  *std::copy(text.begin(), text.end(), terminated) = 0;
  IpAddress out;
  if (text.find(':') != text.npos)
    return ::inet_pton(AF_INET6, terminated, out.bytes.data()) == 1 ? std::optional(out) : std::nullopt;
  std::uint8_t four_bytes[4];
  return ::inet_pton(AF_INET, terminated, four_bytes) == 1 ? std::optional(v4(four_bytes)) : std::nullopt;
}

bool IpAddress::is_v4() const {
  return std::equal(mapped.begin(), mapped.end(), bytes.begin());
}

std::string IpAddress::text() const {
  char out[INET6_ADDRSTRLEN] = {};
  if (is_v4())
    ::inet_ntop(AF_INET, bytes.data() + mapped_bytes, out, sizeof out);
  else
    ::inet_ntop(AF_INET6, bytes.data(), out, sizeof out);
  return out;
}

std::optional<IpEndpoint> IpEndpoint::parse(std::string_view text) {
  std::string_view host = text, port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == text.npos) return std::nullopt;
    host = text.substr(1, end - 1);
    if (host.find(':') == host.npos) return std::nullopt;
    has_port = end + 1 < text.size();
    if (has_port && text[end + 1] != ':') return std::nullopt;
    if (has_port) port = text.substr(end + 2);
  } else if (const std::size_t colon = text.find(':'); colon != text.npos && colon == text.rfind(':')) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    has_port = true;
  }
  const auto address = IpAddress::parse(host);
  const auto port_number = has_port ? number(port, 65535) : 0;
  if (!address || !port_number) return std::nullopt;
  return IpEndpoint{*address, static_cast<std::uint16_t>(*port_number)};
}

std::string IpEndpoint::text() const {
  const std::string host = address.text();
  return (address.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == text.npos) return IpNetwork{*address};
  const unsigned before = text.find(':') == text.npos ? mapped_bits : 0;
  const auto prefix = number(text.substr(slash + 1), 128 - before);
  if (!prefix) return std::nullopt;
  const IpNetwork out{*address, *prefix + before};
  for (unsigned i = out.prefix; i < 128; ++i)
    if (bit(*address, i)) return std::nullopt;
  return out;
}

bool IpNetwork::contains(const IpAddress& other) const {
  if ((address.is_v4() && prefix >= mapped_bits) != other.is_v4()) return false;
  for (unsigned i = 0; i < prefix; ++i)
    if (bit(address, i) != bit(other, i)) return false;
  return true;
}

}  // namespace dragoman::base
