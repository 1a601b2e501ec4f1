// SPDX-License-Identifier: Apache-2.0
#include "codec/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dragoman::codec {
namespace {

std::string encode(std::uint32_t c) {
  std::string s;
  if (c < 0x80) return s += static_cast<char>(c);
  if (c < 0x800) return (s += static_cast<char>(0xc0 | c >> 6)) += static_cast<char>(0x80 | (c & 63));
  if (c < 0x10000) s += static_cast<char>(0xe0 | c >> 12);
  if (c >= 0x10000) (s += static_cast<char>(0xf0 | c >> 18)) += static_cast<char>(0x80 | (c >> 12 & 63));
  return (s += static_cast<char>(0x80 | (c >> 6 & 63))) += static_cast<char>(0x80 | (c & 63));
}

TEST(Utf8, EveryCodePointAndNoSurrogate) {
  for (std::uint32_t c = 0; c < 0x120000; ++c) {
    const bool legal = c < 0xd800 || (c > 0xdfff && c < 0x110000);
    ASSERT_EQ(valid_utf8(encode(c)), legal) << std::hex << c;
  }
}

TEST(Utf8, OverlongAndBrokenForms) {
  for (const char* s :
       {"\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\x80", "\xbf",
        "\xfe", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3\x28", "\xe2\x28\xa1", "abcdefgh\xff", "12345678\x80"})
    EXPECT_FALSE(valid_utf8(s)) << s;
}

TEST(Utf8, PiecesGiveTheSameAnswer) {
  const std::string text = "plain ASCII for a while, \xce\xba\xf0\x9f\x98\x80 and again";
  for (std::size_t i = 0; i <= text.size(); ++i) {
    Utf8Validator v;
    EXPECT_TRUE(v.feed(std::string_view(text).substr(0, i)) && v.feed(std::string_view(text).substr(i)) && v.complete())
        << i;
  }
}

TEST(Utf8, CutsAtACharacter) {
  EXPECT_EQ(cut_utf8("a\xc3\xa9z", 2), "a");
  EXPECT_EQ(cut_utf8("a\xc3\xa9z", 3), "a\xc3\xa9");
  EXPECT_EQ(cut_utf8("abc", 9), "abc");
}

}  // namespace
}  // namespace dragoman::codec
