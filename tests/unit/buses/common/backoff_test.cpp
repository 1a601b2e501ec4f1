// SPDX-License-Identifier: Apache-2.0
#include "common/backoff.hpp"

#include <gtest/gtest.h>

#include <set>

namespace buses {
namespace {

using std::chrono::milliseconds;

TEST(Backoff, DoublesUpToTheLongest) {
  Backoff backoff(milliseconds(100), milliseconds(1000));
  for (int round = 0; round < 2; ++round) {
    for (const int whole : {100, 200, 400, 800, 1000, 1000}) {
      const auto delay = backoff.next().count();
      EXPECT_GE(delay, whole / 2);
      EXPECT_LE(delay, whole);
    }
    backoff.reset();
  }
}

TEST(Backoff, NotInStep) {
  std::set<milliseconds> delays;
  for (int i = 0; i < 20; ++i) delays.insert(Backoff(milliseconds(100000), milliseconds(100000)).next());
  EXPECT_GT(delays.size(), 10u);
}

}  // namespace
}  // namespace buses
