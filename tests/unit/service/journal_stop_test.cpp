// SPDX-License-Identifier: Apache-2.0
// How a journal starts and ends.
#include <ctime>

#include "journal_fixture.hpp"

namespace dragoman::service {
namespace {

TEST_F(JournalTest, StopStoresWhatWaits) {
  Journal& j = start();
  storage.set([](FakeStorage& s) { s.hold_appends = true; });
  std::vector<ToldPtr> told;
  for (int i = 0; i < 100; ++i) told.push_back(append(j, {record(std::to_string(i))}, i % 2));
  std::thread release([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    storage.set([](FakeStorage& s) { s.hold_appends = false; });
  });
  EXPECT_TRUE(j.stop(20000));
  release.join();
  for (const auto& t : told) {
    EXPECT_EQ(t->times, 1);
    EXPECT_TRUE(t->outcome);
  }
  EXPECT_EQ(storage.stored_ids().size(), 100u);
  EXPECT_EQ(storage.closes, 1);
  EXPECT_EQ(storage.readers_alive, 0);
  const ToldPtr late = append(j, {record("late")});
  EXPECT_EQ(late->times, 1);
  EXPECT_EQ(late->outcome.status, JournalStatus::canceled);
  EXPECT_EQ(read(j)->outcome.status, JournalStatus::canceled);
}

TEST_F(JournalTest, StopWaitsForAStoreThatComesBack) {
  Journal& j = start();
  break_store();
  const ToldPtr told = append(j, {record("a")}, false);
  ASSERT_TRUE(eventually([&] { return j.trouble().has_value(); }));
  std::thread mend([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    mend_store();
  });
  EXPECT_TRUE(j.stop(20000));
  mend.join();
  EXPECT_TRUE(told->outcome) << told->outcome.why;
}

TEST_F(JournalTest, StopWithAFailingStoreTellsEverybody) {
  Journal& j = start();
  break_store();
  std::vector<ToldPtr> told;
  for (int i = 0; i < 10; ++i) told.push_back(append(j, {record(std::to_string(i))}, i % 2));
  const std::clock_t used = std::clock();
  EXPECT_FALSE(j.stop(300));
  // It waits for the store, but not by trying all the time.
  EXPECT_LT(std::clock() - used, CLOCKS_PER_SEC / 10);
  for (const auto& t : told) {
    EXPECT_EQ(t->times, 1);
    EXPECT_EQ(t->outcome.status, JournalStatus::canceled);
  }
  EXPECT_EQ(storage.closes, 1);
}

TEST_F(JournalTest, TheDestructorTellsEverybody) {
  Journal& j = start();
  break_store();
  const ToldPtr told = append(j, {record("a")});
  journal.reset();
  EXPECT_EQ(told->times, 1);
}

TEST_F(JournalTest, StartTellsWhatCannotBeMended) {
  storage.open_answer = {JournalStatus::damaged, "the file is damaged"};
  start();
  EXPECT_EQ(started.status, JournalStatus::damaged);
  EXPECT_TRUE(journal->stop(0));
  EXPECT_EQ(storage.opens, 1);
}

TEST_F(JournalTest, StartWithoutAStoreTriesAgain) {
  storage.open_answer = gone_away;
  Journal& j = start();
  EXPECT_EQ(started.status, JournalStatus::unavailable);
  EXPECT_EQ(j.trouble(), gone_away.why);
  const ToldPtr told = append(j, {record("a")});
  ASSERT_TRUE(storage.wait([](FakeStorage& s) { return s.opens >= 3; }));
  EXPECT_TRUE(told->waits());
  mend_store();
  ASSERT_TRUE(told->wait());
  EXPECT_TRUE(told->outcome);
  EXPECT_FALSE(j.trouble());
}

}  // namespace
}  // namespace dragoman::service
