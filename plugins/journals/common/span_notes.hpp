// SPDX-License-Identifier: Apache-2.0
// The lowest and highest times that one append adds to the spans of a stream (time_ranges.hpp).
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "common/time_ranges.hpp"

namespace journals {

struct SpanNote {
  std::uint64_t span;
  std::int64_t lowest, highest;
};

// Positions come in ascending order.
inline void note_time(std::vector<SpanNote>& notes, std::uint64_t position, std::int64_t time_ms) {
  const std::uint64_t span = span_of(position);
  if (notes.empty() || notes.back().span != span) notes.push_back({span, time_ms, time_ms});
  notes.back().lowest = std::min(notes.back().lowest, time_ms);
  notes.back().highest = std::max(notes.back().highest, time_ms);
}

}  // namespace journals
