// SPDX-License-Identifier: Apache-2.0
#include "service/recent_ids.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dragoman::service {
namespace {

TEST(RecentIds, AnIdIsNewOnce) {
  RecentIds ids(10);
  EXPECT_TRUE(ids.insert("s", "a"));
  EXPECT_FALSE(ids.insert("s", "a"));
  EXPECT_TRUE(ids.insert("s", "b"));
  EXPECT_FALSE(ids.insert("s", "a"));
}

TEST(RecentIds, StreamsHaveIdsOfTheirOwn) {
  RecentIds ids(10);
  EXPECT_TRUE(ids.insert("s", "a"));
  EXPECT_TRUE(ids.insert("t", "a"));
  EXPECT_TRUE(ids.insert("a", "s"));
  EXPECT_TRUE(ids.insert("", "sa"));
  EXPECT_TRUE(ids.insert("sa", ""));
  EXPECT_FALSE(ids.insert("t", "a"));
}

TEST(RecentIds, AuthorsHaveIdsOfTheirOwn) {
  RecentIds ids(10);
  EXPECT_TRUE(ids.insert("s", "a", 1));
  EXPECT_TRUE(ids.insert("s", "a", 2));
  EXPECT_FALSE(ids.insert("s", "a", 1));
  EXPECT_FALSE(ids.insert("s", "a", 2));
}

TEST(RecentIds, TheOldestIsForgottenFirst) {
  RecentIds ids(3);
  for (const char* id : {"a", "b", "c", "d"}) EXPECT_TRUE(ids.insert("s", id));
  EXPECT_FALSE(ids.insert("s", "b"));
  EXPECT_FALSE(ids.insert("s", "d"));
  EXPECT_TRUE(ids.insert("s", "a")) << "a made room for d";
  EXPECT_TRUE(ids.insert("s", "b")) << "b made room for a";
  EXPECT_FALSE(ids.insert("s", "d"));
}

TEST(RecentIds, ManyRounds) {
  RecentIds ids(1000);
  for (int i = 0; i < 100000; ++i) ASSERT_TRUE(ids.insert("s", std::to_string(i)));
  for (int i = 99000; i < 100000; ++i) ASSERT_FALSE(ids.insert("s", std::to_string(i)));
  EXPECT_TRUE(ids.insert("s", "98999"));
}

}  // namespace
}  // namespace dragoman::service
