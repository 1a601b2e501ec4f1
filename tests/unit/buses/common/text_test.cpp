// SPDX-License-Identifier: Apache-2.0
#include "common/text.hpp"

#include <gmock/gmock.h>

namespace buses {
namespace {

TEST(BusText, Utf8) {
  for (const char* text : {"", "a", "gr\xc3\xbc\xc3\x9f", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
    EXPECT_TRUE(is_text(text)) << text;
  }
  for (const char* text :
       {"\x80", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8", "\xff"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
    EXPECT_FALSE(is_text(text)) << text;
  }
  for (const char* text : {"a\nb", "\x7f", "\xc2\x85", "\xef\xbf\xbf", "\xef\xb7\x90"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
    EXPECT_FALSE(is_text(text)) << text;
  }
  EXPECT_FALSE(is_utf8(std::string_view("a\0b", 3)));
}

TEST(BusText, InASentence) {
  EXPECT_EQ(shown("a\n\xff"), "\"a??\"");
  EXPECT_EQ(shown(std::string(200, 'x')), std::string(1, '"').append(128, 'x') + "...\"");
}

}  // namespace
}  // namespace buses
