// SPDX-License-Identifier: Apache-2.0
#include "postings.hpp"

#include <algorithm>
#include <limits>
#include <span>

#include "common/text.hpp"
#include "tables.hpp"

namespace journals::sqlite {
namespace {
constexpr std::size_t kept_statements = 16;  // a query with hundreds of values shall not hold its memory for ever
constexpr int steps_before_search = 4;       // steps in the index are cheaper than a search from its root
}  // namespace

Statement& PostingStatements::take() {
  if (used_ == statements_.size()) statements_.emplace_back(database_, sql_);
  return statements_[used_++];
}

void PostingStatements::give_back() noexcept {
  for (Statement& statement : statements_) statement.reset();
  if (statements_.size() > kept_statements) statements_.resize(kept_statements);
  used_ = 0;
}

Postings::Postings(PostingStatements& statements, std::int64_t stream, const dgm_journal_query& query, bool backwards)
    : statements_(statements), stream_(stream), backwards_(backwards) {
  try {
    for (const dgm_journal_filter& filter : std::span(query.filters, query.filter_count)) {
      std::vector<std::string_view> values;
      for (const dgm_str& value : std::span(filter.values, filter.value_count)) values.push_back(view(value));
      std::sort(values.begin(), values.end());
      values.erase(std::unique(values.begin(), values.end()), values.end());
      Union& cursors = filters_.emplace_back();
      for (const std::string_view value : values)
        cursors.push_back({&statements_.take(), view(filter.attribute), value, std::nullopt, false});
    }
  } catch (...) {
    statements_.give_back();
    throw;
  }
}

void Postings::seek(Cursor& cursor, std::uint64_t target) {
  if (cursor.begun) {
    for (int step = 0; cursor.at && before(*cursor.at, target) && step < steps_before_search; ++step)
      cursor.at = cursor.statement->step() ? std::optional(static_cast<std::uint64_t>(cursor.statement->integer(0)))
                                           : std::nullopt;
    if (!cursor.at || !before(*cursor.at, target)) return;
  }
  cursor.begun = true;
  cursor.statement->reset();
  cursor.statement->bind(1, stream_).bind(2, cursor.name).bind(3, cursor.value);
  cursor.statement->bind(4, static_cast<std::int64_t>(target));
  cursor.at = std::nullopt;
  if (cursor.statement->step()) cursor.at = static_cast<std::uint64_t>(cursor.statement->integer(0));
}

std::optional<std::uint64_t> Postings::seek(Union& filter, std::uint64_t target) {
  std::optional<std::uint64_t> nearest;
  for (Cursor& cursor : filter) {
    seek(cursor, target);
    if (cursor.at && (!nearest || before(*cursor.at, *nearest))) nearest = cursor.at;
  }
  return nearest;
}

std::optional<std::uint64_t> Postings::seek(std::uint64_t target) {
  // Each filter moves the target on until all agree.
  for (std::size_t agreed = 0, i = 0; agreed < filters_.size(); i = (i + 1) % filters_.size()) {
    const auto found = seek(filters_[i], target);
    if (!found) return std::nullopt;
    agreed = *found == target ? agreed + 1 : 1;
    target = *found;
  }
  return target;
}

}  // namespace journals::sqlite
