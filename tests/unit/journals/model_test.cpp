// SPDX-License-Identifier: Apache-2.0
// Random streams and queries, compared with a plain list. Long enough for several spans of time.
#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <random>

#include "stores.hpp"

namespace journals_test {
namespace {

class JournalModel : public EveryJournal {
 protected:
  struct Kept {
    std::uint64_t position;
    Record record;
  };
  std::mt19937 random_{20240612};
  std::vector<Kept> kept_;
  std::uint64_t last_ = 0;

  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

  Record make(int number) {
    // Mostly forward, sometimes far back, and with a jump that leaves some spans apart from the others.
    std::int64_t time = 1000 + number * 10 + below(200);
    if (below(400) == 0) time = 1000 + below(60000);
    if (number / 900 % 3 == 1) time += 1000000;
    Record r{"s", label("id", number), std::string(static_cast<std::size_t>(below(20)), 'b'), time, {}};
    if (below(10)) r.attributes.emplace_back("a", label("a", below(4)));
    if (below(10)) r.attributes.emplace_back("b", label("b", below(50)));
    return r;
  }

  static bool has(const Record& record, const std::string& name, const std::vector<std::string>& values) {
    return std::any_of(record.attributes.begin(), record.attributes.end(), [&](const auto& attribute) {
      return attribute.first == name && std::find(values.begin(), values.end(), attribute.second) != values.end();
    });
  }
  static bool matches(const Query& q, const Record& record) {
    return (!q.from_ms || record.time_ms >= q.from_ms) && (!q.to_ms || record.time_ms < q.to_ms) &&
           std::all_of(q.filters.begin(), q.filters.end(),
                       [&](const auto& filter) { return has(record, filter.first, filter.second); });
  }
  std::vector<std::uint64_t> expected(const Query& q) const {
    std::vector<const Kept*> found;
    for (const Kept& k : kept_)
      if (matches(q, k.record) && (!q.after || (q.backwards ? k.position < q.after : k.position > q.after)))
        found.push_back(&k);
    if (q.backwards) std::reverse(found.begin(), found.end());
    std::vector<std::uint64_t> out;
    std::uint64_t bytes = 0;
    for (std::size_t i = q.skip; i < found.size() && out.size() < q.limit; ++i) {
      out.push_back(found[i]->position);
      bytes += found[i]->record.body.size();
      if (q.max_bytes && bytes >= q.max_bytes) break;
    }
    return out;
  }
  std::uint64_t expected_count(const Query& q) const {
    return static_cast<std::uint64_t>(
        std::count_if(kept_.begin(), kept_.end(), [&](const Kept& k) { return matches(q, k.record); }));
  }
  Query make_query() {
    Query q{.stream = "s"};
    q.backwards = below(2);
    if (below(3) == 0) q.after = static_cast<std::uint64_t>(below(static_cast<int>(last_) + 10));
    const auto time = [&] { return 500 + below(90000) + (below(2) ? 1000000 : 0); };
    if (below(2)) q.from_ms = time();
    if (below(2)) q.to_ms = time();
    if (below(2)) q.filters.push_back({"a", {label("a", below(4))}});
    if (below(3) == 0) {
      std::vector<std::string> values;
      for (int i = below(6); i >= 0; --i) values.push_back(label("b", below(55)));
      q.filters.push_back({"b", values});
    }
    if (below(3) == 0) q.skip = static_cast<std::uint64_t>(below(below(2) ? 5000 : 20));
    if (below(2)) q.limit = 1 + static_cast<std::uint64_t>(below(400));
    if (below(4) == 0) q.max_bytes = 1 + static_cast<std::uint64_t>(below(3000));
    return q;
  }
  void check(Reader& reader, int queries) {
    for (int i = 0; i < queries; ++i) {
      const Query q = make_query();
      const Read read = reader.read(q);
      ASSERT_TRUE(read.ok()) << read;
      ASSERT_EQ(read.positions(), expected(q))
          << "backwards " << q.backwards << " after " << q.after << " from " << q.from_ms << " to " << q.to_ms
          << " filters " << q.filters.size() << " skip " << q.skip << " limit " << q.limit << " bytes " << q.max_bytes;
      const Counted count = reader.count(q);
      ASSERT_TRUE(count.ok()) << count;
      ASSERT_EQ(count.count, expected_count(q));
    }
  }
};
EVERY_JOURNAL_DOES(JournalModel);

TEST_P(JournalModel, EveryQueryFindsWhatAListFinds) {
  Reader reader = journal().reader();
  for (int number = 0, round = 0; round < 6; ++round) {
    for (int end = number + 1100; number < end;) {
      std::vector<Record> batch;
      for (const int size = 1 + below(300); static_cast<int>(batch.size()) < size && number < end;)
        batch.push_back(make(number++));
      const Appended answer = journal().append(batch);
      ASSERT_TRUE(answer.ok()) << answer;
      for (std::size_t i = 0; i < batch.size(); ++i) {
        ASSERT_EQ(answer.positions[i], ++last_);
        kept_.push_back({last_, batch[i]});
      }
    }
    check(reader, 60);
    dgm_journal_retention keep = retention();
    keep.records = kept_.size() - static_cast<std::size_t>(below(700));
    const Removed removed = journal().trim("s", keep);
    ASSERT_EQ(removed.removed, kept_.size() - keep.records) << removed;
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(removed.removed));
    check(reader, 40);
  }
}

}  // namespace
}  // namespace journals_test
