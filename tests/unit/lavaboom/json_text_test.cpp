// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"
#include "common/json_string.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace lavaboom {
namespace {

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
  EXPECT_EQ(dialects::read_string(members.value()), "x,}\"");
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
