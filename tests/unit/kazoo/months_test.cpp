// SPDX-License-Identifier: Apache-2.0
#include "months.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "bindings.hpp"

namespace kazoo {
namespace {

constexpr std::int64_t day = 86'400, december = 1'733'011'200;  // 2024-12-01 00:00:00 UTC

std::vector<std::string> watched(const Months& months) {
  return {months.names().begin(), months.names().end()};
}
using Names = std::vector<std::string>;

TEST(KazooMonths, RollOver) {
  Months months;
  EXPECT_TRUE(months.look(december - 30 * day));
  EXPECT_EQ(watched(months), (Names{"202411", "202412"}));
  EXPECT_FALSE(months.look(december - 1));
  EXPECT_TRUE(months.look(december));
  EXPECT_EQ(watched(months), (Names{"202412", "202501"}));
  EXPECT_FALSE(months.look(december + 31 * day - 1));
  EXPECT_TRUE(months.look(december + 31 * day));
  EXPECT_EQ(watched(months), (Names{"202501", "202502"}));
}

// A machine that slept, and a clock that was put right.
TEST(KazooMonths, LeapsOfTheClock) {
  Months months;
  months.look(december);
  EXPECT_TRUE(months.look(december + 100 * day));
  EXPECT_EQ(watched(months), (Names{"202503", "202504"}));
  EXPECT_TRUE(months.look(december - 1));
  EXPECT_EQ(watched(months), (Names{"202411", "202412"}));
}

// Every month in which an event can be made before the clock is looked at again.
TEST(KazooMonths, BindingsFollow) {
  const std::string account(32, 'a');
  const auto binding =
      std::get<Binding>(parse_binding("object.doc_created.mailbox_message", BindingOptions{{"object"}}));
  ASSERT_TRUE(needs_month(binding));
  Months months;
  for (const std::int64_t now : {december - 1, december, december + 31 * day}) {
    months.look(now);
    const auto interests = interests_of(binding, {account, "", months.names()});
    ASSERT_EQ(interests.size(), 2u);
    for (unsigned ahead = 0; ahead < 2; ++ahead)
      EXPECT_NE(interests[ahead].key.find(month_database(account, month_of(now, ahead))), std::string::npos);
  }
}

}  // namespace
}  // namespace kazoo
