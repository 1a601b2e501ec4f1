// SPDX-License-Identifier: Apache-2.0
#include "base/sliding_window.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace dragoman::base {
namespace {

TEST(SlidingWindow, CountsWithinAnyStretchOfTime) {
  SlidingWindow window;
  EXPECT_TRUE(window.take(0, 2, 1000));
  EXPECT_TRUE(window.take(600, 2, 1000));
  EXPECT_FALSE(window.take(999, 2, 1000));
  EXPECT_EQ(window.wait_ms(1000), 1u);
  EXPECT_TRUE(window.take(1000, 2, 1000));
  EXPECT_FALSE(window.take(1599, 2, 1000));
  EXPECT_TRUE(window.take(1600, 2, 1000));
}

TEST(SlidingWindow, TheFirstThingIsTakenAtOnce) {
  SlidingWindow window;
  EXPECT_TRUE(window.take(std::int64_t{1} << 40, 1, 1000));
  EXPECT_FALSE(window.take((std::int64_t{1} << 40) + 1, 1, 1000));
}

TEST(SlidingWindow, ALongSilenceForgetsAll) {
  SlidingWindow window;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(window.take(i, 3, 1000));
  // As many milliseconds as the times in it can count.
  EXPECT_TRUE(window.take((std::int64_t{1} << 32) + 1, 3, 1000));
  EXPECT_EQ(window.size(), 1u);
}

TEST(SlidingWindow, MemoryGrowsWithTheRateNotWithTheLimit) {
  SlidingWindow window;
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(window.take(i * 600, 1000, 1000));
  EXPECT_LE(window.size(), 2u);
}

TEST(SlidingWindow, AsAModelThatKeepsEveryTime) {
  std::mt19937 random(1);
  for (std::size_t limit : {1u, 2u, 7u, 30u}) {
    SlidingWindow window;
    std::deque<std::int64_t> taken;
    std::int64_t now = 0;
    for (int i = 0; i < 20000; ++i) {
      now += random() % 4 ? static_cast<std::int64_t>(random() % 100) : static_cast<std::int64_t>(random() % 3000);
      while (!taken.empty() && now - taken.front() >= 1000) taken.pop_front();
      const bool expected = taken.size() < limit;
      ASSERT_EQ(window.take(now, limit, 1000), expected) << limit << " " << i;
      if (expected) taken.push_back(now);
    }
  }
}

}  // namespace
}  // namespace dragoman::base
