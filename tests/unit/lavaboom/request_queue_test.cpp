// SPDX-License-Identifier: Apache-2.0
// Lavaboom digest sections 5 and 7; the numbers are those of its section 9.
#include "request_queue.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace lavaboom {
namespace {

// 21, 22.
TEST(LavaboomRequestQueue, OneAfterTheOther) {
  RequestQueue<int> queue(1, 64);
  for (const int i : {1, 2, 3}) EXPECT_TRUE(queue.push(int{i}));
  for (const int i : {1, 2, 3}) {
    EXPECT_EQ(queue.start(), i);
    EXPECT_FALSE(queue.start());
    queue.finish();
  }
  EXPECT_FALSE(queue.start());
  EXPECT_EQ(queue.running(), 0u);
}

TEST(LavaboomRequestQueue, SeveralAtOnceBeginInOrder) {
  RequestQueue<int> queue(2, 64);
  for (const int i : {1, 2, 3, 4}) EXPECT_TRUE(queue.push(int{i}));
  EXPECT_EQ(queue.start(), 1);
  EXPECT_EQ(queue.start(), 2);
  EXPECT_FALSE(queue.start());
  queue.finish();
  EXPECT_EQ(queue.start(), 3);
  EXPECT_FALSE(queue.start());
  EXPECT_EQ(queue.running(), 2u);
  EXPECT_EQ(queue.waiting(), 1u);
}

TEST(LavaboomRequestQueue, BeyondTheLimitNothingIsTaken) {
  RequestQueue<std::unique_ptr<int>> queue(1, 64);
  for (int i = 0; i < 65; ++i) EXPECT_TRUE(queue.push(std::make_unique<int>(i)));
  auto late = std::make_unique<int>(65);
  EXPECT_FALSE(queue.push(std::move(late)));
  ASSERT_TRUE(late);
  EXPECT_EQ(**queue.start(), 0);
  EXPECT_FALSE(queue.push(std::move(late)));
  queue.finish();
  EXPECT_TRUE(queue.push(std::move(late)));
  EXPECT_FALSE(queue.push(std::make_unique<int>(66)));
}

TEST(LavaboomRequestQueue, WithoutWaitingRoom) {
  RequestQueue<int> queue(2, 0);
  EXPECT_TRUE(queue.push(1));
  EXPECT_TRUE(queue.push(2));
  EXPECT_FALSE(queue.push(3));
  queue.start();
  queue.start();
  EXPECT_FALSE(queue.push(3));
  queue.finish();
  EXPECT_TRUE(queue.push(3));
}

TEST(LavaboomRequestQueue, ClearKeepsWhatIsUnderWay) {
  RequestQueue<int> queue(1, 8);
  queue.push(1);
  queue.push(2);
  queue.start();
  queue.clear();
  EXPECT_EQ(queue.waiting(), 0u);
  EXPECT_EQ(queue.running(), 1u);
  queue.finish();
  queue.finish();
  EXPECT_EQ(queue.running(), 0u);
}

}  // namespace
}  // namespace lavaboom
