// SPDX-License-Identifier: Apache-2.0
// What becomes of appends.
#include "journal_fixture.hpp"

namespace dragoman::service {
namespace {

TEST_F(JournalTest, StoresInTheOrderOfTheCalls) {
  Journal& j = start();
  std::vector<ToldPtr> told;
  std::vector<std::string> expected;
  for (int i = 0; i < 500; ++i) {
    expected.push_back(std::to_string(i));
    told.push_back(append(j, {record(expected.back())}));
  }
  for (const auto& t : told) {
    ASSERT_TRUE(t->wait());
    EXPECT_TRUE(t->outcome) << t->outcome.why;
    EXPECT_EQ(t->seen, std::vector<std::uint8_t>{0});
  }
  EXPECT_EQ(storage.stored_ids(), expected);
  EXPECT_TRUE(j.stop(1000));
  for (const auto& t : told) EXPECT_EQ(t->times, 1);
}

TEST_F(JournalTest, CompletionsComeInOrderAndAfterTheRecordIsStored) {
  Journal& j = start();
  std::mutex mutex;
  std::vector<int> order;
  bool stored = true;
  for (int i = 0; i < 200; ++i)
    j.append({record(std::to_string(i))}, true, [&, i](const JournalOutcome&, const auto&) {
      const auto ids = storage.stored_ids();
      const std::lock_guard lock(mutex);
      order.push_back(i);
      stored = stored && ids.size() > static_cast<std::size_t>(i);
    });
  EXPECT_TRUE(j.stop(20000));
  ASSERT_EQ(order.size(), 200u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_TRUE(stored);
}

TEST_F(JournalTest, WhatWaitsIsCommittedTogether) {
  Journal& j = start();
  storage.set([](FakeStorage& s) { s.hold_appends = true; });
  const ToldPtr first = append(j, {record("first")});
  ASSERT_TRUE(storage.wait([](FakeStorage& s) { return s.attempts == 1; }));
  for (int i = 0; i < 50; ++i) append(j, {record(std::to_string(i) + "a"), record(std::to_string(i) + "b")});
  EXPECT_EQ(j.figures().queue_records, 101u);
  storage.set([](FakeStorage& s) { s.hold_appends = false; });
  EXPECT_TRUE(j.stop(20000));
  EXPECT_EQ(storage.commits, (std::vector<std::size_t>{1, 100}));
}

TEST_F(JournalTest, ACommitIsBounded) {
  options.queue_bytes = std::size_t{1} << 30;
  Journal& j = start();
  storage.set([](FakeStorage& s) { s.hold_appends = true; });
  append(j, {record("first")});
  ASSERT_TRUE(storage.wait([](FakeStorage& s) { return s.attempts == 1; }));
  for (int i = 0; i < 5; ++i) {
    std::vector<Record> records;
    for (int k = 0; k < 1000; ++k) records.push_back(record(std::to_string(i * 1000 + k)));
    append(j, std::move(records));
  }
  // One that is larger than a commit may be goes alone.
  append(j, {record("large", std::string(9 << 20, 'x'))});
  append(j, {record("last")});
  storage.set([](FakeStorage& s) { s.hold_appends = false; });
  EXPECT_TRUE(j.stop(20000));
  EXPECT_EQ(storage.commits, (std::vector<std::size_t>{1, 4000, 1000, 1, 1}));
}

TEST_F(JournalTest, AnOutageLosesNothingAndKeepsTheOrder) {
  Journal& j = start();
  const ToldPtr before = append(j, {record("before")});
  ASSERT_TRUE(before->wait());
  break_store();
  std::vector<ToldPtr> told;
  std::vector<std::string> expected{"before"};
  for (int i = 0; i < 100; ++i) {
    expected.push_back(std::to_string(i));
    told.push_back(append(j, {record(expected.back())}, i % 2));
  }
  ASSERT_TRUE(eventually([&] { return j.trouble().has_value(); }));
  EXPECT_EQ(j.trouble(), gone_away.why);
  EXPECT_FALSE(j.figures().up);
  ASSERT_TRUE(eventually([&] { return j.figures().lag_ms >= 30; }));
  for (const auto& t : told) EXPECT_TRUE(t->waits());
  mend_store();
  for (const auto& t : told) {
    ASSERT_TRUE(t->wait());
    EXPECT_TRUE(t->outcome);
  }
  EXPECT_EQ(storage.stored_ids(), expected);
  ASSERT_TRUE(eventually([&] { return !j.trouble(); }));
  EXPECT_TRUE(j.figures().up);
  EXPECT_GE(j.figures().failed_commits, 1u);
  EXPECT_EQ(j.figures().failed_appends, 0u);
}

TEST_F(JournalTest, AStoreThatOpensButDoesNotAppendIsNotTriedEverFaster) {
  options.retry_ms = 20;
  options.longest_retry_ms = 1000;
  Journal& j = start();
  storage.set([](FakeStorage& s) {
    s.failing_appends = -1;
    s.append_answer = gone_away;
  });
  const ToldPtr told = append(j, {record("a")});
  ASSERT_TRUE(eventually([&] { return j.trouble().has_value(); }));
  // 20 + 40 + 80 + 160 + 320 ms: five attempts in the time in which twenty would fit.
  bool trouble_throughout = true;
  for (int i = 0; i < 60; ++i) {
    trouble_throughout = trouble_throughout && j.trouble().has_value();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(trouble_throughout);
  storage.set([](FakeStorage& s) { EXPECT_LE(s.attempts, 8); });
  mend_store();
  ASSERT_TRUE(told->wait());
  EXPECT_TRUE(told->outcome);
  EXPECT_TRUE(eventually([&] { return !j.trouble(); }));
}

TEST_F(JournalTest, AwaitedAppendsExpireOthersStay) {
  options.append_timeout_ms = 60;
  Journal& j = start();
  break_store();
  const ToldPtr patient = append(j, {record("patient")}, false);
  const ToldPtr hasty = append(j, {record("hasty"), record("hasty2")}, true);
  const ToldPtr patient2 = append(j, {record("patient2")}, false);
  ASSERT_TRUE(hasty->wait());
  EXPECT_EQ(hasty->outcome.status, JournalStatus::unavailable);
  EXPECT_EQ(hasty->outcome.why, gone_away.why);
  EXPECT_EQ(j.figures().failed_appends, 2u);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(patient->waits());
  EXPECT_TRUE(patient2->waits());
  EXPECT_EQ(j.figures().queue_records, 2u);
  mend_store();
  ASSERT_TRUE(patient2->wait());
  EXPECT_EQ(storage.stored_ids(), (std::vector<std::string>{"patient", "patient2"}));
  EXPECT_TRUE(j.stop(1000));
  EXPECT_EQ(hasty->times, 1);
  EXPECT_EQ(j.figures().queue_bytes, 0u);
}

TEST_F(JournalTest, TroubleThatAnAppendHasShownEndsWithAnAppend) {
  options.append_timeout_ms = 20;
  Journal& j = start();
  storage.set([](FakeStorage& s) {
    s.failing_appends = -1;
    s.append_answer = gone_away;
  });
  const ToldPtr refused = append(j, {record("a")});
  ASSERT_TRUE(refused->wait());
  // Nothing waits any more; the store can be opened and measured.
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(j.trouble(), gone_away.why);
  storage.set([](FakeStorage& s) { s.failing_appends = 0; });
  const ToldPtr stored = append(j, {record("b")});
  ASSERT_TRUE(stored->wait());
  EXPECT_TRUE(stored->outcome);
  EXPECT_FALSE(j.trouble());
}

TEST_F(JournalTest, AnAppendDoesNotExpireWhileTheStoreWorks) {
  options.append_timeout_ms = 10;
  Journal& j = start();
  storage.set([](FakeStorage& s) { s.hold_appends = true; });
  const ToldPtr told = append(j, {record("a")});
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  storage.set([](FakeStorage& s) { s.hold_appends = false; });
  ASSERT_TRUE(told->wait());
  EXPECT_TRUE(told->outcome);
}

TEST_F(JournalTest, AnInvalidAppendFailsAlone) {
  Journal& j = start();
  storage.set([](FakeStorage& s) { s.hold_appends = true; });
  std::vector<ToldPtr> told;
  told.push_back(append(j, {record("first")}));
  ASSERT_TRUE(storage.wait([](FakeStorage& s) { return s.attempts == 1; }));
  std::vector<std::string> expected{"first"};
  std::set<int> bad{1, 20, 21, 64};
  for (int i = 1; i <= 64; ++i) {
    told.push_back(append(j, {record(std::to_string(i), bad.count(i) ? "invalid" : "b")}, i % 2));
    if (!bad.count(i)) expected.push_back(std::to_string(i));
  }
  storage.set([](FakeStorage& s) { s.hold_appends = false; });
  for (int i = 0; i <= 64; ++i) {
    const auto at = static_cast<std::size_t>(i);
    ASSERT_TRUE(told[at]->wait()) << i;
    EXPECT_EQ(told[at]->outcome.status, bad.count(i) ? JournalStatus::invalid : JournalStatus::ok) << i;
  }
  EXPECT_EQ(told[20]->outcome.why, "the body is invalid");
  EXPECT_EQ(storage.stored_ids(), expected);
  EXPECT_TRUE(j.stop(1000));
  for (const auto& t : told) EXPECT_EQ(t->times, 1);
  EXPECT_FALSE(j.trouble());
  EXPECT_EQ(j.figures().failed_appends, bad.size());
  EXPECT_EQ(j.figures().queue_records, 0u);
}

TEST_F(JournalTest, WhatDoesNotFitIsDropped) {
  options.queue_bytes = 10000;
  Journal& j = start();
  break_store();
  std::vector<ToldPtr> told;
  const std::size_t each = record("0", std::string(1000, 'x')).bytes();
  const std::size_t most = options.queue_bytes / each;
  for (std::size_t i = 0; i < most; ++i) told.push_back(append(j, {record("0", std::string(1000, 'x'))}));
  EXPECT_EQ(j.figures().queue_bytes, most * each);
  ASSERT_TRUE(eventually([&] { return j.trouble().has_value(); }));
  const ToldPtr late = append(j, {record("1", std::string(1000, 'x'))});
  EXPECT_EQ(late->times, 1) << "inside the call";
  EXPECT_EQ(late->outcome.status, JournalStatus::dropped);
  EXPECT_EQ(late->outcome.why, "too much waits to be stored: the store is away");
  mend_store();
  for (const auto& t : told) ASSERT_TRUE(t->wait());
  ASSERT_TRUE(eventually([&] { return j.figures().queue_bytes == 0; }));
  EXPECT_TRUE(append(j, {record("2", std::string(1000, 'x'))})->wait());
}

TEST_F(JournalTest, SeenIsWhatThisProcessHasStored) {
  storage.ids = {"s/earlier"};
  Journal& j = start();
  const ToldPtr first = append(j, {record("a"), record("earlier"), record("b"), record("a")});
  ASSERT_TRUE(first->wait());
  // What an earlier process stored may never have been pushed; a repetition inside of one append has.
  EXPECT_EQ(first->seen, (std::vector<std::uint8_t>{0, 0, 0, 1}));
  const ToldPtr second = append(j, {record("b"), record("earlier"), record("c"), record("a", "b", "t")});
  ASSERT_TRUE(second->wait());
  EXPECT_EQ(second->seen, (std::vector<std::uint8_t>{1, 1, 0, 0}));
  EXPECT_EQ(j.figures().appended, 4u);
  EXPECT_EQ(j.figures().duplicates, 4u);
}

TEST_F(JournalTest, NothingIsSeenThatWasTriedInVain) {
  Journal& j = start();
  storage.set([](FakeStorage& s) {
    s.failing_appends = 2;
    s.append_answer = gone_away;
  });
  const ToldPtr told = append(j, {record("a")});
  ASSERT_TRUE(told->wait());
  EXPECT_TRUE(told->outcome);
  EXPECT_EQ(told->seen, std::vector<std::uint8_t>{0});
}

TEST_F(JournalTest, ACompletionMayAppend) {
  Journal& j = start();
  auto told = std::make_shared<Told>();
  j.append({record("a")}, true, [&j, told](const JournalOutcome&, const auto&) {
    j.append({record("b")}, true, [told](const JournalOutcome& outcome, const auto&) { told->tell(outcome, [] {}); });
  });
  ASSERT_TRUE(told->wait());
  EXPECT_EQ(storage.stored_ids(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(JournalTest, ManyThreadsAppendThroughOutages) {
  Journal& j = start();
  constexpr int threads = 8, each = 2000;
  std::atomic<int> told{0}, failed{0};
  std::atomic<bool> done{false};
  std::thread trouble([&] {
    while (!done) {
      storage.set([](FakeStorage& s) {
        s.failing_appends = 2;
        s.append_answer = gone_away;
      });
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  std::vector<std::thread> senders;
  for (int t = 0; t < threads; ++t)
    senders.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        j.append({record(std::to_string(t) + "-" + std::to_string(i))}, i % 2,
                 [&](const JournalOutcome& outcome, const auto&) {
                   ++told;
                   if (!outcome) ++failed;
                 });
        if (i % 50 == 0) {
          read(j, 10);
          j.figures();
          std::this_thread::yield();
        }
      }
    });
  for (auto& t : senders) t.join();
  EXPECT_TRUE(eventually([&] { return told == threads * each; }));
  done = true;
  trouble.join();
  EXPECT_TRUE(j.stop(20000));
  EXPECT_EQ(told, threads * each);
  EXPECT_EQ(failed, 0);
  std::vector<int> next(threads, 0);
  for (const std::string& id : storage.stored_ids()) {
    const std::size_t dash = id.find('-');
    ASSERT_EQ(std::stoi(id.substr(dash + 1)), next[std::stoul(id.substr(0, dash))]++) << "order per thread";
  }
}

}  // namespace
}  // namespace dragoman::service
