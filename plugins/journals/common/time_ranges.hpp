// SPDX-License-Identifier: Apache-2.0
// Which positions a query has to look at. A stream is ordered by position; times only nearly follow. So each span of
// positions has its lowest and highest time stored beside it: whole spans are left out or taken without a look at their
// records, and no record needs an entry in an index of times.
#pragma once
#include <dragoman/ext/journal.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace journals {

inline constexpr std::uint64_t span_records = 1024;  // part of the stored format
constexpr std::uint64_t span_of(std::uint64_t position) {
  return position / span_records;
}

// Positions low to high, both included.
struct Range {
  std::uint64_t low = 1, high = 0;
  bool whole = true;  // every record's time is in the query's bounds
  bool empty() const { return low > high; }
  std::uint64_t count() const { return empty() ? 0 : high - low + 1; }
};

struct TimeBounds {
  std::int64_t from, to;  // from <= time < to
  bool empty() const { return from >= to; }
};

inline bool backwards(const dgm_journal_query& query) {
  return query.flags & DGM_JOURNAL_BACKWARDS;
}
// Nothing: the query has no bound of time.
std::optional<TimeBounds> time_bounds(const dgm_journal_query& query);
// The positions that `after` leaves of a stream that has first to last.
Range positions_to_read(const dgm_journal_query& query, std::uint64_t first, std::uint64_t last);

// Collects spans in ascending order into few ranges.
class RangeList {
 public:
  RangeList(Range within, TimeBounds bounds) : within_(within), bounds_(bounds) {}
  // Times of the span's records: some may be removed already, none is outside of them.
  void add(std::uint64_t span, std::int64_t lowest, std::int64_t highest);
  std::vector<Range> take() { return std::move(ranges_); }

 private:
  Range within_;
  TimeBounds bounds_;
  std::vector<Range> ranges_;
};

}  // namespace journals
