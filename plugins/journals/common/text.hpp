// SPDX-License-Identifier: Apache-2.0
// Text of the boundary.
#pragma once
#include <dragoman/plugin.h>

#include <string>
#include <string_view>

namespace journals {

// Never a null pointer: databases take that for NULL.
inline std::string_view view(dgm_str s) noexcept {
  return s.len ? std::string_view(s.ptr, s.len) : std::string_view("");
}

// UTF-8 as RFC 3629 has it, without NUL: what every database stores and compares alike.
bool is_text(std::string_view s) noexcept;

// In quotes and on one line, for a sentence; long text is cut.
std::string shown(std::string_view s);

}  // namespace journals
