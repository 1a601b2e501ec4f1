// SPDX-License-Identifier: Apache-2.0
#include "token_bucket.hpp"

#include <gtest/gtest.h>

namespace kazoo {
namespace {

int taken(TokenBucket& bucket, std::int64_t now_ms) {
  int n = 0;
  while (n < 1000 && bucket.take(now_ms, 100, 10)) ++n;
  return n;
}

TEST(KazooTokenBucket, FullAtFirstAndRefilledBySeconds) {
  TokenBucket bucket;
  EXPECT_EQ(taken(bucket, 5000), 100);
  EXPECT_EQ(taken(bucket, 5999), 0);
  EXPECT_EQ(taken(bucket, 6000), 10);
  EXPECT_EQ(taken(bucket, 6999), 0);
  EXPECT_EQ(taken(bucket, 8500), 20);
  EXPECT_EQ(taken(bucket, 9000), 10);
  EXPECT_EQ(taken(bucket, 9000 + 3'600'000), 100);
  EXPECT_EQ(taken(bucket, std::int64_t{1} << 60), 100);
}

}  // namespace
}  // namespace kazoo
