// SPDX-License-Identifier: Apache-2.0
// Text of topics and properties. Any thread.
#pragma once
#include <string>
#include <string_view>

namespace mqtt {

// UTF-8 without control characters and non-characters, which brokers close connections for.
bool is_text(std::string_view text);
// On one line and cut to a readable length, for a sentence.
std::string shown(std::string_view text);
// 32 hexadecimal digits.
std::string random_id();

}  // namespace mqtt
