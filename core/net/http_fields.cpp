// SPDX-License-Identifier: Apache-2.0
#include "net/http_fields.hpp"

#include <algorithm>

#include "net/http_request.hpp"

namespace dragoman::net {

bool is_token(std::string_view text) {
  static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7f : c == '\t'; });
}

void drop_connection_fields(HttpFields& fields) {
  static constexpr std::string_view names[] = {"connection", "content-length",    "keep-alive", "te",
                                               "trailer",    "transfer-encoding", "upgrade"};
  std::vector<std::string> named;
  for (const auto& [name, value] : fields)
    if (equal_ignoring_case(name, "connection"))
      for_each_element(value, [&](std::string_view element) { named.emplace_back(element); });
  std::erase_if(fields, [&](const auto& field) {
    const auto same = [&](std::string_view name) { return equal_ignoring_case(field.first, name); };
    return std::any_of(std::begin(names), std::end(names), same) || std::any_of(named.begin(), named.end(), same) ||
           equal_ignoring_case(std::string_view(field.first).substr(0, 6), "proxy-");
  });
}

void drop_field(HttpFields& fields, std::string_view name) {
  std::erase_if(fields, [&](const auto& field) { return equal_ignoring_case(field.first, name); });
}

bool has_field(const HttpFields& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const auto& field) { return equal_ignoring_case(field.first, name); });
}

}  // namespace dragoman::net
