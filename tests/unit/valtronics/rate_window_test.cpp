// SPDX-License-Identifier: Apache-2.0
// valtronics digest section 6, messages per second.
#include "rate_window.hpp"

#include <gtest/gtest.h>

namespace valtronics {
namespace {

using Verdict = RateWindow::Verdict;

TEST(ValtronicsRate, SlidesWithTime) {
  RateWindow window(3);
  for (const int at : {0, 400, 800}) EXPECT_EQ(window.take(at), Verdict::run);
  EXPECT_EQ(window.take(999), Verdict::tell);
  EXPECT_EQ(window.take(999), Verdict::quiet);
  EXPECT_EQ(window.take(1000), Verdict::run) << "the first is a second old";
  EXPECT_EQ(window.take(1399), Verdict::quiet);
  EXPECT_EQ(window.take(1400), Verdict::run) << "what was refused does not count";
}

TEST(ValtronicsRate, TenSecondsInARowClose) {
  RateWindow window(1);
  int told = 0;
  for (int at = 0; at < 10000; at += 10) {
    const auto verdict = window.take(at);
    EXPECT_NE(verdict, Verdict::close) << at;
    told += verdict == Verdict::tell;
  }
  EXPECT_EQ(told, 10);
  Verdict verdict = Verdict::quiet;
  for (int at = 10000; verdict != Verdict::close && at < 12000; at += 10) verdict = window.take(at);
  EXPECT_EQ(verdict, Verdict::close);
}

TEST(ValtronicsRate, AQuietSecondBeginsAnew) {
  RateWindow window(1);
  for (int second = 0; second < 40; second += 3) {
    EXPECT_EQ(window.take(second * 1000), Verdict::run);
    EXPECT_EQ(window.take(second * 1000), Verdict::tell);
  }
}

TEST(ValtronicsRate, ZeroIsNoLimit) {
  RateWindow window(0);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(window.take(0), Verdict::run);
}

}  // namespace
}  // namespace valtronics
