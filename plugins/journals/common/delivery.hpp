// SPDX-License-Identifier: Apache-2.0
// Gives the records of one read to the host until one of the query's bounds is reached.
#pragma once
#include <dragoman/ext/journal.h>

#include <cstdint>
#include <string_view>

namespace journals {

class Delivery {
 public:
  // All three must outlive it.
  Delivery(const dgm_journal_query& query, dgm_journal_record record, void* user)
      : query_(query), record_(record), user_(user), left_(query.limit) {}

  // No further record is wanted.
  bool done() const { return left_ == 0 || status_ < 0; }
  std::uint64_t left() const { return left_; }
  // What read() answers.
  dgm_status status() const { return status_; }
  void give(std::uint64_t position, std::int64_t time_ms, std::string_view id, std::string_view body);

 private:
  const dgm_journal_query& query_;
  dgm_journal_record record_;
  void* user_;
  std::uint64_t left_;
  std::uint64_t bytes_ = 0;
  dgm_status status_ = DGM_OK;
};

}  // namespace journals
