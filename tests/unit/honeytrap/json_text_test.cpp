// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"

#include <gtest/gtest.h>

namespace honeytrap {
namespace {

std::string compact(std::string_view text) {
  std::string out;
  append_compact(out, text);
  return out;
}

TEST(HoneytrapJson, BlanksAndCommasGo) {
  EXPECT_EQ(compact("\t{ \"a , ] \\\" }\" :\r\n[ 1 , 2 , ] , }"), "{\"a , ] \\\" }\":[1,2]}");
  EXPECT_EQ(compact(" 1 "), "1");
}

TEST(HoneytrapJson, Elements) {
  EXPECT_EQ(read_elements("[]"), std::vector<std::string_view>());
  EXPECT_EQ(read_elements(R"([1,"],",{"a":[1,2]},[[]],null])"),
            (std::vector<std::string_view>{"1", R"("],")", R"({"a":[1,2]})", "[[]]", "null"}));
  for (const char* bad : {"", "[", "]", "[1,]", "[,]", "[,1]", "[[1]", "[\"a]", "{}"})
    EXPECT_FALSE(read_elements(bad)) << bad;
}

TEST(HoneytrapJson, ManyEqualKeysAreNoTrouble) {
  std::string text = "{";
  for (int i = 0; i < 50'000; ++i) text += "\"k" + std::to_string(i % 3) + "\":" + std::to_string(i) + ",";
  text.back() = '}';
  const auto members = read_members(text);
  ASSERT_TRUE(members);
  ASSERT_EQ(members->size(), 3u);
  EXPECT_EQ((*members)[0].key, "k0");
  EXPECT_EQ((*members)[0].value, "49998");
  EXPECT_EQ((*members)[1].value, "49999");
}

}  // namespace
}  // namespace honeytrap
