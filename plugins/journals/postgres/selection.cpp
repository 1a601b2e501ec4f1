// SPDX-License-Identifier: Apache-2.0
#include "selection.hpp"

#include <algorithm>
#include <span>
#include <string_view>

#include "common/text.hpp"
#include "tables.hpp"

namespace journals::postgres {
namespace {

std::string place(int number) {
  std::string out = "$";
  return out += std::to_string(number);
}

std::vector<std::string_view> different_values(const dgm_journal_filter& filter) {
  std::vector<std::string_view> values;
  for (const dgm_str& value : std::span(filter.values, filter.value_count)) values.push_back(view(value));
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

}  // namespace

// The time and the other filters are scalar subqueries, not joins: the server must look them up for each position of
// the leading filter. Where it may choose, without statistics it begins at the wrong end.
Selection select_positions(const std::string& schema, std::int64_t stream, const dgm_journal_query& query,
                           const std::vector<const dgm_journal_filter*>& filters, Range range) {
  Selection s;
  const auto text = [&](std::string_view value) {
    s.parameters.add(value);
    return place(++s.used);
  };
  s.parameters.add(stream).add(range.low).add(range.high);
  s.used = 3;
  const std::string attributes = table(schema, "attributes"), records = table(schema, "records");

  if (filters.empty()) {
    s.sql = " FROM " + records + " m WHERE m.stream = $1 AND m.position BETWEEN $2 AND $3";
  } else {
    // One branch per value: each comes from the index in the order of positions, and the server merges them. It does so
    // only if each branch says its order.
    const std::string order = backwards(query) ? " ORDER BY position DESC)" : " ORDER BY position)";
    const std::string name = text(view(filters[0]->attribute));
    const auto values = different_values(*filters[0]);
    s.sql = " FROM (";
    for (std::size_t i = 0; i < std::max<std::size_t>(values.size(), 1); ++i) {
      if (i) s.sql += " UNION ALL ";
      s.sql.append("(SELECT position FROM ").append(attributes).append(" WHERE stream = $1 AND name = ").append(name);
      s.sql += " AND position BETWEEN $2 AND $3 AND ";
      if (values.empty())
        s.sql += "false";
      else
        s.sql.append("value = ").append(text(values[i]));
      s.sql += order;
    }
    s.sql += ") m WHERE true";
  }
  if (!range.whole) {
    const TimeBounds bounds = *time_bounds(query);
    s.parameters.add(bounds.from).add(bounds.to);
    const std::string in_time = "time_ms >= " + place(s.used + 1) + " AND time_ms < " + place(s.used + 2);
    s.used += 2;
    if (filters.empty())
      s.sql += " AND " + in_time;
    else
      s.sql += " AND (SELECT " + in_time + " FROM " + records + " t WHERE t.stream = $1 AND t.position = m.position)";
  }
  for (std::size_t i = 1; i < filters.size(); ++i) {
    const std::string name = text(view(filters[i]->attribute));
    s.parameters.add_texts(different_values(*filters[i]));
    s.sql.append(" AND (SELECT true FROM ").append(attributes).append(" a WHERE a.stream = $1 AND a.name = ");
    s.sql.append(name).append(" AND a.value = ANY(").append(place(++s.used)).append(") AND a.position = m.position)");
  }
  return s;
}

}  // namespace journals::postgres
