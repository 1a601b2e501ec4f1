// SPDX-License-Identifier: Apache-2.0
#include "codec/utf8.hpp"

#include <cstring>

namespace dragoman::codec {

bool Utf8Validator::feed(std::string_view piece) {
  const char* p = piece.data();
  const char* const end = p + piece.size();
  while (p != end) {
    if (!missing_) {
      while (end - p >= 8) {
        std::uint64_t word;
        std::memcpy(&word, p, 8);
        if (word & 0x8080808080808080ull) break;
        p += 8;
      }
      if (p == end) return true;
    }
    const auto c = static_cast<std::uint8_t>(*p++);
    if (missing_) {
      if (c < low_ || c > high_) return false;
      low_ = 0x80;
      high_ = 0xbf;
      --missing_;
    } else if (c >= 0x80) {
      if (c >= 0xc2 && c <= 0xdf) {
        missing_ = 1;
      } else if (c >= 0xe0 && c <= 0xef) {
        missing_ = 2;
        if (c == 0xe0) low_ = 0xa0;
        if (c == 0xed) high_ = 0x9f;
      } else if (c >= 0xf0 && c <= 0xf4) {
        missing_ = 3;
        if (c == 0xf0) low_ = 0x90;
        if (c == 0xf4) high_ = 0x8f;
      } else {
        return false;
      }
    }
  }
  return true;
}

bool valid_utf8(std::string_view text) {
  Utf8Validator v;
  return v.feed(text) && v.complete();
}

std::string_view cut_utf8(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most && (static_cast<std::uint8_t>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace dragoman::codec
