// SPDX-License-Identifier: Apache-2.0
// The part of a statement that names the positions of a query in one range.
#pragma once
#include <dragoman/ext/journal.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/time_ranges.hpp"
#include "parameters.hpp"

namespace journals::postgres {

struct Selection {
  std::string sql;  // "... FROM ... WHERE ..."; the column is m.position
  Parameters parameters;
  int used = 0;  // parameters $1 to $used
};

// filters: the first leads. Throws nothing but std::bad_alloc.
Selection select_positions(const std::string& schema, std::int64_t stream, const dgm_journal_query& query,
                           const std::vector<const dgm_journal_filter*>& filters, Range range);

}  // namespace journals::postgres
