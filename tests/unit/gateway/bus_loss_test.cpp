// SPDX-License-Identifier: Apache-2.0
#include "gateway/bus_loss.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <numeric>

namespace dragoman::gateway {
namespace {

struct BusLossTest : testing::Test {
  BusLossTest() { loop.adopt_thread(); }
  bool until(std::size_t n) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (closed.size() < n) {
      if (std::chrono::steady_clock::now() > end) return false;
      loop.io().run_for(std::chrono::milliseconds(5));
    }
    return true;
  }
  static std::vector<dgm_session> sessions(std::size_t n, dgm_session first = 1) {
    std::vector<dgm_session> out(n);
    std::iota(out.begin(), out.end(), first);
    return out;
  }
  net::Loop loop;
  std::vector<dgm_session> closed;
  BusLoss loss{loop, [this](dgm_session session) { closed.push_back(session); }};
};

TEST_F(BusLossTest, FewGoAtOnce) {
  loss.begin(sessions(64));
  EXPECT_EQ(closed.size(), 64u);
  loss.begin({});
  EXPECT_EQ(closed.size(), 64u);
}

TEST_F(BusLossTest, ManyGoInTurnsAndEachOnce) {
  loss.begin(sessions(200));
  EXPECT_EQ(closed.size(), 64u);
  ASSERT_TRUE(until(200));
  std::sort(closed.begin(), closed.end());
  EXPECT_EQ(closed, sessions(200));
  closed.clear();
  loss.begin(sessions(100'001));
  EXPECT_EQ(closed.size(), 2001u) << "a fiftieth, so that all are gone in five seconds";
}

TEST_F(BusLossTest, AnotherLossTakesThePlaceOfTheOneBefore) {
  loss.begin(sessions(100));
  loss.begin(sessions(70, 1000));
  ASSERT_TRUE(until(64 + 70));
  EXPECT_TRUE(std::all_of(closed.begin() + 64, closed.end(), [](dgm_session s) { return s >= 1000; }));
}

}  // namespace
}  // namespace dragoman::gateway
