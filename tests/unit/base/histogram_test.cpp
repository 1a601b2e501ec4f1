// SPDX-License-Identifier: Apache-2.0
#include "base/histogram.hpp"

#include <gtest/gtest.h>

namespace dragoman::base {
namespace {

using namespace std::chrono_literals;

TEST(Histogram, CountsInTheRangeThatEndsAtOrAboveWhatItSees) {
  Histogram histogram;
  for (const std::chrono::nanoseconds took : {-1ns, 0ns, 100000ns, 100001ns}) histogram.observe(took);
  histogram.observe(2500ms);
  histogram.observe(2501ms);
  EXPECT_EQ(histogram.count(0), 3u);
  EXPECT_EQ(histogram.count(1), 1u);
  EXPECT_EQ(histogram.count(Histogram::bounds.size() - 1), 1u);
  EXPECT_EQ(histogram.count(Histogram::bounds.size()), 1u);
  EXPECT_NEAR(histogram.seconds(), 5.0012, 0.0001);
}

}  // namespace
}  // namespace dragoman::base
