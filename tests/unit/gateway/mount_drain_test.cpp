// SPDX-License-Identifier: Apache-2.0
#include "gateway/mount_drain.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace dragoman::gateway {
namespace {

TEST(DrainRate, NothingBeforeItBegins) {
  DrainRate rate(base::monotonic_ms() + 60'000, 1000);
  EXPECT_FALSE(rate.take());
  rate.begin_at(base::monotonic_ms() + 120'000);
  EXPECT_FALSE(rate.take());
  rate.begin_at(base::monotonic_ms() - 1);
  EXPECT_TRUE(rate.take());
}

TEST(DrainRate, AllShardsTogetherStayBelowIt) {
  DrainRate rate(base::monotonic_ms() - 2000, 10);
  int taken = 0;
  while (rate.take()) ++taken;
  EXPECT_GE(taken, 21);
  EXPECT_LE(taken, 25);
}

TEST(MountDrain, ClosesEachOnceAndThoseWhoComeLater) {
  net::Loop loop;
  loop.adopt_thread();
  std::vector<dgm_session> open = {1, 2, 3}, closed;
  const MountDrain drain(
      loop, std::make_shared<DrainRate>(base::monotonic_ms(), 1'000'000), [&] { return open; },
      [&](dgm_session session) {
        std::erase(open, session);
        closed.push_back(session);
        if (closed.size() == 3) open.push_back(4);
        if (closed.size() == 4) loop.stop();
      });
  loop.run();
  std::sort(closed.begin(), closed.end());
  EXPECT_EQ(closed, (std::vector<dgm_session>{1, 2, 3, 4}));
}

}  // namespace
}  // namespace dragoman::gateway
