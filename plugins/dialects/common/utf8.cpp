// SPDX-License-Identifier: Apache-2.0
#include "common/utf8.hpp"

namespace dialects {
namespace {

// The length of the well-formed text at the front; `beginning` is of what follows it.
std::size_t valid_prefix(std::string_view text, std::size_t& beginning) {
  std::size_t good = 0;
  while (good < text.size()) {
    const std::size_t size = character_size(text.substr(good), beginning);
    if (size == 0) break;
    good += size;
  }
  return good;
}

}  // namespace

std::size_t character_size(std::string_view text, std::size_t& beginning) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  beginning = 1;
  if (lead < 0x80) return 1;
  const std::size_t size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (size == 0) return 0;
  unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  for (; beginning < size; ++beginning, low = 0x80, high = 0xbf)
    if (beginning >= text.size() || at(beginning) < low || at(beginning) > high) return 0;
  return size;
}

bool valid_utf8(std::string_view text) {
  std::size_t beginning = 0;
  return valid_prefix(text, beginning) == text.size();
}

void append_valid_utf8(std::string& out, std::string_view text) {
  while (!text.empty()) {
    std::size_t beginning = 0;
    const std::size_t good = valid_prefix(text, beginning);
    out.append(text.substr(0, good));
    if (good == text.size()) return;
    out.append(replacement_character);
    text.remove_prefix(good + beginning);
  }
}

}  // namespace dialects
