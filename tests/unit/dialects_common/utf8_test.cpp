// SPDX-License-Identifier: Apache-2.0
#include "common/utf8.hpp"

#include <gtest/gtest.h>

namespace dialects {
namespace {

std::string valid(std::string_view text) {
  std::string out;
  append_valid_utf8(out, text);
  EXPECT_EQ(valid_utf8(text), out == text);
  return out;
}

TEST(DialectsUtf8, OneReplacementForTheBeginningOfACharacter) {
  EXPECT_EQ(valid("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(valid("\xf0\x9f\x98x"), "\xef\xbf\xbdx");
  EXPECT_EQ(valid("\xc0\x80"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(valid("\xf4\x90\x80\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(valid("\xf5\x80"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(valid("\x80"), "\xef\xbf\xbd");
  EXPECT_EQ(valid("\xe2\x82"), "\xef\xbf\xbd");
  EXPECT_EQ(valid("a\xc2"), "a\xef\xbf\xbd");
  EXPECT_EQ(valid(""), "");
}

TEST(DialectsUtf8, EdgesOfTheRanges) {
  for (const char* text : {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                           "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(valid_utf8(text)) << text;
  for (const char* text : {"\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80"})
    EXPECT_FALSE(valid_utf8(text)) << text;
}

}  // namespace
}  // namespace dialects
