// SPDX-License-Identifier: Apache-2.0
// A journal in one SQLite file: a reader with a connection of its own. Each call sees one state of the file.
#pragma once
#include <dragoman/ext/journal.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/delivery.hpp"
#include "common/time_ranges.hpp"
#include "database.hpp"
#include "postings.hpp"
#include "tables.hpp"

namespace journals::sqlite {

class Reader {
 public:
  Reader(const std::string& path, int busy_timeout_ms);

  dgm_status read(const dgm_journal_query& query, dgm_journal_record record, void* user);
  std::uint64_t count(const dgm_journal_query& query);
  dgm_status values(dgm_str stream, dgm_str attribute, std::uint64_t most, dgm_journal_value value, void* user);

 private:
  std::optional<StreamRow> find(dgm_str stream);
  // In the order of positions.
  std::vector<Range> ranges(const StreamRow& stream, const dgm_journal_query& query, Range within);
  void read_range(const StreamRow& stream, const dgm_journal_query& query, Range range, std::uint64_t& skip,
                  Delivery& delivery);
  // Calls found(position) for each match in the ranges until it answers false.
  template <class Found>
  void each_filtered(const StreamRow& stream, const dgm_journal_query& query, const std::vector<Range>& ranges,
                     Found&& found);
  bool in_time(const StreamRow& stream, std::uint64_t position, TimeBounds bounds);
  void give(Statement& row, Delivery& delivery);

  Database database_;
  Statement find_stream_, spans_, count_times_, count_values_, time_, record_, first_value_, next_value_;
  Statement up_, down_, up_times_, down_times_;
  PostingStatements postings_up_, postings_down_;
};

}  // namespace journals::sqlite
