// SPDX-License-Identifier: Apache-2.0
#include "common/percent.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dialects {
namespace {

TEST(DialectsPercent, Decodes) {
  EXPECT_EQ(percent_decode("a%2Fb+%c3%A9", Plus::itself), "a/b+\xc3\xa9");
  EXPECT_EQ(percent_decode("a+%2B", Plus::blank), "a +");
  EXPECT_EQ(percent_decode("%00", Plus::itself), std::string(1, '\0'));
  for (const char* text : {"", "%", "%4", "%zz", "%4g", "%g4", "a%"}) {
    EXPECT_EQ(percent_decode(text, Plus::blank), text);
    EXPECT_EQ(valid_escapes(text), *text == '\0') << text;
  }
  EXPECT_EQ(percent_decode("%%41", Plus::itself), "%A");
  EXPECT_TRUE(valid_escapes("%41%2fx+"));
  EXPECT_FALSE(valid_escapes("%41%%41"));
}

TEST(DialectsPercent, Encodes) {
  std::string out;
  for (const char c : {' ', '\xff', '\0'}) append_percent(out, c);
  EXPECT_EQ(out, "%20%FF%00");
}

TEST(DialectsPercent, Cuts) {
  std::string_view rest = "a,,b,";
  std::vector<std::string_view> parts;
  while (!rest.empty()) parts.push_back(cut(rest, ','));
  EXPECT_EQ(parts, (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(cut(rest, ','), "");
}

TEST(DialectsPercent, PairsOfAQuery) {
  std::string_view query = "&a=1=2&b&c=&=d&t%6fken=a%2Fb+c%zz;e=1";
  const auto expect = [&](std::string_view name, std::string_view value) {
    const auto pair = next_pair(query);
    ASSERT_TRUE(pair) << name;
    EXPECT_EQ(pair->name, name);
    EXPECT_EQ(pair->value, value);
  };
  expect("a", "1=2");
  expect("", "d");
  expect("token", "a/b c%zz;e=1");
  EXPECT_FALSE(next_pair(query));
}

}  // namespace
}  // namespace dialects
