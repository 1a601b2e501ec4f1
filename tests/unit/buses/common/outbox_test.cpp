// SPDX-License-Identifier: Apache-2.0
#include "common/outbox.hpp"

#include <gmock/gmock.h>

namespace buses {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct OutboxTest : testing::Test {
  Outbox box{10000};
  std::vector<dgm_status> answers;
  dgm_status add(std::size_t n, std::size_t bytes = 1) {
    std::vector<Outgoing> messages(n);
    for (auto& message : messages) message.body.assign(bytes, 'x');
    return box.add(std::move(messages), dragoman::sdk::BusDone(
                                            [](void* user, dgm_status status) {
                                              static_cast<std::vector<dgm_status>*>(user)->push_back(status);
                                            },
                                            &answers));
  }
  bool send(std::uint64_t number, std::size_t most = 100) {
    auto posting = box.next(most);
    if (!posting) return false;
    box.sent(number, std::move(posting));
    return true;
  }
};

TEST_F(OutboxTest, ClosedUntilThereIsAConnection) {
  EXPECT_EQ(add(1), DGM_E_UNAVAILABLE);
  box.open();
  EXPECT_EQ(add(1), DGM_OK);
  box.close(DGM_E_UNAVAILABLE);
  EXPECT_THAT(answers, ElementsAre(DGM_E_UNAVAILABLE));
  EXPECT_EQ(add(1), DGM_E_UNAVAILABLE);
  EXPECT_THAT(answers, ElementsAre(DGM_E_UNAVAILABLE));
}

TEST_F(OutboxTest, OneAnswerForAllOfACall) {
  box.open();
  add(3);
  for (std::uint64_t number = 1; number <= 3; ++number) EXPECT_TRUE(send(number));
  EXPECT_FALSE(send(4));
  box.answered(2, DGM_OK);
  box.answered(2, DGM_OK);
  box.answered(77, DGM_OK);
  box.answered(1, DGM_E_UNAVAILABLE);
  EXPECT_THAT(answers, IsEmpty());
  box.answered(3, DGM_OK);
  EXPECT_THAT(answers, ElementsAre(DGM_E_UNAVAILABLE));
}

TEST_F(OutboxTest, NoMoreUnderWayThanAllowed) {
  box.open();
  add(3);
  EXPECT_TRUE(send(1, 2));
  EXPECT_TRUE(send(2, 2));
  EXPECT_FALSE(send(3, 2));
  box.answered(1, DGM_OK);
  EXPECT_TRUE(send(3, 2));
  box.close(DGM_E_CANCELED);
  EXPECT_THAT(answers, ElementsAre(DGM_E_CANCELED));
}

TEST_F(OutboxTest, ManyAnsweredAtOnce) {
  box.open();
  for (std::uint64_t number = 1; number <= 4; ++number) {
    add(1);
    send(number);
  }
  box.answered(2, DGM_E_UNAVAILABLE);
  box.answered_through(3, DGM_OK);
  EXPECT_THAT(answers, ElementsAre(DGM_E_UNAVAILABLE, DGM_OK, DGM_OK));
  box.answered_through(100, DGM_OK);
  box.answered_through(100, DGM_OK);
  EXPECT_EQ(answers.size(), 4u);
}

TEST_F(OutboxTest, Bounded) {
  box.open();
  EXPECT_EQ(add(1, 9000), DGM_OK);
  EXPECT_EQ(add(1, 9000), DGM_E_DROPPED);
  EXPECT_TRUE(send(1));
  EXPECT_EQ(add(1, 9000), DGM_E_DROPPED);
  box.answered(1, DGM_OK);
  EXPECT_EQ(add(1, 50000), DGM_OK);
  EXPECT_EQ(add(1, 1), DGM_E_DROPPED);
  box.close(DGM_E_UNAVAILABLE);
  box.open();
  EXPECT_EQ(add(1, 9000), DGM_OK);
}

}  // namespace
}  // namespace buses
