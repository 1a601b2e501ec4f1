// SPDX-License-Identifier: Apache-2.0
// Whether bytes are text that a configuration may hold.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace dragoman::config {

struct TextProblem {
  std::size_t offset = 0;  // of the first bad byte
  std::string message;     // empty: the text is good
};

// UTF-8 (RFC 3629) without control characters other than tab, line feed and carriage return.
TextProblem check_text(std::string_view text);

}  // namespace dragoman::config
