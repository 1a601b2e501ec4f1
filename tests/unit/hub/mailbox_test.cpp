// SPDX-License-Identifier: Apache-2.0
#include "hub/mailbox.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace dragoman::hub {
namespace {

TEST(Mailbox, WakesOncePerFilling) {
  int woken = 0;
  Mailbox box(1000, [&] { ++woken; });
  box.put({1, {}, 10}, false);
  box.put({2, {}, 10}, false);
  EXPECT_EQ(woken, 1);
  std::vector<Mailbox::Letter> letters;
  box.take(letters);
  ASSERT_EQ(letters.size(), 2u);
  EXPECT_EQ(letters[0].address, 1u);
  box.put({3, {}, 10}, false);
  EXPECT_EQ(woken, 2);
}

TEST(Mailbox, TheBoundHoldsUntilTheWorkIsDone) {
  Mailbox box(100, [] {});
  EXPECT_TRUE(box.reserve(60));
  EXPECT_FALSE(box.reserve(60));
  EXPECT_TRUE(box.reserve(40));
  EXPECT_FALSE(box.reserve(1));
  box.put({0, {}, 60}, true);
  std::vector<Mailbox::Letter> letters;
  box.take(letters);
  EXPECT_FALSE(box.reserve(1)) << "taken is not yet worked off";
  box.release(60);
  EXPECT_TRUE(box.reserve(60));
}

TEST(Mailbox, NothingIsLostBetweenThreads) {
  std::atomic<int> woken{0};
  Mailbox box(1 << 20, [&] { ++woken; });
  std::vector<std::thread> senders;
  for (std::uint32_t s = 0; s < 4; ++s)
    senders.emplace_back([&, s] {
      for (std::uint32_t i = 0; i < 5000; ++i) box.put({s << 16 | i, {}, 1}, false);
    });
  std::vector<std::uint32_t> next(4, 0);
  std::vector<Mailbox::Letter> letters;
  for (std::uint32_t got = 0; got < 20000;) {
    letters.clear();
    box.take(letters);
    for (const auto& letter : letters) {
      ASSERT_EQ(letter.address & 0xffff, next[letter.address >> 16]++) << "order per sender";
      ++got;
    }
    if (letters.empty()) std::this_thread::yield();
  }
  for (auto& t : senders) t.join();
  EXPECT_GT(woken, 0);
}

}  // namespace
}  // namespace dragoman::hub
