// SPDX-License-Identifier: Apache-2.0
#include "inbox.hpp"

#include <gmock/gmock.h>

namespace amqp {
namespace {

struct InboxTest : testing::Test {
  Inbox inbox{4};
  std::vector<buses::Incoming> batch;
  static buses::Incoming message() { return {}; }
};

TEST_F(InboxTest, ConfirmedWhenTaken) {
  inbox.add(1, message());
  inbox.add(2, std::nullopt);
  inbox.add(3, message());
  ASSERT_TRUE(inbox.take(batch));
  EXPECT_EQ(batch.size(), 2u);
  inbox.add(4, message());
  EXPECT_EQ(inbox.confirmed(), 0u);
  inbox.taken();
  EXPECT_EQ(inbox.confirmed(), 3u);
  EXPECT_EQ(inbox.confirmed(), 0u);
}

TEST_F(InboxTest, Full) {
  for (std::uint64_t tag = 1; tag <= 4; ++tag) {
    EXPECT_FALSE(inbox.full());
    inbox.add(tag, message());
  }
  EXPECT_TRUE(inbox.full());
  inbox.take(batch);
  EXPECT_FALSE(inbox.full());
}

TEST_F(InboxTest, TagsOfAConnectionBeforeAreNotConfirmed) {
  inbox.add(7, message());
  inbox.take(batch);
  inbox.add(8, message());
  inbox.begin(true);
  inbox.taken();
  EXPECT_EQ(inbox.confirmed(), 0u);
  inbox.take(batch);
  EXPECT_EQ(batch.size(), 1u);
  inbox.taken();
  EXPECT_EQ(inbox.confirmed(), 0u);
  inbox.add(1, message());
  inbox.begin(false);
  inbox.add(2, message());
  inbox.take(batch);
  EXPECT_EQ(batch.size(), 1u);
  inbox.taken();
  EXPECT_EQ(inbox.confirmed(), 2u);
}

TEST_F(InboxTest, Closed) {
  inbox.add(1, message());
  inbox.close();
  EXPECT_FALSE(inbox.take(batch));
}

}  // namespace
}  // namespace amqp
