// SPDX-License-Identifier: Apache-2.0
#include "common/json_items.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "common/json_string.hpp"

namespace dialects {
namespace {

TEST(DialectsJsonItems, ItemsInOrderWithBlanks) {
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

TEST(DialectsJsonItems, TheLastOfARepeatedMemberCounts) {
  EXPECT_EQ(find_member(R"({"a":1,"b":2,"\u0061":3})", "a"), "3");
  EXPECT_EQ(find_member(R"({"a":{"c":1}})", "c"), "");
  EXPECT_EQ(find_member(R"(["c"])", "c"), "");
}

TEST(DialectsJsonItems, DamageEndsThem) {
  const auto whole = [](std::string_view text) {
    Items items(text);
    while (items.next()) EXPECT_FALSE(items.whole());
    EXPECT_FALSE(items.next());
    return items.whole();
  };
  for (const char* text : {"[]", "{ }", "[ 1 , [2] ]", R"({"a":1,"\u0062":"]"})"}) EXPECT_TRUE(whole(text)) << text;
  for (const char* text : {"", "1", "[", "]", "{]", "[1,]", "[,]", "[,1]", "[[1]", "[\"a]", "[1 2]", "[1}", R"({"a"})",
                           R"({"a":})", R"({"a":1,})", R"({a:1})", R"({"\x":1})", R"({"a":1 "b":2})"})
    EXPECT_FALSE(whole(text)) << text;
}

}  // namespace
}  // namespace dialects
