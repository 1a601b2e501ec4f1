// SPDX-License-Identifier: Apache-2.0
#include "reader.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

#include "common/text.hpp"
#include "selection.hpp"
#include "tables.hpp"

namespace journals::postgres {
namespace {

using Filters = std::vector<const dgm_journal_filter*>;

constexpr std::uint64_t first_fetch = 100, largest_fetch = 5000;
constexpr std::uint64_t bytes_per_fetch = 4u << 20;
constexpr std::uint64_t most_compared = 100000;  // filters with more matches count as equal

std::uint64_t within_bigint(std::uint64_t n) {
  return std::min<std::uint64_t>(n, std::numeric_limits<std::int64_t>::max());
}

}  // namespace

Reader::Reader(const Settings& settings) : settings_(settings), connection_(settings, Connection::Use::read) {}

std::optional<Reader::Stream> Reader::find(dgm_str stream) {
  const Result row =
      connection_.run("SELECT stream, first, last FROM " + table(settings_.schema, "streams") + " WHERE name = $1",
                      Parameters().add(view(stream)));
  if (!row.rows()) return std::nullopt;
  return Stream{row.integer(0, 0), row.natural(0, 1), row.natural(0, 2)};
}

std::vector<Range> Reader::ranges(const Stream& stream, const dgm_journal_query& query, Range within) {
  if (within.empty()) return {};
  const auto bounds = time_bounds(query);
  if (!bounds) return {within};
  if (bounds->empty()) return {};
  RangeList list(within, *bounds);
  connection_.each("SELECT span, lowest_ms, highest_ms FROM " + table(settings_.schema, "spans") +
                       " WHERE stream = $1 AND span BETWEEN $2 AND $3 AND highest_ms >= $4 AND lowest_ms < $5 "
                       "ORDER BY span",
                   Parameters()
                       .add(stream.number)
                       .add(span_of(within.low))
                       .add(span_of(within.high))
                       .add(bounds->from)
                       .add(bounds->to),
                   [&](const Result& row) {
                     list.add(row.natural(0, 0), row.integer(0, 1), row.integer(0, 2));
                     return true;
                   });
  return list.take();
}

Filters Reader::by_matches(const Stream& stream, const dgm_journal_query& query) {
  Filters filters;
  for (const dgm_journal_filter& filter : std::span(query.filters, query.filter_count)) filters.push_back(&filter);
  if (filters.size() < 2) return filters;
  std::vector<std::pair<std::uint64_t, const dgm_journal_filter*>> counted;
  // Counting as far as it takes to know the smallest costs no more than reading that one.
  for (std::uint64_t bound = 1000; bound <= most_compared; bound *= 10) {
    counted.clear();
    for (const dgm_journal_filter& filter : std::span(query.filters, query.filter_count)) {
      Selection s = select_positions(settings_.schema, stream.number, query, {&filter}, {stream.first, stream.last});
      const Result matches =
          connection_.run_once("SELECT count(*) FROM (SELECT 1" + s.sql + " LIMIT " + std::to_string(bound) + ") c",
                               std::move(s.parameters));
      counted.emplace_back(matches.natural(0, 0), &filter);
    }
    std::stable_sort(counted.begin(), counted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    if (counted.front().first < bound) break;
  }
  for (std::size_t i = 0; i < counted.size(); ++i) filters[i] = counted[i].second;
  return filters;
}

std::uint64_t Reader::count_range(const Stream& stream, const dgm_journal_query& query, const Filters& filters,
                                  Range range) {
  if (filters.empty() && range.whole) return range.count();
  Selection s = select_positions(settings_.schema, stream.number, query, filters, range);
  return connection_.run_once("SELECT count(*)" + s.sql, std::move(s.parameters)).natural(0, 0);
}

void Reader::read_range(const Stream& stream, const dgm_journal_query& query, const Filters& filters, Range range,
                        std::uint64_t skip, Delivery& delivery) {
  const std::string order = backwards(query) ? " DESC" : "";
  Selection s = select_positions(settings_.schema, stream.number, query, filters, range);
  s.parameters.add(within_bigint(delivery.left())).add(within_bigint(skip));
  // Bodies are looked up for what is left after skip and limit; OFFSET 0 keeps the server from doing it the other way.
  connection_.run_once(
      "DECLARE page NO SCROLL CURSOR FOR SELECT p.position, r.time_ms, r.id, r.body FROM "
      "(SELECT m.position" +
          s.sql + " ORDER BY m.position" + order + " LIMIT $" + std::to_string(s.used + 1) + " OFFSET $" +
          std::to_string(s.used + 2) + ") p CROSS JOIN LATERAL (SELECT time_ms, id, body FROM " +
          table(settings_.schema, "records") +
          " WHERE stream = $1 AND position = p.position OFFSET 0) r ORDER BY p.position" + order,
      std::move(s.parameters));
  std::uint64_t want = first_fetch, rows = 0, bytes = 0;
  for (bool more = true; more && !delivery.done();) {
    want = std::min(want, delivery.left());
    std::uint64_t got = 0;
    connection_.each("FETCH " + std::to_string(want) + " FROM page", {}, [&](const Result& row) {
      const std::string_view body = row.bytes(0, 3);
      ++got;
      ++rows;
      bytes += body.size();
      delivery.give(row.natural(0, 0), row.integer(0, 1), row.bytes(0, 2), body);
      return !delivery.done();
    });
    more = got == want;
    // When the host wants no more, what was fetched is read for nothing: keep that small.
    want =
        std::clamp<std::uint64_t>(bytes_per_fetch / (bytes / std::max<std::uint64_t>(rows, 1) + 1), 1, largest_fetch);
  }
  connection_.run_script("CLOSE page");
}

dgm_status Reader::read(const dgm_journal_query& query, dgm_journal_record record, void* user) {
  Transaction transaction(connection_, Transaction::Kind::read);
  const auto stream = find(query.stream);
  if (!stream) return DGM_OK;
  auto all = ranges(*stream, query, positions_to_read(query, stream->first, stream->last));
  if (all.empty()) return DGM_OK;
  if (backwards(query)) std::reverse(all.begin(), all.end());
  const Filters filters = by_matches(*stream, query);
  Delivery delivery(query, record, user);
  std::uint64_t skip = query.skip;
  for (std::size_t i = 0; i < all.size() && !delivery.done(); ++i) {
    Range range = all[i];
    if (filters.empty() && range.whole) {
      const std::uint64_t left_out = std::min(skip, range.count());
      skip -= left_out;
      if (backwards(query))
        range.high -= left_out;
      else
        range.low += left_out;
      if (range.empty()) continue;
    } else if (skip && i + 1 < all.size()) {
      // How much of skip is used up here must be known for the next range.
      const std::uint64_t here = count_range(*stream, query, filters, range);
      if (here <= skip) {
        skip -= here;
        continue;
      }
    }
    read_range(*stream, query, filters, range, skip, delivery);
    skip = 0;
  }
  return delivery.status();
}

std::uint64_t Reader::count(const dgm_journal_query& query) {
  Transaction transaction(connection_, Transaction::Kind::read);
  const auto stream = find(query.stream);
  if (!stream) return 0;
  const auto all = ranges(*stream, query, {stream->first, stream->last});
  if (all.empty()) return 0;
  const Filters filters = by_matches(*stream, query);
  std::uint64_t sum = 0;
  for (const Range& range : all) sum += count_range(*stream, query, filters, range);
  return sum;
}

dgm_status Reader::values(dgm_str stream, dgm_str attribute, std::uint64_t most, dgm_journal_value value, void* user) {
  if (!most) return DGM_OK;
  Transaction transaction(connection_, Transaction::Kind::read);
  const auto found = find(stream);
  if (!found) return DGM_OK;
  const std::string attributes = table(settings_.schema, "attributes");
  dgm_status status = DGM_OK;
  // One search per value: the records that share a value are not walked.
  connection_.each("WITH RECURSIVE v(value, n) AS ((SELECT value, 1::bigint FROM " + attributes +
                       " WHERE stream = $1 AND name = $2 ORDER BY value LIMIT 1) UNION ALL "
                       "SELECT (SELECT a.value FROM " +
                       attributes +
                       " a WHERE a.stream = $1 AND a.name = $2 AND a.value > v.value ORDER BY a.value LIMIT 1), n + 1 "
                       "FROM v WHERE v.value IS NOT NULL AND n < $3) SELECT value FROM v WHERE value IS NOT NULL",
                   Parameters().add(found->number).add(view(attribute)).add(within_bigint(most)),
                   [&](const Result& row) {
                     const std::string_view text = row.bytes(0, 0);
                     const dgm_status answer = value(user, {text.data(), text.size()});
                     if (answer < 0) status = answer;
                     return answer >= 0;
                   });
  return status;
}

}  // namespace journals::postgres
