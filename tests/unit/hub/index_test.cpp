// SPDX-License-Identifier: Apache-2.0
#include "hub/index.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace dragoman::hub {
namespace {

std::vector<std::uint64_t> cookies(Index& index, std::string_view channel, std::string_view key) {
  const Matches m = index.match(channel, key);
  std::vector<std::uint64_t> out;
  for (std::size_t i = 0; i < m.count; ++i) out.push_back(m.subscriptions[i].cookie);
  std::sort(out.begin(), out.end());
  return out;
}

dgm_subscription entry(std::uint64_t cookie) {
  return {100 + cookie, nullptr, 1, cookie};
}

using V = std::vector<std::uint64_t>;

TEST(Index, LiteralAndPatternSubscriptionsOfTheChannelMatch) {
  Index index(0);
  Receiver r;
  index.subscribe("c", "a.b", true, entry(1), &r);
  index.subscribe("c", "a.*", false, entry(2), &r);
  index.subscribe("c", "#", false, entry(3), &r);
  index.subscribe("d", "#", false, entry(4), &r);
  index.subscribe("c", "a.*", true, entry(5), &r);
  EXPECT_EQ(cookies(index, "c", "a.b"), (V{1, 2, 3}));
  EXPECT_EQ(cookies(index, "c", "x"), (V{3}));
  EXPECT_EQ(cookies(index, "d", "a.b"), (V{4}));
  EXPECT_EQ(cookies(index, "e", "a.b"), (V{}));
  EXPECT_EQ(cookies(index, "c", "a.*"), (V{2, 3, 5})) << "a literal with wildcards in it is only itself";
}

TEST(Index, LeavingKeepsTheOthersAndTheirReceivers) {
  Index index(0);
  std::array<Receiver, 5> r;
  std::array<std::uint64_t, 5> id{};
  for (std::uint64_t i = 0; i < 5; ++i) id[i] = index.subscribe("c", "k", true, entry(i), &r[i]);
  EXPECT_TRUE(index.unsubscribe(id[1]));
  EXPECT_FALSE(index.unsubscribe(id[1]));
  EXPECT_TRUE(index.unsubscribe(id[4]));
  const Matches m = index.match("c", "k");
  ASSERT_EQ(m.count, 3u);
  for (std::size_t i = 0; i < m.count; ++i) EXPECT_EQ(m.receivers[i], &r[m.subscriptions[i].cookie]);
  EXPECT_EQ(index.owner(id[0]), 100u);
  EXPECT_EQ(index.owner(id[1]), 0u);
  for (const int i : {0, 2, 3}) EXPECT_TRUE(index.unsubscribe(id[static_cast<std::size_t>(i)]));
  EXPECT_EQ(index.size(), 0u);
  EXPECT_EQ(cookies(index, "c", "k"), (V{}));
  index.subscribe("c", "k", true, entry(9), &r[0]);
  EXPECT_EQ(cookies(index, "c", "k"), (V{9}));
}

}  // namespace
}  // namespace dragoman::hub
