// SPDX-License-Identifier: Apache-2.0
// Names and values of HTTP headers (lavaboom digest section 5). Any thread, no state.
#pragma once
#include <set>
#include <string>
#include <string_view>

namespace lavaboom {

// RFC 9110: methods and header names.
bool is_token(std::string_view text);

bool same_name(std::string_view a, std::string_view b);

// A header that a client's request may carry to the upstream. What concerns the connection or the length of the body is
// the gateway's matter, and so is what it says of the client.
bool may_forward(std::string_view name);

// Free of control characters.
bool is_header_value(std::string_view value);

// A header of the upstream's answer that says something of its connection or of the length of its body.
bool concerns_connection(std::string_view name);

// Adds the canonical names that the value of a Connection header lists.
void add_listed(std::set<std::string>& names, std::string_view value);

// The canonical names that the Connection headers list: they concern the connection too. headers: pairs of name and
// value.
std::set<std::string> listed_by_connection(const auto& headers) {
  std::set<std::string> names;
  for (const auto& [name, value] : headers)
    if (same_name(name, "Connection")) add_listed(names, value);
  return names;
}

// What X-Forwarded-For says. peer: as the host gives it, with port, and with brackets around IPv6.
std::string_view client_address(std::string_view peer);

// As the source writes names: a letter at the front and behind '-' in upper case, others in lower case. What is no
// token stays.
std::string canonical_name(std::string_view name);

}  // namespace lavaboom
