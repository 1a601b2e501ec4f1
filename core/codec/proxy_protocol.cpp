// SPDX-License-Identifier: Apache-2.0
// https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt
#include "codec/proxy_protocol.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace dragoman::codec {
namespace {

constexpr std::string_view v1_begin = "PROXY ";
constexpr std::string_view v2_begin = std::string_view("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t v2_fixed = 16;
constexpr std::size_t v2_ip_addresses = 36;  // two of IPv6 with their ports

constexpr std::uint8_t v2_local = 0x20, v2_proxy = 0x21;
constexpr std::uint8_t family_unspecified = 0x00, family_tcp4 = 0x11, family_tcp6 = 0x21, family_unix_stream = 0x31;

std::uint8_t byte(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::uint16_t number16(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(byte(bytes, at) << 8 | byte(bytes, at + 1));
}

bool fits(std::string_view bytes, std::string_view begin) {
  const std::size_t n = std::min(bytes.size(), begin.size());
  return bytes.substr(0, n) == begin.substr(0, n);
}

// Of the addresses that a v2 header of this family holds; none: a family that no stream has.
std::optional<std::size_t> address_bytes(std::uint8_t family) {
  switch (family) {
    case family_unspecified:
      return 0;
    case family_tcp4:
      return 12;
    case family_tcp6:
      return v2_ip_addresses;
    case family_unix_stream:
      return 216;
    default:
      return std::nullopt;
  }
}

std::optional<std::uint16_t> port(std::string_view text) {
  std::uint16_t value = 0;
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

ProxyHeaderParser::Result ProxyHeaderParser::feed(std::string_view bytes) {
  if (bytes.empty()) return {Status::need_more, 0};
  const char first = head_.empty() ? bytes.front() : head_.front();
  return first == v2_begin.front() ? feed_v2(bytes) : feed_v1(bytes);
}

ProxyHeaderParser::Result ProxyHeaderParser::feed_v1(std::string_view bytes) {
  const std::size_t before = head_.size();
  head_.append(bytes.substr(0, v1_bytes - before));
  if (!fits(head_, v1_begin)) return {Status::error, 0};
  const std::size_t end = head_.find("\r\n", before ? before - 1 : 0);
  if (end == head_.npos) {
    if (head_.size() == v1_bytes) return {Status::error, 0};
    return {Status::need_more, bytes.size()};
  }
  const std::size_t consumed = end + 2 - before;
  head_.resize(end);
  return {read_line(head_) ? Status::complete : Status::error, consumed};
}

bool ProxyHeaderParser::read_line(std::string_view line) {
  if (!line.starts_with(v1_begin)) return false;
  line.remove_prefix(v1_begin.size());
  // Whatever follows this word is to be passed over.
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return true;
  std::array<std::string_view, 5> words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t space = line.find(' ');
    if ((space == line.npos) != (i + 1 == words.size())) return false;
    words[i] = line.substr(0, space);
    line.remove_prefix(space == line.npos ? line.size() : space + 1);
  }
  const auto& [family, source, destination, source_port, destination_port] = words;
  if (family != "TCP4" && family != "TCP6") return false;
  const auto is_v6 = [](std::string_view address) { return address.find(':') != address.npos; };
  if (is_v6(source) != (family == "TCP6") || is_v6(destination) != (family == "TCP6")) return false;
  const auto from = base::IpAddress::parse(source);
  const auto from_port = port(source_port);
  if (!from || !from_port || !base::IpAddress::parse(destination) || !port(destination_port)) return false;
  header_ = {ProxyHeader::Client::address, {*from, *from_port}};
  return true;
}

ProxyHeaderParser::Result ProxyHeaderParser::feed_v2(std::string_view bytes) {
  std::size_t consumed = 0;
  const auto keep = [&](std::size_t until) {
    if (head_.size() >= until) return;
    const std::string_view taken = bytes.substr(consumed, until - head_.size());
    head_.append(taken);
    consumed += taken.size();
  };
  keep(v2_fixed);
  if (!fits(head_, v2_begin)) return {Status::error, 0};
  if (head_.size() >= v2_fixed) {
    if (!length_ && !read_fixed()) return {Status::error, 0};
    keep(std::min(length_, v2_fixed + v2_ip_addresses));
    consumed += std::min(bytes.size() - consumed, length_ - seen_ - consumed);
  }
  seen_ += consumed;
  if (!length_ || seen_ < length_) return {Status::need_more, consumed};
  read_addresses();
  return {Status::complete, consumed};
}

bool ProxyHeaderParser::read_fixed() {
  const std::uint8_t command = byte(head_, 12);
  const std::size_t length = number16(head_, 14);
  if ((command != v2_local && command != v2_proxy) || length > v2_bytes) return false;
  length_ = v2_fixed + length;
  if (command == v2_local) {
    header_.client = ProxyHeader::Client::proxy;
    return true;
  }
  const auto addresses = address_bytes(byte(head_, 13));
  return addresses && length >= *addresses;
}

void ProxyHeaderParser::read_addresses() {
  if (header_.client == ProxyHeader::Client::proxy) return;
  const std::uint8_t family = byte(head_, 13);
  if (family == family_unix_stream) header_.client = ProxyHeader::Client::local_socket;
  if (family != family_tcp4 && family != family_tcp6) return;
  header_.client = ProxyHeader::Client::address;
  const auto* source = reinterpret_cast<const std::uint8_t*>(head_.data()) + v2_fixed;
  if (family == family_tcp4) {
    header_.source = {base::IpAddress::v4(source), number16(head_, v2_fixed + 8)};
  } else {
    std::copy_n(source, 16, header_.source.address.bytes.begin());
    header_.source.port = number16(head_, v2_fixed + 32);
  }
}

}  // namespace dragoman::codec
