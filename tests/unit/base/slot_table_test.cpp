// SPDX-License-Identifier: Apache-2.0
#include "base/slot_table.hpp"

#include <gtest/gtest.h>

namespace dragoman::base {
namespace {

TEST(SlotTable, StaleAndForeignIdsAreNotFound) {
  SlotTable<int> table(3), other(4);
  const auto a = table.insert(1);
  const auto b = table.insert(2);
  ASSERT_NE(a, 0u);
  EXPECT_EQ(*table.find(a), 1);
  EXPECT_EQ(*table.find(b), 2);
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_EQ(table.find(~0ull), nullptr);
  EXPECT_EQ(other.find(a), nullptr);
  table.erase(a);
  EXPECT_EQ(table.find(a), nullptr);
  const auto c = table.insert(3);
  EXPECT_NE(c, a) << "the slot is used again under another id";
  EXPECT_EQ(table.find(a), nullptr);
  EXPECT_EQ(*table.find(c), 3);
  table.erase(a);
  EXPECT_EQ(*table.find(c), 3) << "erasing a stale id changes nothing";
  EXPECT_EQ(table.size(), 2u);
}

TEST(SlotTable, VisitsWhatIsUsed) {
  SlotTable<int> table;
  const auto a = table.insert(1);
  table.insert(2);
  table.insert(4);
  table.erase(a);
  int sum = 0;
  table.for_each([&](int v) { sum += v; });
  EXPECT_EQ(sum, 6);
}

}  // namespace
}  // namespace dragoman::base
