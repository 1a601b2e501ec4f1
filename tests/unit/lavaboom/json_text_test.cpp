// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace lavaboom {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(LavaboomJsonText, StringsAreEscapedAndRepaired) {
  EXPECT_EQ(quoted(""), R"("")");
  EXPECT_EQ(quoted("a\"b\\c\n\r\t\x01\x1f"), R"("a\"b\\c\n\r\t\u0001\u001f")");
  EXPECT_EQ(quoted(std::string_view("\0", 1)), R"("\u0000")");
  EXPECT_EQ(quoted("žluť 😀"), "\"žluť 😀\"");
  EXPECT_EQ(quoted("a\xff\xfe"), "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(quoted("\xe2\x82"), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(quoted("\xe2\x82\"\xed\xa0\x80"), "\"\xef\xbf\xbd\\\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(LavaboomJsonText, OnlyOneWholeObjectPasses) {
  EXPECT_EQ(check_object(" \n{ } \t"), "{ }");
  EXPECT_EQ(check_object(R"({"a":[1e999,-0.0,true]})"), R"({"a":[1e999,-0.0,true]})");
  for (const char* text : {"", " ", "[]", "1", "null", "{", "}", "{}{}", "{} x", R"({"a":1,})", R"({'a':1})", "{a:1}",
                           "{\"a\":\"\xff\"}", "{\"a\":\"\n\"}", R"({"a":01})", "\xef\xbb\xbf{}"})
    EXPECT_FALSE(check_object(text)) << text;
}

TEST(LavaboomJsonText, DeepNestingIsRefused) {
  const auto nested = [](std::size_t arrays) {
    return R"({"a":)" + std::string(arrays, '[') + std::string(arrays, ']') + "}";
  };
  EXPECT_TRUE(check_object(nested(deepest_json - 1)));
  EXPECT_FALSE(check_object(nested(deepest_json)));
  EXPECT_FALSE(check_object(std::string(1 << 20, '{')));
}

TEST(LavaboomJsonText, ItemsInOrderWithBlanks) {
  Items members("{\"a\" : 1 ,\t\"\\u0062\":[ {\"a\":2}, 3 ] , \"c\":\"x,}\\\"\" }");
  ASSERT_TRUE(members.next());
  EXPECT_EQ(members.key(), "a");
  EXPECT_EQ(members.value(), "1");
  ASSERT_TRUE(members.next());
  EXPECT_EQ(members.key(), "b");
  std::vector<std::string_view> elements;
  for (Items items(members.value()); items.next();) elements.push_back(items.value());
  EXPECT_EQ(elements, (std::vector<std::string_view>{R"({"a":2})", "3"}));
  ASSERT_TRUE(members.next());
  EXPECT_NE(members.key(), "a");
  EXPECT_EQ(read_string(members.value()), "x,}\"");
  EXPECT_FALSE(members.next());
  for (const char* text : {"", "{", "{}", "[ ]", "1", "\"a\""}) EXPECT_FALSE(Items(text).next()) << text;
}

TEST(LavaboomJsonText, TheLastOfARepeatedMemberCounts) {
  EXPECT_EQ(find_member(R"({"a":1,"b":2,"\u0061":3})", "a"), "3");
  EXPECT_EQ(find_member(R"({"a":{"c":1}})", "c"), "");
  EXPECT_EQ(find_member(R"(["c"])", "c"), "");
}

}  // namespace
}  // namespace lavaboom
