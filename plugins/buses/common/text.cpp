// SPDX-License-Identifier: Apache-2.0
#include "common/text.hpp"

#include <sys/random.h>

#include <cstdint>
#include <stdexcept>

namespace buses {
namespace {

bool is_plain(char32_t c) {
  return c >= 0x20 && (c < 0x7f || c > 0x9f) && (c < 0xfdd0 || c > 0xfdef) && (c & 0xfffe) != 0xfffe;
}

template <class Allowed>
bool all_of(std::string_view text, Allowed&& allowed) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    std::size_t more;
    char32_t c, least;
    if (lead < 0x80) {
      more = 0, c = lead, least = 0;
    } else if (lead >= 0xc2 && lead <= 0xdf) {
      more = 1, c = lead & 0x1f, least = 0x80;
    } else if (lead >= 0xe0 && lead <= 0xef) {
      more = 2, c = lead & 0x0f, least = 0x800;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      more = 3, c = lead & 0x07, least = 0x10000;
    } else {
      return false;
    }
    if (text.size() - i <= more) return false;
    for (std::size_t k = 1; k <= more; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + k]);
      if ((byte & 0xc0) != 0x80) return false;
      c = c << 6 | (byte & 0x3f);
    }
    if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || !allowed(c)) return false;
    i += more + 1;
  }
  return true;
}

}  // namespace

bool is_utf8(std::string_view text) {
  return all_of(text, [](char32_t c) { return c != 0; });
}

bool is_text(std::string_view text) {
  return all_of(text, is_plain);
}

std::string shown(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, 128)) out += c > 0x1f && c < 0x7f ? c : '?';
  return out + (text.size() > 128 ? "...\"" : "\"");
}

std::string random_id() {
  unsigned char bytes[16];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) throw std::runtime_error("no random numbers");
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace buses
