// SPDX-License-Identifier: Apache-2.0
#include "endpoint.hpp"

#include <algorithm>

#include "common/percent.hpp"
#include "filter.hpp"

namespace valtronics {
Endpoint read_endpoint(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  const std::string_view last = path.substr(slash == path.npos ? 0 : slash + 1);
  if (last == "ws") return {};
  if (last == "notifications") return {Channel::alerts, ""};
  if (const auto channel = channel_of(last, false)) return {channel, ""};
  return {std::nullopt, dialects::percent_decode(last, dialects::Plus::itself)};
}

std::string query_token(std::string_view query) {
  while (!query.empty()) {
    const std::string_view pair = dialects::cut(query, '&');
    if (pair.starts_with("token=")) return dialects::percent_decode(pair.substr(6), dialects::Plus::itself);
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
