// SPDX-License-Identifier: Apache-2.0
// A journal in a PostgreSQL database: a reader with a connection of its own. Each call sees one state of the tables.
#pragma once
#include <dragoman/ext/journal.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/delivery.hpp"
#include "common/time_ranges.hpp"
#include "connection.hpp"
#include "settings.hpp"

namespace journals::postgres {

class Reader {
 public:
  // settings must outlive it.
  explicit Reader(const Settings& settings);

  dgm_status read(const dgm_journal_query& query, dgm_journal_record record, void* user);
  std::uint64_t count(const dgm_journal_query& query);
  dgm_status values(dgm_str stream, dgm_str attribute, std::uint64_t most, dgm_journal_value value, void* user);

 private:
  struct Stream {
    std::int64_t number;
    std::uint64_t first, last;
  };
  std::optional<Stream> find(dgm_str stream);
  // In the order of positions.
  std::vector<Range> ranges(const Stream& stream, const dgm_journal_query& query, Range within);
  // The query's filters with the one that matches least first: it leads, the others are looked up.
  std::vector<const dgm_journal_filter*> by_matches(const Stream& stream, const dgm_journal_query& query);
  std::uint64_t count_range(const Stream& stream, const dgm_journal_query& query,
                            const std::vector<const dgm_journal_filter*>& filters, Range range);
  void read_range(const Stream& stream, const dgm_journal_query& query,
                  const std::vector<const dgm_journal_filter*>& filters, Range range, std::uint64_t skip,
                  Delivery& delivery);

  const Settings& settings_;
  Connection connection_;
};

}  // namespace journals::postgres
