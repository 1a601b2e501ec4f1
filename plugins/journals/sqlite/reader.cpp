// SPDX-License-Identifier: Apache-2.0
#include "reader.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "common/text.hpp"

namespace journals::sqlite {
namespace {

constexpr const char* up = "SELECT key, time_ms, id, body FROM records WHERE key BETWEEN ?1 AND ?2 ORDER BY key";
constexpr const char* down = "SELECT key, time_ms, id, body FROM records WHERE key BETWEEN ?1 AND ?2 ORDER BY key DESC";
constexpr const char* up_times =
    "SELECT key, time_ms, id, body FROM records WHERE key BETWEEN ?1 AND ?2 AND time_ms >= ?3 AND time_ms < ?4 "
    "ORDER BY key";
constexpr const char* down_times =
    "SELECT key, time_ms, id, body FROM records WHERE key BETWEEN ?1 AND ?2 AND time_ms >= ?3 AND time_ms < ?4 "
    "ORDER BY key DESC";
constexpr const char* postings_up =
    "SELECT position FROM attributes WHERE stream = ?1 AND name = ?2 AND value = ?3 AND position >= ?4 "
    "ORDER BY position";
constexpr const char* postings_down =
    "SELECT position FROM attributes WHERE stream = ?1 AND name = ?2 AND value = ?3 AND position <= ?4 "
    "ORDER BY position DESC";

// Few values of one filter, and every record in the ranges counts: the index answers alone, value by value.
bool counts_by_value(const dgm_journal_query& query, const std::vector<Range>& ranges) {
  return query.filter_count == 1 && std::all_of(ranges.begin(), ranges.end(), [](const Range& r) { return r.whole; });
}

}  // namespace

Reader::Reader(const std::string& path, int busy_timeout_ms)
    : database_(path, Database::Access::read_only, busy_timeout_ms),
      find_stream_(database_, "SELECT stream, first, last, bytes FROM streams WHERE name = ?1"),
      spans_(database_,
             "SELECT span, lowest_ms, highest_ms FROM spans WHERE stream = ?1 AND span BETWEEN ?2 AND ?3 "
             "AND highest_ms >= ?4 AND lowest_ms < ?5 ORDER BY span"),
      count_times_(database_,
                   "SELECT count(*) FROM records WHERE key BETWEEN ?1 AND ?2 AND time_ms >= ?3 AND time_ms < ?4"),
      count_values_(database_,
                    "SELECT count(*) FROM attributes WHERE stream = ?1 AND name = ?2 AND value = ?3 AND position "
                    "BETWEEN ?4 AND ?5"),
      time_(database_, "SELECT time_ms FROM records WHERE key = ?1"),
      record_(database_, "SELECT key, time_ms, id, body FROM records WHERE key = ?1"),
      first_value_(database_, "SELECT value FROM attributes WHERE stream = ?1 AND name = ?2 ORDER BY value LIMIT 1"),
      next_value_(database_,
                  "SELECT value FROM attributes WHERE stream = ?1 AND name = ?2 AND value > ?3 ORDER BY value LIMIT 1"),
      up_(database_, up),
      down_(database_, down),
      up_times_(database_, up_times),
      down_times_(database_, down_times),
      postings_up_(database_, postings_up),
      postings_down_(database_, postings_down) {
  database_.run("PRAGMA cache_size = -8192");
  database_.run("PRAGMA cell_size_check = ON");
}

std::optional<StreamRow> Reader::find(dgm_str stream) {
  Run row(find_stream_);
  row->bind(1, view(stream));
  if (!row->step()) return std::nullopt;
  return StreamRow::from(find_stream_, database_);
}

std::vector<Range> Reader::ranges(const StreamRow& stream, const dgm_journal_query& query, Range within) {
  if (within.empty()) return {};
  const auto bounds = time_bounds(query);
  if (!bounds) return {within};
  if (bounds->empty()) return {};
  RangeList list(within, *bounds);
  Run row(spans_);
  row->bind(1, stream.number).bind(2, static_cast<std::int64_t>(span_of(within.low)));
  row->bind(3, static_cast<std::int64_t>(span_of(within.high))).bind(4, bounds->from).bind(5, bounds->to);
  while (row->step()) list.add(static_cast<std::uint64_t>(row->integer(0)), row->integer(1), row->integer(2));
  return list.take();
}

void Reader::give(Statement& row, Delivery& delivery) {
  const std::string_view id = row.bytes(2), body = row.bytes(3);
  delivery.give(position_of(row.integer(0)), row.integer(1), id, body);
}

void Reader::read_range(const StreamRow& stream, const dgm_journal_query& query, Range range, std::uint64_t& skip,
                        Delivery& delivery) {
  const bool descending = backwards(query);
  if (range.whole) {
    const std::uint64_t left_out = std::min(skip, range.count());
    skip -= left_out;
    (descending ? range.high : range.low) += descending ? 0 - left_out : left_out;
    if (range.empty()) return;
  }
  Statement& statement = range.whole ? (descending ? down_ : up_) : (descending ? down_times_ : up_times_);
  Run row(statement);
  row->bind(1, key_of(stream.number, range.low)).bind(2, key_of(stream.number, range.high));
  if (!range.whole) {
    const TimeBounds bounds = *time_bounds(query);
    row->bind(3, bounds.from).bind(4, bounds.to);
  }
  while (!delivery.done() && row->step()) {
    if (skip)
      --skip;
    else
      give(statement, delivery);
  }
}

bool Reader::in_time(const StreamRow& stream, std::uint64_t position, TimeBounds bounds) {
  Run row(time_);
  row->bind(1, key_of(stream.number, position));
  if (!row->step()) database_.fail(SQLITE_CORRUPT);
  const std::int64_t time = row->integer(0);
  return time >= bounds.from && time < bounds.to;
}

template <class Found>
void Reader::each_filtered(const StreamRow& stream, const dgm_journal_query& query, const std::vector<Range>& ranges,
                           Found&& found) {
  const bool descending = backwards(query);
  Postings postings(descending ? postings_down_ : postings_up_, stream.number, query, descending);
  for (const Range& range : ranges) {
    std::uint64_t target = descending ? range.high : range.low;
    for (;;) {
      const auto match = postings.seek(target);
      if (!match) return;
      if (descending ? *match < range.low : *match > range.high) break;
      if ((range.whole || in_time(stream, *match, *time_bounds(query))) && !found(*match)) return;
      if (*match == (descending ? range.low : range.high)) break;
      target = descending ? *match - 1 : *match + 1;
    }
  }
}

dgm_status Reader::read(const dgm_journal_query& query, dgm_journal_record record, void* user) {
  Transaction transaction(database_, Transaction::Kind::read);
  const auto stream = find(query.stream);
  if (!stream) return DGM_OK;
  auto all = ranges(*stream, query, positions_to_read(query, stream->first, stream->last));
  if (backwards(query)) std::reverse(all.begin(), all.end());
  Delivery delivery(query, record, user);
  std::uint64_t skip = query.skip;
  if (!query.filter_count) {
    for (const Range& range : all) {
      if (delivery.done()) break;
      read_range(*stream, query, range, skip, delivery);
    }
    return delivery.status();
  }
  each_filtered(*stream, query, all, [&](std::uint64_t position) {
    if (skip) {
      --skip;
      return true;
    }
    Run row(record_);
    row->bind(1, key_of(stream->number, position));
    if (!row->step()) database_.fail(SQLITE_CORRUPT);
    give(record_, delivery);
    return !delivery.done();
  });
  return delivery.status();
}

std::uint64_t Reader::count(const dgm_journal_query& query) {
  Transaction transaction(database_, Transaction::Kind::read);
  const auto stream = find(query.stream);
  if (!stream) return 0;
  dgm_journal_query forwards = query;
  forwards.flags = 0;
  const auto all = ranges(*stream, forwards, {stream->first, stream->last});
  std::uint64_t sum = 0;
  if (counts_by_value(forwards, all)) {
    const dgm_journal_filter& filter = forwards.filters[0];
    std::set<std::string_view> values;
    for (const dgm_str& value : std::span(filter.values, filter.value_count)) values.insert(view(value));
    for (const std::string_view value : values)
      for (const Range& range : all) {
        Run row(count_values_);
        row->bind(1, stream->number).bind(2, view(filter.attribute)).bind(3, value);
        row->bind(4, static_cast<std::int64_t>(range.low)).bind(5, static_cast<std::int64_t>(range.high));
        if (row->step()) sum += static_cast<std::uint64_t>(row->integer(0));
      }
    return sum;
  }
  if (forwards.filter_count) {
    each_filtered(*stream, forwards, all, [&](std::uint64_t) {
      ++sum;
      return true;
    });
    return sum;
  }
  for (const Range& range : all) {
    if (range.whole) {
      sum += range.count();
      continue;
    }
    const TimeBounds bounds = *time_bounds(query);
    Run row(count_times_);
    row->bind(1, key_of(stream->number, range.low)).bind(2, key_of(stream->number, range.high));
    row->bind(3, bounds.from).bind(4, bounds.to);
    if (row->step()) sum += static_cast<std::uint64_t>(row->integer(0));
  }
  return sum;
}

dgm_status Reader::values(dgm_str stream, dgm_str attribute, std::uint64_t most, dgm_journal_value value, void* user) {
  Transaction transaction(database_, Transaction::Kind::read);
  const auto found = find(stream);
  if (!found) return DGM_OK;
  // One search per value: the records that share a value are not walked.
  std::string last;
  bool first = true;
  for (; most; --most) {
    Run row(first ? first_value_ : next_value_);
    row->bind(1, found->number).bind(2, view(attribute));
    if (!first) row->bind(3, last);
    if (!row->step()) break;
    last = row->bytes(0);
    first = false;
    const dgm_status status = value(user, {last.data(), last.size()});
    if (status < 0) return status;
  }
  return DGM_OK;
}

}  // namespace journals::sqlite
