// SPDX-License-Identifier: Apache-2.0
#include "service/registry.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace dragoman::service {
namespace {

std::string ids(const std::vector<RegisteredPtr>& entries) {
  std::string out;
  for (const auto& entry : entries) out += (out.empty() ? "" : " ") + entry->id;
  return out;
}

TEST(Registry, ListsInTheOrderOfTheFirstPut) {
  Registry registry;
  ASSERT_TRUE(registry.put({3, "c", "g", "1"}));
  ASSERT_TRUE(registry.put({1, "a", "g", "1"}));
  ASSERT_TRUE(registry.put({2, "b", "h", "1"}));
  ASSERT_TRUE(registry.put({3, "c", "g", "2"}));
  EXPECT_EQ(ids(registry.all()), "c a b");
  EXPECT_EQ(ids(registry.of_group("g")), "c a");
  EXPECT_EQ(ids(registry.of_group("nobody")), "");
  EXPECT_EQ(registry.find("c")->data, "2");
  EXPECT_EQ(registry.of_session(2)->id, "b");
}

TEST(Registry, AnIdBelongsToOneSession) {
  Registry registry;
  ASSERT_TRUE(registry.put({1, "a", "", ""}));
  EXPECT_FALSE(registry.put({2, "a", "", ""}));
  ASSERT_TRUE(registry.put({2, "b", "", ""}));
  EXPECT_FALSE(registry.put({2, "a", "", ""}));
  EXPECT_EQ(registry.find("b")->session, 2u) << "a refused put changes nothing";
  EXPECT_TRUE(registry.remove(1));
  EXPECT_TRUE(registry.put({2, "a", "", ""}));
  EXPECT_EQ(registry.find("b"), nullptr);
}

TEST(Registry, GroupsFollowTheirSessions) {
  Registry registry;
  ASSERT_TRUE(registry.put({1, "a", "", ""}));
  ASSERT_TRUE(registry.put({1, "a", "g", ""}));
  EXPECT_EQ(ids(registry.of_group("")), "");
  EXPECT_EQ(ids(registry.of_group("g")), "a");
  EXPECT_TRUE(registry.remove(1));
  EXPECT_FALSE(registry.remove(1));
  EXPECT_EQ(registry.size(), 0u);
  EXPECT_EQ(ids(registry.of_group("g")), "");
}

TEST(Registry, ManyThreads) {
  Registry registry;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 500; ++i) {
        const std::uint64_t session = t * 1000 + i + 1;
        ASSERT_TRUE(registry.put({session, std::to_string(session), std::to_string(i % 3), "x"}));
        if (i % 2) {
          ASSERT_TRUE(registry.remove(session));
        }
        (void)registry.of_group("1");
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(registry.size(), 1000u);
}

}  // namespace
}  // namespace dragoman::service
