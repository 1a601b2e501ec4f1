// SPDX-License-Identifier: Apache-2.0
// Patterns of keys as the patterns that Redis knows. Those made here have no other wildcard than '*', which stands for
// any text, dots and nothing included. Any thread.
#pragma once
#include <string>
#include <string_view>

namespace redis {

// Of a key, or of a channel: the pattern that fits it and nothing else.
std::string literal_glob(std::string_view text);
// The pattern that fits every key which the key pattern fits, and perhaps more: it has few wildcards, because matching
// many of them would keep the server busy.
std::string glob_of(std::string_view key_pattern);

// Functions of patterns as made above.
bool fits(std::string_view glob, std::string_view text);
// Every text of b is one of a.
bool covers(std::string_view a, std::string_view b);
// Some text is one of both.
bool overlap(std::string_view a, std::string_view b);

}  // namespace redis
