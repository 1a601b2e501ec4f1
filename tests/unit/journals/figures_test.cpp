// SPDX-License-Identifier: Apache-2.0
// How fast the journals are. Not part of the tests: --gtest_also_run_disabled_tests --gtest_filter='*Figures*'
#include <chrono>
#include <cstdio>
#include <functional>

#include "stores.hpp"

namespace journals_test {
namespace {

class DISABLED_JournalFigures : public EveryJournal {
 protected:
  static double seconds(const std::function<void()>& work) {
    const auto began = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  }
  // The fastest of some: what the machine's other work adds is left out. The first is shown as well.
  static void show(const char* what, const std::function<void()>& work) {
    const double first = seconds(work);
    double best = first;
    for (int i = 0; i < 4; ++i) best = std::min(best, seconds(work));
    std::printf("  %-44s first %9.2f ms  best %9.2f ms\n", what, first * 1e3, best * 1e3);
  }
  static std::vector<Record> events(const std::string& stream, int from, int n) {
    std::vector<Record> out;
    for (int i = from; i < from + n; ++i) {
      char id[40];
      // Scattered as UUIDs are.
      std::snprintf(id, sizeof id, "%08x-0000-4000-8000-%012d", static_cast<unsigned>(i) * 2654435761u, i);
      out.push_back({stream,
                     id,
                     R"({"name":"call_created","data":{"call_id":"1700000000.1","status":"Ring","number":)" +
                         std::to_string(i) + "}}",
                     1700000000000 + i,
                     {{"name", label("event", i % 20)}, {"user", label("user", i % 997)}}});
    }
    return out;
  }
};
EVERY_JOURNAL_DOES(DISABLED_JournalFigures);

TEST_P(DISABLED_JournalFigures, AMillionRecords) {
  std::printf("%s\n", GetParam());
  for (const int batch : {1, 64, 1000}) {
    const int total = batch == 1 ? 500 : batch * 50;
    const double took = seconds([&] {
      for (int at = 0; at < total; at += batch)
        ASSERT_TRUE(journal().append(events(label("speed", batch), at, batch)).ok());
    });
    std::printf("  append in batches of %-4d %26.0f records/s, %.2f ms a call\n", batch, total / took,
                took * 1e3 * batch / total);
  }
  constexpr int million = 1000000;
  const double filled = seconds([&] {
    for (int at = 0; at < million; at += 1000) ASSERT_TRUE(journal().append(events("m", at, 1000)).ok());
  });
  std::printf("  a million in batches of 1000 %23.0f records/s\n", million / filled);
  Reader reader = journal().reader();
  const auto read = [&](Query query, std::size_t expected) {
    query.stream = "m";
    query.limit = 100;
    return [&reader, query, expected] { ASSERT_EQ(reader.read(query).records.size(), expected); };
  };
  const auto count = [&](Query query, std::uint64_t expected) {
    query.stream = "m";
    return [&reader, query, expected] { ASSERT_EQ(reader.count(query).count, expected); };
  };
  const auto middle = std::int64_t{1700000000000} + million / 2;
  show("newest 100", read({.backwards = true}, 100));
  show("100 at skip 500000", read({.backwards = true, .skip = 500000}, 100));
  show("count", count({}, million));
  show("filtered (1 of 20) newest 100", read({.backwards = true, .filters = {{"name", {"event3"}}}}, 100));
  show("filtered (1 of 997) newest 100", read({.backwards = true, .filters = {{"user", {"user5"}}}}, 100));
  show("2 filters (1 of 19940) newest 50",
       read({.backwards = true, .filters = {{"name", {"event3"}}, {"user", {"user5"}}}}, 50));
  show(
      "filter of 5 values, skip 1000",
      read({.backwards = true, .filters = {{"name", {"event1", "event2", "event3", "event4", "event5"}}}, .skip = 1000},
           100));
  show("filtered count (50000)", count({.filters = {{"name", {"event3"}}}}, 50000));
  show("oldest half by time, newest 100 of it", read({.backwards = true, .to_ms = middle}, 100));
  show("count by time (500000)", count({.from_ms = middle}, 500000));
  show("filter and time, newest 100",
       read({.backwards = true, .to_ms = middle, .filters = {{"user", {"user5"}}}}, 100));
  show("values (997)", [&] { ASSERT_EQ(reader.values("m", "user").texts.size(), 997u); });
  show("measure", [&] { ASSERT_TRUE(journal().measure().ok()); });
  dgm_journal_retention keep = retention();
  keep.records = 1;
  keep.most = 1000;
  show("trim of 1000", [&] { ASSERT_EQ(journal().trim("m", keep).removed, 1000u); });
}

}  // namespace
}  // namespace journals_test
