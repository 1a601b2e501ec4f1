// SPDX-License-Identifier: Apache-2.0
// valtronics digest section 6, messages per second.
#include "rate_excess.hpp"

#include <gtest/gtest.h>

namespace valtronics {
namespace {

using Verdict = RateExcess::Verdict;

TEST(ValtronicsRate, ToldOnceASecond) {
  RateExcess excess;
  EXPECT_EQ(excess.note(5), Verdict::tell);
  EXPECT_EQ(excess.note(5), Verdict::quiet);
  EXPECT_EQ(excess.note(1004), Verdict::quiet);
  EXPECT_EQ(excess.note(1005), Verdict::tell);
}

TEST(ValtronicsRate, TenSecondsInARowClose) {
  RateExcess excess;
  int told = 0;
  for (int at = 0; at < 10000; at += 10) {
    const auto verdict = excess.note(at);
    EXPECT_NE(verdict, Verdict::close) << at;
    told += verdict == Verdict::tell;
  }
  EXPECT_EQ(told, 10);
  EXPECT_EQ(excess.note(10000), Verdict::close);
}

TEST(ValtronicsRate, AQuietSecondBeginsAnew) {
  RateExcess excess;
  for (int second = 0; second < 40; second += 3) EXPECT_EQ(excess.note(second * 1000), Verdict::tell);
}

}  // namespace
}  // namespace valtronics
