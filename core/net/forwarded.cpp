// SPDX-License-Identifier: Apache-2.0
#include "net/forwarded.hpp"

#include <optional>

namespace dragoman::net {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Cuts off what stands behind the last separator outside of quotes. From the end, since a quote that a client has left
// open must not swallow what a proxy has added.
std::string_view take_last(std::string_view& list, char separator) {
  bool quoted = false;
  for (std::size_t at = list.size(); at-- > 0;) {
    if (list[at] == '"' && (at == 0 || list[at - 1] != '\\')) quoted = !quoted;
    if (list[at] != separator || quoted) continue;
    const std::string_view last = list.substr(at + 1);
    list = list.substr(0, at);
    return trimmed(last);
  }
  const std::string_view last = list;
  list = {};
  return trimmed(last);
}

// The parameter "for" of an element; none: it is missing, twice there or not well-formed.
std::optional<std::string_view> for_parameter(std::string_view element) {
  std::optional<std::string_view> found;
  while (!element.empty()) {
    const std::string_view parameter = take_last(element, ';');
    if (parameter.size() < 4 || !equal_ignoring_case(parameter.substr(0, 4), "for=")) continue;
    std::string_view value = parameter.substr(4);
    if (found) return std::nullopt;
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    found = value;
  }
  return found;
}

}  // namespace

std::string forwarded_client(const HttpRequest& request, std::string_view header, const AddressSet& trusted,
                             std::string_view peer) {
  std::string client(peer);
  const bool has_parameters = equal_ignoring_case(header, "Forwarded");
  for (auto line = request.headers.rbegin(); line != request.headers.rend(); ++line) {
    if (!equal_ignoring_case(line->first, header)) continue;
    for (std::string_view list = line->second; !list.empty();) {
      const std::string_view element = take_last(list, ',');
      if (element.empty()) continue;
      const auto address = has_parameters ? for_parameter(element) : element;
      const auto endpoint = address ? base::IpEndpoint::parse(*address) : std::nullopt;
      if (!endpoint) return client;
      client = endpoint->text();
      if (!trusted.contains(endpoint->address)) return client;
    }
  }
  return client;
}

}  // namespace dragoman::net
