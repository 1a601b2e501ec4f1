// SPDX-License-Identifier: Apache-2.0
#include "common/percent.hpp"

#include <algorithm>

namespace dialects {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool escape_at(std::string_view s, std::size_t at) {
  return s[at] == '%' && at + 2 < s.size() && hex(s[at + 1]) >= 0 && hex(s[at + 2]) >= 0;
}

}  // namespace

bool valid_escapes(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '%' && !escape_at(text, i)) return false;
  return true;
}

std::string percent_decode(std::string_view text, Plus plus) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (escape_at(text, i)) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' && plus == Plus::blank ? ' ' : text[i];
    }
  }
  return out;
}

void append_percent(std::string& out, char c) {
  static constexpr char digits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

std::string_view cut(std::string_view& rest, char separator) {
  const std::string_view part = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return part;
}

std::optional<QueryPair> next_pair(std::string_view& query) {
  while (!query.empty()) {
    std::string_view value = cut(query, '&');
    const std::string_view name = cut(value, '=');
    if (!value.empty()) return QueryPair{percent_decode(name, Plus::blank), percent_decode(value, Plus::blank)};
  }
  return std::nullopt;
}

}  // namespace dialects
