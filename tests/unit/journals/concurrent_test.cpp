// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <thread>

#include "stores.hpp"

namespace journals_test {
namespace {

class JournalConcurrent : public EveryJournal {};
EVERY_JOURNAL_DOES(JournalConcurrent);

TEST_P(JournalConcurrent, ReadersSeeWholeAppendsWithoutGaps) {
  constexpr int calls = 60, per_call = 7;
  std::atomic<bool> done{false};
  std::vector<std::string> wrong(3);
  std::vector<std::thread> readers;
  for (std::string& complaint : wrong)
    readers.emplace_back([&] {
      Reader reader = journal().reader();
      std::uint64_t seen = 0;
      while (!done) {
        const Read read = reader.read({.stream = "a"});
        if (!read.ok()) complaint = read.why;
        if (read.records.size() % per_call || read.records.size() < seen)
          complaint = "half of an append, or a step back";
        seen = read.records.size();
        for (std::size_t i = 0; i < read.records.size(); ++i)
          if (read.records[i].position != i + 1) complaint = "a gap";
        const Counted all = reader.count({.stream = "a", .filters = {{"k", {"v"}}}});
        if (!all.ok() || all.count < seen) complaint = "count " + all.why;
      }
    });
  for (int call = 0; call < calls; ++call) {
    auto records = numbered("a", per_call, std::to_string(call) + "-");
    for (Record& record : records) record.attributes = {{"k", "v"}};
    const Appended answer = journal().append(records);
    EXPECT_TRUE(answer.ok()) << answer;
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  for (const std::string& complaint : wrong) EXPECT_EQ(complaint, "");
}

// Two gateways that get the same events from a bus, in different order and batches, into several streams.
TEST_P(JournalConcurrent, InstancesThatAppendTheSameIdsAgree) {
  constexpr int count = 600;
  struct Node {
    std::unique_ptr<Journal> journal;
    std::map<std::string, std::uint64_t> positions;
    int fresh = 0;
    std::string wrong;
  };
  std::vector<Node> nodes(3);
  for (Node& node : nodes) {
    node.journal = instance();
    ASSERT_TRUE(node.journal->open().ok());
  }
  const auto stream_of = [](int i) { return label("s", i % 3); };
  std::vector<std::thread> threads;
  for (std::size_t n = 0; n < nodes.size(); ++n)
    threads.emplace_back([&, n] {
      Node& node = nodes[n];
      const int batch = static_cast<int>(5 + 4 * n);
      for (int begin = 0; begin < count; begin += batch) {
        std::vector<Record> records;
        for (int i = begin; i < std::min(count, begin + batch); ++i) {
          const int event = n == 1 ? count - 1 - i : i;
          records.push_back({stream_of(event), label("e", event), "body", event, {{"node", "x"}}});
        }
        Appended answer = node.journal->append(records);
        // A node that waited too long for the others tries again, as a host does.
        for (int attempt = 0; answer.status == DGM_E_UNAVAILABLE && attempt < 20; ++attempt) {
          node.journal->open();
          answer = node.journal->append(records);
        }
        if (!answer.ok()) node.wrong = answer.why;
        for (std::size_t i = 0; i < records.size(); ++i) {
          node.positions[records[i].id] = answer.positions[i];
          node.fresh += answer.fresh[i];
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  int fresh = 0;
  for (const Node& node : nodes) {
    EXPECT_EQ(node.wrong, "");
    EXPECT_EQ(node.positions, nodes[0].positions);
    fresh += node.fresh;
  }
  EXPECT_EQ(fresh, count);
  Reader reader = journal().reader();
  for (int s = 0; s < 3; ++s) {
    const Read read = reader.read({.stream = label("s", s)});
    ASSERT_EQ(read.records.size(), static_cast<std::size_t>(count / 3));
    for (std::size_t i = 0; i < read.records.size(); ++i) {
      EXPECT_EQ(read.records[i].position, i + 1);
      EXPECT_EQ(nodes[0].positions[read.records[i].id], i + 1);
    }
  }
}

TEST_P(JournalConcurrent, InstancesMayOpenANewStoreAtOnce) {
  std::vector<std::unique_ptr<Journal>> journals;
  for (int i = 0; i < 4; ++i) journals.push_back(instance());
  std::vector<Answer> answers(journals.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < journals.size(); ++i) threads.emplace_back([&, i] { answers[i] = journals[i]->open(); });
  for (std::thread& thread : threads) thread.join();
  for (const Answer& answer : answers) EXPECT_TRUE(answer.ok()) << answer;
}

TEST_P(JournalConcurrent, TrimWhileReading) {
  ASSERT_TRUE(journal().append(numbered("a", 3000)).ok());
  Reader reader = journal().reader();
  std::uint64_t expected = 0;
  dgm_journal_retention keep = retention();
  keep.records = 10;
  const Answer answer = reader.read({.stream = "a"}, [&](const dgm_record& record) -> dgm_status {
    if (record.position != ++expected) return DGM_E_INTERNAL;
    if (expected == 200) {
      std::thread([&] { journal().trim("a", keep); }).join();
    }
    return DGM_OK;
  });
  EXPECT_TRUE(answer.ok()) << answer;
  EXPECT_EQ(expected, 3000u);
  EXPECT_EQ(reader.read({.stream = "a"}).positions().front(), 2991u);
}

}  // namespace
}  // namespace journals_test
