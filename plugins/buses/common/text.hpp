// SPDX-License-Identifier: Apache-2.0
// Text of brokers. Any thread.
#pragma once
#include <string>
#include <string_view>

namespace buses {

// UTF-8 as RFC 3629 has it, without NUL.
bool is_utf8(std::string_view text);
// Such text without control characters and non-characters, which some brokers close connections for.
bool is_text(std::string_view text);
// In quotes, on one line and cut to a readable length, for a sentence.
std::string shown(std::string_view text);
// 32 hexadecimal digits.
std::string random_id();
// Of ASCII letters only.
std::string lower(std::string text);

}  // namespace buses
