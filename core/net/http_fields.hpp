// SPDX-License-Identifier: Apache-2.0
// Header fields as a list, and what HTTP allows in them.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman::net {

using HttpFields = std::vector<std::pair<std::string, std::string>>;  // in order, names as sent

// RFC 9110 5.6.2: names of methods and fields.
bool is_token(std::string_view text);
// A value without control characters but the tab.
bool is_field_value(std::string_view text);
// Calls f(element) with each element of a value that is a comma-separated list, without surrounding blanks.
template <class F>
void for_each_element(std::string_view list, F&& f) {
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    std::string_view element = list.substr(from, comma - from);
    while (!element.empty() && (element.front() == ' ' || element.front() == '\t')) element.remove_prefix(1);
    while (!element.empty() && (element.back() == ' ' || element.back() == '\t')) element.remove_suffix(1);
    if (!element.empty()) f(element);
    from = comma + 1;
  }
}

// Removes what belongs to one connection and not to the message (RFC 9110 7.6.1): Connection and what it names,
// Keep-Alive, Proxy-..., TE, Trailer, Transfer-Encoding, Upgrade; and Content-Length, which the next sender makes.
void drop_connection_fields(HttpFields& fields);
// Removes all fields of that name, in any case.
void drop_field(HttpFields& fields, std::string_view name);
bool has_field(const HttpFields& fields, std::string_view name);

}  // namespace dragoman::net
