// SPDX-License-Identifier: Apache-2.0
#include "common/time_ranges.hpp"

#include <algorithm>
#include <limits>

namespace journals {
namespace {
// Each range costs a query of its own. Times so scattered that this is reached are looked at record by record.
constexpr std::size_t most_ranges = 64;
}  // namespace

std::optional<TimeBounds> time_bounds(const dgm_journal_query& query) {
  if (!query.from_ms && !query.to_ms) return std::nullopt;
  return TimeBounds{query.from_ms ? query.from_ms : std::numeric_limits<std::int64_t>::min(),
                    query.to_ms ? query.to_ms : std::numeric_limits<std::int64_t>::max()};
}

Range positions_to_read(const dgm_journal_query& query, std::uint64_t first, std::uint64_t last) {
  Range range{first, last};
  if (!query.after) return range;
  if (backwards(query))
    range.high = std::min(last, query.after - 1);
  else if (query.after >= last)
    range = Range{};
  else
    range.low = std::max(first, query.after + 1);
  return range;
}

void RangeList::add(std::uint64_t span, std::int64_t lowest, std::int64_t highest) {
  if (highest < bounds_.from || lowest >= bounds_.to) return;
  const Range next{std::max(within_.low, span * span_records),
                   std::min(within_.high, span * span_records + span_records - 1),
                   lowest >= bounds_.from && highest < bounds_.to};
  if (next.empty()) return;
  if (!ranges_.empty()) {
    Range& last = ranges_.back();
    if (last.high + 1 == next.low && last.whole == next.whole) {
      last.high = next.high;
      return;
    }
    if (ranges_.size() == most_ranges) {
      last.high = next.high;
      last.whole = false;
      return;
    }
  }
  ranges_.push_back(next);
}

}  // namespace journals
