// SPDX-License-Identifier: Apache-2.0
// The positions of the records that pass all filters of a query, in its order, found in the attribute index alone.
#pragma once
#include <dragoman/ext/journal.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "database.hpp"

namespace journals::sqlite {

// Statements that walk the attribute index in one direction. They stay compiled from query to query; a query with n
// values holds n of them.
class PostingStatements {
 public:
  PostingStatements(Database& database, const char* sql) : database_(database), sql_(sql) {}
  Statement& take();
  // All are free again.
  void give_back() noexcept;

 private:
  Database& database_;
  const char* sql_;
  std::deque<Statement> statements_;
  std::size_t used_ = 0;
};

class Postings {
 public:
  // All must outlive it, the query's memory as well.
  Postings(PostingStatements& statements, std::int64_t stream, const dgm_journal_query& query, bool backwards);
  ~Postings() { statements_.give_back(); }
  Postings(const Postings&) = delete;
  Postings& operator=(const Postings&) = delete;

  // The nearest match that is not before `target` in the order; targets never go back. Nothing: there is none.
  std::optional<std::uint64_t> seek(std::uint64_t target);

 private:
  // The records with one value of one attribute.
  struct Cursor {
    Statement* statement;
    std::string_view name, value;
    std::optional<std::uint64_t> at;  // nothing when begun: at the end
    bool begun = false;
  };
  // One filter: the records with any of its values, which never overlap, as a record has each attribute once.
  using Union = std::vector<Cursor>;

  bool before(std::uint64_t a, std::uint64_t b) const { return backwards_ ? a > b : a < b; }
  void seek(Cursor& cursor, std::uint64_t target);
  std::optional<std::uint64_t> seek(Union& filter, std::uint64_t target);

  PostingStatements& statements_;
  std::int64_t stream_;
  bool backwards_;
  std::vector<Union> filters_;
};

}  // namespace journals::sqlite
