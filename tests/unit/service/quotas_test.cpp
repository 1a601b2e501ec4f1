// SPDX-License-Identifier: Apache-2.0
#include "service/quotas.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace dragoman::service {
namespace {

TEST(Quotas, WithoutLimitsEverybodyIsAdmitted) {
  Quotas quotas;
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(quotas.admit("a", 0).admitted);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(quotas.add_user("u"));
  EXPECT_EQ(quotas.sessions(), 1000u);
}

TEST(Quotas, ConnectionsInAll) {
  Quotas quotas;
  quotas.set({2, 0, 0, 0});
  EXPECT_TRUE(quotas.admit("a", 0).admitted);
  EXPECT_TRUE(quotas.admit("b", 0).admitted);
  const auto refused = quotas.admit("c", 0);
  EXPECT_FALSE(refused.admitted);
  EXPECT_EQ(refused.quota, Quota::connections);
  EXPECT_GE(refused.retry_after_s, 1u);
  quotas.leave("a");
  EXPECT_TRUE(quotas.admit("c", 0).admitted);
  EXPECT_EQ(quotas.refusals(Quota::connections), 1u);
}

TEST(Quotas, ConnectionsOfAnAddress) {
  Quotas quotas;
  quotas.set({3, 2, 0, 0});
  EXPECT_TRUE(quotas.admit("a", 0).admitted);
  EXPECT_TRUE(quotas.admit("a", 0).admitted);
  EXPECT_EQ(quotas.admit("a", 0).quota, Quota::connections_per_address);
  EXPECT_TRUE(quotas.admit("b", 0).admitted);
  EXPECT_EQ(quotas.admit("b", 0).quota, Quota::connections);
  quotas.leave("a");
  // Refused for the total, b was not counted for its address.
  EXPECT_TRUE(quotas.admit("b", 0).admitted);
  EXPECT_EQ(quotas.sessions(), 3u);
}

TEST(Quotas, AttemptsOfAnAddressWithinAMinute) {
  Quotas quotas;
  quotas.set({1, 0, 2, 0});
  EXPECT_TRUE(quotas.admit("a", 0).admitted);
  EXPECT_EQ(quotas.admit("a", 10'000).quota, Quota::connections);
  const auto refused = quotas.admit("a", 20'000);
  EXPECT_EQ(refused.quota, Quota::connections_per_minute);
  EXPECT_EQ(refused.retry_after_s, 40u);
  EXPECT_EQ(quotas.admit("b", 20'000).quota, Quota::connections);
  quotas.leave("a");
  EXPECT_TRUE(quotas.admit("a", 60'000).admitted);
}

TEST(Quotas, ManyAddressesAreNotKeptForEver) {
  Quotas quotas;
  quotas.set({0, 0, 1, 0});
  ASSERT_TRUE(quotas.admit("first", 0).admitted);
  ASSERT_FALSE(quotas.admit("first", 0).admitted);
  for (std::size_t i = 0; i < Quotas::most_addresses; ++i) ASSERT_TRUE(quotas.admit(std::to_string(i), 1).admitted);
  EXPECT_TRUE(quotas.admit("first", 2).admitted) << "it was forgotten";
  EXPECT_FALSE(quotas.admit(std::to_string(Quotas::most_addresses - 1), 2).admitted);
}

TEST(Quotas, SessionsOfAUser) {
  Quotas quotas;
  quotas.set({0, 0, 0, 2});
  EXPECT_TRUE(quotas.add_user("u"));
  EXPECT_TRUE(quotas.add_user("u"));
  EXPECT_FALSE(quotas.add_user("u"));
  EXPECT_TRUE(quotas.add_user("v"));
  quotas.remove_user("u");
  EXPECT_TRUE(quotas.add_user("u"));
  EXPECT_EQ(quotas.refusals(Quota::connections_per_user), 1u);
}

TEST(Quotas, SessionsOfAUserElsewhere) {
  Quotas quotas;
  quotas.set({0, 0, 0, 3});
  quotas.set_elsewhere("n1", "u", 1);
  quotas.set_elsewhere("n2", "u", 1);
  EXPECT_TRUE(quotas.add_user("u"));
  EXPECT_FALSE(quotas.add_user("u"));
  quotas.set_elsewhere("n1", "u", 5);
  quotas.remove_user("u");
  EXPECT_FALSE(quotas.add_user("u"));
  quotas.forget_elsewhere("n1");
  quotas.forget_elsewhere("n1");
  EXPECT_TRUE(quotas.add_user("u"));
  EXPECT_TRUE(quotas.add_user("u"));
  EXPECT_FALSE(quotas.add_user("u"));
  quotas.set_elsewhere("n2", "u", 0);
  EXPECT_TRUE(quotas.add_user("u"));
  EXPECT_FALSE(quotas.add_user("u"));
}

TEST(Quotas, ChangesOfUsersAreToldOnce) {
  Quotas quotas;
  quotas.set({0, 0, 0, 10});
  int told = 0;
  quotas.share_users([&] { ++told; });
  quotas.add_user("u");
  quotas.add_user("u");
  quotas.add_user("v");
  quotas.remove_user("v");
  EXPECT_EQ(told, 1);
  Quotas::Users changed = quotas.take_changed();
  std::sort(changed.begin(), changed.end());
  EXPECT_EQ(changed, (Quotas::Users{{"u", 2}, {"v", 0}}));
  EXPECT_TRUE(quotas.take_changed().empty());
  quotas.remove_user("u");
  EXPECT_EQ(told, 2);
  EXPECT_EQ(quotas.take_changed(), (Quotas::Users{{"u", 1}}));
  EXPECT_EQ(quotas.users(), (Quotas::Users{{"u", 1}}));
}

TEST(Quotas, ExactAcrossThreads) {
  Quotas quotas;
  quotas.set({1000, 600, 0, 100});
  std::atomic<unsigned> admitted{0}, users{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 1000; ++i) {
        if (quotas.admit(t % 2 ? "a" : "b", 0).admitted) ++admitted;
        if (quotas.add_user("u")) ++users;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(admitted, 1000u);
  EXPECT_EQ(users, 100u);
  EXPECT_EQ(quotas.sessions(), 1000u);
}

TEST(Quotas, WhatTakesItsPlaceCountsOnWithLimitsOfItsOwn) {
  Quotas before, after;
  before.set({0, 0, 0, 2});
  after.set({3, 1, 0, 3});
  after.share(before);
  EXPECT_TRUE(before.admit("a", 0).admitted);
  EXPECT_TRUE(before.admit("a", 0).admitted);
  EXPECT_TRUE(before.add_user("u"));
  EXPECT_TRUE(before.add_user("u"));
  EXPECT_FALSE(before.add_user("u"));
  EXPECT_TRUE(after.add_user("u"));
  EXPECT_FALSE(after.add_user("u"));
  EXPECT_TRUE(after.admit("a", 0).admitted);
  EXPECT_EQ(after.admit("a", 0).quota, Quota::connections_per_address);
  EXPECT_EQ(after.admit("b", 0).quota, Quota::connections);
  // One that was never counted by address.
  before.leave("");
  EXPECT_EQ(after.sessions(), 2u);
  EXPECT_EQ(after.admit("a", 0).quota, Quota::connections_per_address);
  EXPECT_TRUE(after.admit("b", 0).admitted);
  EXPECT_EQ(before.refusals(Quota::connections_per_user), 1u);
}

}  // namespace
}  // namespace dragoman::service
