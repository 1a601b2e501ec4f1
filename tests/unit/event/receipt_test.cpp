// SPDX-License-Identifier: Apache-2.0
#include "event/receipt.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "hub/mailbox.hpp"

namespace dragoman::event {
namespace {

TEST(Receipt, TellsWhenTheLastLetsGo) {
  std::vector<PublishStatus> told;
  ReceiptPtr receipt = std::make_shared<Receipt>([&](PublishStatus status) { told.push_back(status); });
  ReceiptPtr journal = receipt;
  receipt.reset();
  EXPECT_TRUE(told.empty());
  journal.reset();
  EXPECT_EQ(told, std::vector{PublishStatus::accepted});
}

TEST(Receipt, OneFailureIsAFailure) {
  std::vector<PublishStatus> told;
  const auto tell = [&](PublishStatus status) { told.push_back(status); };
  {
    const ReceiptPtr receipt = std::make_shared<Receipt>(tell);
    const ReceiptPtr stored = receipt, refused = receipt;
    refused->fail(PublishStatus::overloaded);
  }
  {
    const ReceiptPtr receipt = std::make_shared<Receipt>(tell);
    receipt->fail(PublishStatus::overloaded);
    receipt->fail(PublishStatus::unavailable);
  }
  EXPECT_EQ(told, (std::vector{PublishStatus::overloaded, PublishStatus::unavailable}));
}

TEST(Receipt, ManyThreadsOneAnswer) {
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> told{0}, failed{0};
    {
      ReceiptPtr receipt = std::make_shared<Receipt>([&](PublishStatus status) {
        ++told;
        failed += status == PublishStatus::unavailable;
      });
      std::vector<std::thread> holders;
      for (int i = 0; i < 4; ++i)
        holders.emplace_back([mine = receipt, i]() mutable {
          if (i == 2) mine->fail(PublishStatus::unavailable);
          mine.reset();
        });
      receipt.reset();
      for (auto& t : holders) t.join();
    }
    ASSERT_EQ(told, 1);
    ASSERT_EQ(failed, 1);
  }
}

TEST(Receipt, AMailboxThatIsThrownAwayTellsThePublishers) {
  std::vector<PublishStatus> told;
  const auto receipt = [&] { return std::make_shared<Receipt>([&](PublishStatus status) { told.push_back(status); }); };
  hub::Mailbox box(1000, [] {});
  box.put({1, {}, 10, receipt()}, false);
  box.put({2, {}, 10, receipt()}, false);
  box.put({3, {}, 10}, false);
  EXPECT_TRUE(told.empty());
  box.discard();
  EXPECT_EQ(told, (std::vector{PublishStatus::not_stored, PublishStatus::not_stored}));
  EXPECT_EQ(box.bytes(), 0u);

  // One shard has its letter, the other's is thrown away: the event is not kept as a whole.
  told.clear();
  ReceiptPtr shared = receipt();
  hub::Mailbox other(1000, [] {});
  box.put({1, {}, 10, shared}, false);
  other.put({1, {}, 10, shared}, false);
  shared.reset();
  std::vector<hub::Mailbox::Letter> letters;
  box.take(letters);
  letters.clear();
  EXPECT_TRUE(told.empty());
  other.discard();
  EXPECT_EQ(told, std::vector{PublishStatus::not_stored});
}

}  // namespace
}  // namespace dragoman::event
