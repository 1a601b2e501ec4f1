// SPDX-License-Identifier: Apache-2.0
#include "common/json_string.hpp"

#include <gtest/gtest.h>

namespace dialects {
namespace {

TEST(DialectsJsonString, StringsAreEscapedAndRepaired) {
  EXPECT_EQ(quote(""), R"("")");
  EXPECT_EQ(quote("a\"b\\c/\n\r\t\x01\x1f\x7f"), "\"a\\\"b\\\\c/\\n\\r\\t\\u0001\\u001f\x7f\"");
  EXPECT_EQ(quote(std::string_view("\0", 1)), R"("\u0000")");
  EXPECT_EQ(quote("žluť 😀"), "\"žluť 😀\"");
  EXPECT_EQ(quote("a\xff\xfe"), "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(quote("\xe2\x82"), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(quote("\xe2\x82\"\xed\xa0\x80"), "\"\xef\xbf\xbd\\\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
  std::string out = "{";
  append_json_string(out, "a");
  EXPECT_EQ(out, R"({"a")");
}

TEST(DialectsJsonString, Reads) {
  EXPECT_EQ(read_string(R"("")"), "");
  EXPECT_EQ(read_string("\"žluť\""), "žluť");
  EXPECT_EQ(read_string(R"("a\u0000\/b")"), std::string("a\0/b", 4));
  EXPECT_EQ(read_string(R"("\ud83d\ude00")"), "😀");
  for (const char* bad : {"", "\"", "1", R"("a"b")", R"("\x")", R"("\")"}) EXPECT_FALSE(read_string(bad)) << bad;
}

}  // namespace
}  // namespace dialects
