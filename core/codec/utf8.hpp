// SPDX-License-Identifier: Apache-2.0
// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once
#include <cstdint>
#include <string_view>

namespace dragoman::codec {

// Checks text that comes in pieces; fails at the first byte that cannot belong to valid text (RFC 6455 8.1).
class Utf8Validator {
 public:
  // False once the text is invalid.
  bool feed(std::string_view piece);
  // True when the text does not end inside a character.
  bool complete() const { return missing_ == 0; }
  void reset() { missing_ = 0; }

 private:
  std::uint8_t missing_ = 0;               // continuation bytes still to come
  std::uint8_t low_ = 0x80, high_ = 0xbf;  // range of the next one
};

bool valid_utf8(std::string_view text);
// The longest prefix of at most `most` bytes that does not end inside a character. `text` is valid UTF-8.
std::string_view cut_utf8(std::string_view text, std::size_t most);

}  // namespace dragoman::codec
