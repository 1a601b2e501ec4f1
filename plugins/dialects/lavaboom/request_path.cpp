// SPDX-License-Identifier: Apache-2.0
#include "request_path.hpp"

#include <algorithm>
#include <vector>

#include "common/percent.hpp"

namespace lavaboom {
namespace {

// What a lenient server may make of a decoded path: no empty segments, "." and ".." resolved.
std::string tidy(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const std::string_view segment = dialects::cut(path, '/');
    if (segment.empty() || segment == ".") continue;
    if (segment != "..")
      segments.push_back(segment);
    else if (!segments.empty())
      segments.pop_back();
  }
  std::string out;
  for (const std::string_view segment : segments) out.append("/").append(segment);
  return out;
}

bool at_or_below(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

bool unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::optional<std::string> check_path(std::string_view given, std::string_view sockjs_prefix, std::string_view& why) {
  if (!given.starts_with('/')) {
    why = "The path must begin with /";
    return std::nullopt;
  }
  std::string out;
  out.reserve(given.size());
  for (const char c : given) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) {
      why = "The path contains a blank or control character";
      return std::nullopt;
    }
    if (byte >= 0x80)
      dialects::append_percent(out, c);
    else
      out += c;
  }
  out.resize(std::min(out.find('#'), out.size()));
  const std::string_view path = std::string_view(out).substr(0, out.find('?'));
  if (!dialects::valid_escapes(path)) {
    why = "The path contains an invalid escape";
    return std::nullopt;
  }
  // Otherwise a message could travel in a circle, each round inside the next.
  if (at_or_below(path, sockjs_prefix) ||
      at_or_below(tidy(dialects::percent_decode(path, dialects::Plus::itself)), sockjs_prefix)) {
    why = "The path belongs to the SockJS endpoint";
    return std::nullopt;
  }
  return out;
}

std::optional<std::string> path_segment(std::string_view id) {
  if (id.empty() || id == "." || id == "..") return std::nullopt;
  std::string out;
  for (const char c : id) {
    if (unreserved(c))
      out += c;
    else
      dialects::append_percent(out, c);
  }
  return out;
}

}  // namespace lavaboom
