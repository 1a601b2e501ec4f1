// SPDX-License-Identifier: Apache-2.0
// Strings of JSON (RFC 8259 section 7). Any thread, no state.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace dialects {

// Appends a JSON string in which only what must be escaped is: equal texts give equal bytes. Takes any bytes, see
// append_valid_utf8.
void append_json_string(std::string& out, std::string_view text);
std::string quote(std::string_view text);

// The text of a JSON string; nothing: it is none.
std::optional<std::string> read_string(std::string_view value);

}  // namespace dialects
