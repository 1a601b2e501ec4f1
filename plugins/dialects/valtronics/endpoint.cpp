// SPDX-License-Identifier: Apache-2.0
#include "endpoint.hpp"

#include <algorithm>

#include "filter.hpp"

namespace valtronics {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decode(std::string_view s) {
  std::string out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '%' && i + 2 < s.size() && hex(s[i + 1]) >= 0 && hex(s[i + 2]) >= 0) {
      out += static_cast<char>(hex(s[i + 1]) * 16 + hex(s[i + 2]));
      i += 2;
    } else {
      out += s[i];
    }
  }
  return out;
}

}  // namespace

Endpoint read_endpoint(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  const std::string_view last = path.substr(slash == path.npos ? 0 : slash + 1);
  if (last == "ws") return {};
  if (last == "notifications") return {Channel::alerts, ""};
  if (const auto channel = channel_of(last, false)) return {channel, ""};
  return {std::nullopt, percent_decode(last)};
}

std::string query_token(std::string_view query) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.starts_with("token=")) return percent_decode(pair.substr(6));
  }
  return {};
}

std::string_view bearer_token(std::string_view header) {
  constexpr std::string_view scheme = "bearer ";
  if (small_letters(header.substr(0, scheme.size())) != scheme) return {};
  header.remove_prefix(scheme.size());
  const std::size_t begin = std::min(header.find_first_not_of(' '), header.size());
  return header.substr(begin);
}

}  // namespace valtronics
