// SPDX-License-Identifier: Apache-2.0
#include "common/json_check.hpp"

#include <gtest/gtest.h>

namespace dialects {
namespace {

TEST(DialectsJsonCheck, OnlyOneWholeObjectPasses) {
  EXPECT_EQ(check_object(" \n{ } \t"), "{ }");
  EXPECT_EQ(check_object(R"({"a":[1e999,-0.0,true]})"), R"({"a":[1e999,-0.0,true]})");
  for (const char* text : {"", " ", "[]", "1", "null", "{", "}", "{}{}", "{} x", R"({"a":1,})", R"({'a':1})", "{a:1}",
                           "{\"a\":\"\xff\"}", "{\"a\":\"\n\"}", R"({"a":01})", "\xef\xbb\xbf{}"})
    EXPECT_FALSE(check_object(text)) << text;
}

TEST(DialectsJsonCheck, DeepNestingIsRefused) {
  const auto nested = [](std::size_t arrays) {
    return R"({"a":)" + std::string(arrays, '[') + std::string(arrays, ']') + "}";
  };
  EXPECT_TRUE(check_object(nested(deepest_json - 1)));
  EXPECT_FALSE(check_object(nested(deepest_json)));
  EXPECT_FALSE(check_object(std::string(1 << 20, '{')));
}

TEST(DialectsJsonCheck, AnyValueWithoutBlanks) {
  EXPECT_EQ(check_value(" 2e400\n"), "2e400");
  EXPECT_EQ(check_value("\t[1 , 2]"), "[1 , 2]");
  for (const char* text : {"", " \n", "1 2", "nul", "[1,]", "\"\xff\""}) EXPECT_FALSE(check_value(text)) << text;
}

TEST(DialectsJsonCheck, LenientTakesOneCommaMore) {
  for (const char* text : {"[1,]", R"({"a":[{},],})"}) {
    EXPECT_EQ(check_json(text, true), std::nullopt) << text;
    EXPECT_NE(check_json(text, false), std::nullopt) << text;
  }
  for (const char* text : {"[1,,]", "[,]", "1,", "[] []"}) EXPECT_NE(check_json(text, true), std::nullopt) << text;
  EXPECT_EQ(check_json("[[]]", false, 2), std::nullopt);
  EXPECT_NE(check_json("[[]]", false, 1), std::nullopt);
}

}  // namespace
}  // namespace dialects
