// SPDX-License-Identifier: Apache-2.0
// Percent-encoding (RFC 3986 section 2.1) and the pairs of a query. Any thread, no state.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace dialects {

// Every % is followed by two hexadecimal digits.
bool valid_escapes(std::string_view text);

// An invalid escape stays as it is. The result may be any bytes.
enum class Plus { itself, blank };
std::string percent_decode(std::string_view text, Plus plus);

void append_percent(std::string& out, char c);

// Takes off what stands before the first `separator`, and the separator.
std::string_view cut(std::string_view& rest, char separator);

struct QueryPair {
  std::string name, value;
};
// Takes the next pair name=value off an HTML form's query and decodes it. A pair without a value is as if it were not
// there. Nothing: there are no more.
std::optional<QueryPair> next_pair(std::string_view& query);

}  // namespace dialects
