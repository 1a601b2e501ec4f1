// SPDX-License-Identifier: Apache-2.0
// What others sent, for one line of output. Any thread.
#pragma once
#include <string>
#include <string_view>

namespace dragoman::cli {

enum class Escape {
  line_ends,  // only what would break the line
  terminal,   // everything a terminal could obey: control characters, those that turn the direction of writing, and
              // bytes that are not UTF-8
};

std::string printable(std::string_view text, Escape escape = Escape::terminal);

// "<binary 3 bytes> AQID", or in hexadecimal digits
std::string printable_binary(std::string_view bytes, bool hexadecimal);

}  // namespace dragoman::cli
