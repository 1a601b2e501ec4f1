// SPDX-License-Identifier: Apache-2.0
// Names of HTTP headers, for which case does not count.
#pragma once
#include <algorithm>
#include <string_view>

namespace dragoman::config {

inline bool same_header(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace dragoman::config
