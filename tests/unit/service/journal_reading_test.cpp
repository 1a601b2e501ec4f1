// SPDX-License-Identifier: Apache-2.0
// Reads, retention and figures of a journal.
#include "journal_fixture.hpp"

namespace dragoman::service {
namespace {

class JournalReadingTest : public JournalTest {
 protected:
  JournalReadingTest() {
    for (int i = 0; i < 5; ++i) {
      storage.records.push_back(record(std::to_string(i)));
      storage.records.back().position = storage.records.size();
    }
  }
};

TEST_F(JournalReadingTest, Reads) {
  Journal& j = start();
  const ToldPtr told = read(j, 3);
  ASSERT_TRUE(told->wait());
  EXPECT_TRUE(told->outcome);
  EXPECT_EQ(told->ids, (std::vector<std::string>{"0", "1", "2"}));

  auto counted = std::make_shared<Told>();
  RecordQuery query;
  query.stream = "s";
  j.count(query, [counted](const JournalOutcome& outcome, std::uint64_t n) {
    counted->tell(outcome, [&] { counted->count = n; });
  });
  ASSERT_TRUE(counted->wait());
  EXPECT_EQ(counted->count, 5u);

  auto listed = std::make_shared<Told>();
  j.values("s", "name", 10, [listed](const JournalOutcome& outcome, const std::vector<std::string>& values) {
    listed->tell(outcome, [&] { listed->ids = values; });
  });
  ASSERT_TRUE(listed->wait());
  EXPECT_EQ(listed->ids, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(eventually([&] { return j.figures().reads == 3; }));
  EXPECT_EQ(j.figures().failed_reads, 0u);
}

TEST_F(JournalReadingTest, AReadSeesWhatWasToldToBeStored) {
  Journal& j = start();
  for (int i = 0; i < 50; ++i) {
    const std::string id = "new" + std::to_string(i);
    ASSERT_TRUE(append(j, {record(id)})->wait());
    const ToldPtr told = read(j);
    ASSERT_TRUE(told->wait());
    ASSERT_EQ(told->ids.back(), id);
  }
}

TEST_F(JournalReadingTest, ReadersWorkBesideEachOtherAndBesideAppends) {
  options.readers = 3;
  Journal& j = start();
  storage.set([](FakeStorage& s) { s.hold_appends = true; });
  const ToldPtr appended = append(j, {record("a")});
  ASSERT_TRUE(storage.wait([](FakeStorage& s) { return s.attempts == 1; }));
  const ToldPtr told = read(j);
  ASSERT_TRUE(told->wait());
  EXPECT_TRUE(appended->waits());
  storage.set([](FakeStorage& s) { s.hold_appends = false; });
  EXPECT_TRUE(storage.wait([](FakeStorage& s) { return s.readers_opened == 3; }));
}

TEST_F(JournalReadingTest, ReadsAreToldWhyThereIsNoStore) {
  storage.open_answer = gone_away;
  Journal& j = start();
  const ToldPtr told = read(j);
  ASSERT_TRUE(told->wait());
  EXPECT_EQ(told->outcome.status, JournalStatus::unavailable);
  EXPECT_EQ(told->outcome.why, gone_away.why);
  EXPECT_TRUE(told->ids.empty());
  EXPECT_TRUE(eventually([&] { return j.figures().failed_reads == 1; }));
  storage.set([](FakeStorage& s) { s.open_answer = {}; });
  ASSERT_TRUE(eventually([&] { return !j.trouble(); }));
  const ToldPtr again = read(j);
  ASSERT_TRUE(again->wait());
  EXPECT_EQ(again->ids.size(), 5u);
}

TEST_F(JournalReadingTest, AReaderThatFailedIsReplaced) {
  options.readers = 1;
  Journal& j = start();
  ASSERT_TRUE(read(j)->wait());
  storage.set([](FakeStorage& s) { s.read_answer = gone_away; });
  const ToldPtr failed = read(j);
  ASSERT_TRUE(failed->wait());
  EXPECT_EQ(failed->outcome.why, gone_away.why);
  EXPECT_TRUE(failed->ids.empty()) << "half a page is none";
  storage.set([](FakeStorage& s) { s.read_answer = {}; });
  const ToldPtr told = read(j);
  ASSERT_TRUE(told->wait());
  EXPECT_TRUE(told->outcome) << told->outcome.why;
  EXPECT_EQ(storage.readers_opened, 3) << "the one that failed was asked once more with a new reader";
  EXPECT_TRUE(storage.wait([](FakeStorage& s) { return s.readers_alive == 1; }));
  EXPECT_EQ(j.figures().failed_reads, 1u);
}

TEST_F(JournalReadingTest, NobodyIsToldOfAReaderThatLostAStoreWhichIsBack) {
  options.readers = 1;
  Journal& j = start();
  ASSERT_TRUE(read(j)->wait());
  storage.set([](FakeStorage& s) {
    s.read_answer = gone_away;
    s.broken_readers = s.readers_opened;
  });
  const ToldPtr told = read(j);
  ASSERT_TRUE(told->wait());
  EXPECT_TRUE(told->outcome) << told->outcome.why;
  EXPECT_EQ(told->ids.size(), 5u);
  EXPECT_EQ(told->times, 1);
  EXPECT_TRUE(eventually([&] { return j.figures().reads == 2; }));
  EXPECT_EQ(j.figures().failed_reads, 0u);
}

TEST_F(JournalReadingTest, AnInvalidQuestionCostsNoReader) {
  options.readers = 1;
  Journal& j = start();
  storage.set([](FakeStorage& s) { s.read_answer = {JournalStatus::invalid, "no such filter"}; });
  for (int i = 0; i < 5; ++i) {
    const ToldPtr told = read(j);
    ASSERT_TRUE(told->wait());
    EXPECT_EQ(told->outcome.status, JournalStatus::invalid);
  }
  EXPECT_EQ(storage.readers_opened, 1);
}

TEST_F(JournalReadingTest, ReadsGoOnWhileAppendsFail) {
  Journal& j = start();
  ASSERT_TRUE(read(j)->wait());
  storage.set([](FakeStorage& s) {
    s.failing_appends = -1;
    s.append_answer = s.open_answer = gone_away;
  });
  append(j, {record("a")});
  ASSERT_TRUE(eventually([&] { return j.trouble().has_value(); }));
  int answered = 0;
  for (int i = 0; i < 20; ++i) {
    const ToldPtr told = read(j);
    ASSERT_TRUE(told->wait());
    answered += static_cast<bool>(told->outcome);
  }
  EXPECT_GE(answered, 1) << "a thread that has its reader keeps it";
}

TEST_F(JournalReadingTest, AReaderThatCannotBeOpenedIsTrouble) {
  storage.reader_answer = gone_away;
  Journal& j = start();
  ASSERT_TRUE(eventually([&] { return j.trouble().has_value(); }));
  const ToldPtr told = read(j);
  ASSERT_TRUE(told->wait());
  EXPECT_EQ(told->outcome.why, gone_away.why);
  storage.set([](FakeStorage& s) { s.reader_answer = {}; });
  ASSERT_TRUE(eventually([&] { return !j.trouble(); }));
  const ToldPtr again = read(j);
  ASSERT_TRUE(again->wait());
  EXPECT_TRUE(again->outcome);
}

TEST_F(JournalReadingTest, ReadsAreBounded) {
  options.readers = 1;
  Journal& j = start();
  storage.set([](FakeStorage& s) { s.hold_reads = true; });
  std::vector<ToldPtr> told;
  ToldPtr refused;
  for (int i = 0; i < 20000 && !refused; ++i) {
    const ToldPtr t = read(j, 1);
    if (t->waits())
      told.push_back(t);
    else
      refused = t;
  }
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->outcome.status, JournalStatus::dropped);
  EXPECT_GE(told.size(), 10000u);
  storage.set([](FakeStorage& s) { s.hold_reads = false; });
  for (const auto& t : told) ASSERT_TRUE(t->wait());
}

TEST_F(JournalReadingTest, StopAnswersReadsThatWait) {
  options.readers = 1;
  Journal& j = start();
  storage.set([](FakeStorage& s) { s.hold_reads = true; });
  std::vector<ToldPtr> told;
  for (int i = 0; i < 10; ++i) told.push_back(read(j));
  std::thread release([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    storage.set([](FakeStorage& s) { s.hold_reads = false; });
  });
  EXPECT_TRUE(j.stop(1000));
  release.join();
  int canceled = 0;
  for (const auto& t : told) {
    EXPECT_EQ(t->times, 1);
    canceled += t->outcome.status == JournalStatus::canceled;
  }
  EXPECT_GE(canceled, 9);
}

TEST_F(JournalReadingTest, RetentionTrimsInSteps) {
  options.retention.records = 10;
  storage.records.clear();
  for (int i = 0; i < 3500; ++i) storage.records.push_back(record(std::to_string(i)));
  Journal& j = start();
  ASSERT_TRUE(storage.wait([](FakeStorage& s) { return s.records.size() == 10; }));
  EXPECT_EQ(storage.largest_trim, 1000u);
  ASSERT_TRUE(eventually([&] { return j.figures().records == 10; }));
  EXPECT_EQ(j.figures().trimmed, 3490u);
  EXPECT_EQ(j.figures().bytes, 100u);
}

TEST_F(JournalReadingTest, AppendsGoOnBetweenStepsOfTrimming) {
  options.retention.records = 10;
  storage.records.clear();
  for (int i = 0; i < 10000; ++i) storage.records.push_back(record(std::to_string(i)));
  storage.trims_allowed = 1;
  Journal& j = start();
  ASSERT_TRUE(storage.wait([](FakeStorage& s) { return s.trims == 1; }));
  const ToldPtr told = append(j, {record("new")});
  storage.set([](FakeStorage& s) { s.trims_allowed = 3; });
  EXPECT_TRUE(told->wait()) << "it waits for one step at most, not for the end";
  storage.set([](FakeStorage& s) { s.trims_allowed = -1; });
  EXPECT_TRUE(storage.wait([](FakeStorage& s) { return s.records.size() == 10; }));
}

TEST_F(JournalReadingTest, WithoutRetentionNothingIsTrimmed) {
  Journal& j = start();
  ASSERT_TRUE(eventually([&] { return j.figures().records == 5; }));
  ASSERT_TRUE(append(j, {record("a")})->wait());
  EXPECT_EQ(storage.trims, 0);
  EXPECT_TRUE(j.stop(100));
}

TEST_F(JournalReadingTest, AFailureOfTrimmingIsTrouble) {
  options.retention.records = 1;
  storage.trim_answer = gone_away;
  Journal& j = start();
  ASSERT_TRUE(eventually([&] { return j.trouble().has_value(); }));
  storage.set([](FakeStorage& s) { s.trim_answer = {}; });
  ASSERT_TRUE(eventually([&] { return !j.trouble() && j.figures().records == 1; }));
}

TEST_F(JournalReadingTest, Figures) {
  Journal& j = start();
  ASSERT_TRUE(append(j, {record("a"), record("b")})->wait());
  ASSERT_TRUE(append(j, {record("a")})->wait());
  ASSERT_TRUE(eventually([&] { return j.figures().queue_records == 0; }));
  const JournalFigures f = j.figures();
  EXPECT_EQ(f.appended, 2u);
  EXPECT_EQ(f.duplicates, 1u);
  EXPECT_EQ(f.commits, 2u);
  EXPECT_EQ(f.failed_commits, 0u);
  EXPECT_EQ(f.failed_appends, 0u);
  EXPECT_EQ(f.queue_bytes, 0u);
  EXPECT_EQ(f.lag_ms, 0u);
  EXPECT_TRUE(f.up);
}

}  // namespace
}  // namespace dragoman::service
