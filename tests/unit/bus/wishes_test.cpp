// SPDX-License-Identifier: Apache-2.0
#include "bus/wishes.hpp"

#include <gmock/gmock.h>

#include <set>
#include <thread>

namespace dragoman::bus {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct FakeBus : Bus {
  std::vector<std::vector<Wish>> added, removed;
  std::set<Wish> now;
  void publish(event::Batch, std::function<void(PublishStatus)>) override {}
  bool connected() const override { return true; }
  void watch(const std::vector<Wish>& more, const std::vector<Wish>& less) override {
    added.push_back(more);
    removed.push_back(less);
    for (const Wish& wish : more) EXPECT_TRUE(now.insert(wish).second);
    for (const Wish& wish : less) EXPECT_EQ(now.erase(wish), 1u);
  }
};

const Wish one{"c", "one", false}, same_text{"c", "one", true}, two{"c", "two", false};

TEST(Wishes, ManyWhoAskAreOneWish) {
  FakeBus bus;
  Wishes wishes(bus);
  EXPECT_TRUE(wishes.add(one));
  EXPECT_FALSE(wishes.add(one));
  EXPECT_FALSE(wishes.add(two));
  EXPECT_FALSE(wishes.add(same_text));
  wishes.flush();
  ASSERT_EQ(bus.added.size(), 1u);
  EXPECT_THAT(bus.added[0], UnorderedElementsAre(one, two, same_text));
  EXPECT_THAT(bus.removed[0], IsEmpty());
  EXPECT_EQ(wishes.size(), 3u);

  EXPECT_TRUE(wishes.remove(one));
  wishes.flush();
  EXPECT_EQ(bus.added.size(), 1u);
  EXPECT_TRUE(wishes.remove(one));
  wishes.flush();
  ASSERT_EQ(bus.removed.size(), 2u);
  EXPECT_THAT(bus.removed[1], ElementsAre(one));
  EXPECT_EQ(wishes.size(), 2u);
}

TEST(Wishes, WhatIsTakenBackBeforeTheFlushIsNotTold) {
  FakeBus bus;
  Wishes wishes(bus);
  wishes.add(one);
  wishes.remove(one);
  wishes.flush();
  EXPECT_THAT(bus.added, IsEmpty());
  EXPECT_EQ(wishes.size(), 0u);

  wishes.add(one);
  wishes.flush();
  wishes.remove(one);
  wishes.add(one);
  wishes.flush();
  EXPECT_EQ(bus.added.size(), 1u);
  wishes.remove(one);
  wishes.add(one);
  wishes.remove(one);
  wishes.flush();
  ASSERT_EQ(bus.removed.size(), 2u);
  EXPECT_THAT(bus.removed[1], ElementsAre(one));
}

TEST(Wishes, ThreadsAgreeInTheEnd) {
  FakeBus bus;
  Wishes wishes(bus);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&wishes] {
      for (int i = 0; i < 2000; ++i) {
        const Wish wish{"c", std::to_string(i % 17), false};
        if (wishes.add(wish)) wishes.flush();
        if (wishes.remove(wish)) wishes.flush();
      }
      if (wishes.add(two)) wishes.flush();
    });
  for (auto& thread : threads) thread.join();
  wishes.flush();
  EXPECT_THAT(bus.now, ElementsAre(two));
  EXPECT_EQ(wishes.size(), 1u);
}

}  // namespace
}  // namespace dragoman::bus
