// SPDX-License-Identifier: Apache-2.0
#include "translation/pointer.hpp"

#include <charconv>

namespace dragoman::translation {
namespace {

constexpr std::size_t deepest = 32;

}  // namespace

std::optional<Pointer> parse_pointer(std::string_view text, std::string& why) {
  Pointer out;
  if (text.empty()) return out;
  if (text.front() != '/') {
    why = "a JSON pointer begins with /";
    return std::nullopt;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '/') {
      if (out.size() == deepest) {
        why = "a JSON pointer has at most 32 levels";
        return std::nullopt;
      }
      out.emplace_back();
    } else if (text[i] != '~') {
      out.back() += text[i];
    } else if (++i < text.size() && (text[i] == '0' || text[i] == '1')) {
      out.back() += text[i] == '0' ? '~' : '/';
    } else {
      why = "in a JSON pointer ~ is followed by 0 (for ~) or 1 (for /)";
      return std::nullopt;
    }
  }
  return out;
}

std::optional<std::size_t> array_index(std::string_view token) {
  if (token.empty() || token.size() > 9 || (token.size() > 1 && token.front() == '0')) return std::nullopt;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return index;
}

}  // namespace dragoman::translation
