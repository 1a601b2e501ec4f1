// SPDX-License-Identifier: Apache-2.0
#include "topic.hpp"

#include <gtest/gtest.h>

namespace mqtt {
namespace {

TEST(Topic, LevelsAreTokens) {
  EXPECT_EQ(key_of("valtronics/TEMP-001/telemetry"), "valtronics.TEMP-001.telemetry");
  EXPECT_EQ(key_of("a.b/50%/c"), "a%2Eb.50%25.c");
  EXPECT_EQ(key_of("/a//b/"), ".a..b.");
  EXPECT_EQ(key_of("%2E"), "%252E");
}

TEST(Topic, TheKeyLeadsBack) {
  for (const char* topic :
       {"a", "/", "a/b", "a.b/c", "%", "%25/%2E", "a//b", "/a/", "...", "*/x", "\xc3\xa4 b", "$SYS/x"})
    EXPECT_EQ(topic_of(key_of(topic)), topic);
}

TEST(Topic, KeysThatOthersHaveWritten) {
  EXPECT_EQ(topic_of("a/b.c"), "a/b/c");
  EXPECT_EQ(topic_of("a%2eb"), "a.b");
  EXPECT_EQ(topic_of("100%"), "100%");
  EXPECT_EQ(topic_of("a%2Fb"), "a%2Fb");
}

TEST(Topic, WhatNoTopicCanSay) {
  for (const std::string& key :
       {std::string(), std::string("a.+"), std::string("#"), std::string("a#b"), std::string("a\0b", 3),
        std::string("\xff"), std::string("a\nb"), std::string(65536, 'x'), std::string(128, '.')})
    EXPECT_EQ(topic_of(key), std::nullopt) << key.substr(0, 10);
  EXPECT_TRUE(topic_of(std::string(127, '.')));
  EXPECT_TRUE(topic_of(std::string(65535, 'x')));
}

TEST(Topic, PatternsAreFilters) {
  const auto pattern = [](std::string_view key) { return filter_of(key, false); };
  EXPECT_EQ(pattern("#"), "#");
  EXPECT_EQ(pattern("*"), "+");
  EXPECT_EQ(pattern("a.*.b.#"), "a/+/b/#");
  EXPECT_EQ(pattern("a.#.b"), "a/#");
  EXPECT_EQ(pattern("a.*x"), "a/*x");
  EXPECT_EQ(pattern("a%2Eb.%25"), "a.b/%");
  EXPECT_EQ(pattern("..*"), "//+");
  EXPECT_EQ(pattern("$SYS.broker.#"), "$SYS/broker/#");
}

TEST(Topic, ALiteralKeyHasNoWildcards) {
  const auto literal = [](std::string_view key) { return filter_of(key, true); };
  EXPECT_EQ(literal("a.*"), "a/*");
  EXPECT_EQ(literal("a.#"), std::nullopt);
  EXPECT_EQ(literal("#"), std::nullopt);
}

TEST(Topic, WhatNoTopicCanMatchIsNotAskedFor) {
  for (const bool literal : {false, true})
    for (const char* key : {"", "a+b", "+", "a#", "a/b", "%41", "%", "%2e", "a\nb", "\xff", "$share.group.a",
                            "$queue.a", "$SYSTEM.a", "$"})
      EXPECT_EQ(filter_of(key, literal), std::nullopt) << key;
  EXPECT_EQ(filter_of(std::string(70000, 'a'), true), std::nullopt);
  EXPECT_EQ(filter_of(std::string(128, '.'), true), std::nullopt);
  EXPECT_TRUE(filter_of(std::string(127, '.'), true));
}

}  // namespace
}  // namespace mqtt
