// SPDX-License-Identifier: Apache-2.0
// UTF-8 as RFC 3629 has it. Any thread, no state.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace dialects {

inline constexpr std::string_view replacement_character = "\xef\xbf\xbd";

// Bytes of the character at the front of `text`, which is not empty; 0: there is none. `beginning` is then the length
// of what began like one, at least 1.
std::size_t character_size(std::string_view text, std::size_t& beginning);

bool valid_utf8(std::string_view text);

// Appends text with one replacement character for every ill-formed sequence: what began like a character is one.
void append_valid_utf8(std::string& out, std::string_view text);

}  // namespace dialects
