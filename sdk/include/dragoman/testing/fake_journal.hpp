// SPDX-License-Identifier: Apache-2.0
// A journal in memory, as dgm.journal/1 promises it.
#pragma once
#include <dragoman/ext/journal.h>
#include <dragoman/testing/script.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::testing {

struct JournalRecord {
  std::uint64_t position = 0;
  std::int64_t time_ms = 0;
  std::string id, body;
  Fields attributes;
};

// A query that owns what it names.
struct JournalQuery {
  dgm_journal_query c{};
  std::string stream;
  std::vector<std::pair<std::string, std::set<std::string>>> filters;

  explicit JournalQuery(const dgm_journal_query& from) : c(from), stream(from.stream.ptr, from.stream.len) {
    for (std::size_t i = 0; i < from.filter_count; ++i) {
      const dgm_journal_filter& filter = from.filters[i];
      auto& [name, values] =
          filters.emplace_back(std::string(filter.attribute.ptr, filter.attribute.len), std::set<std::string>());
      for (std::size_t k = 0; k < filter.value_count; ++k) values.emplace(filter.values[k].ptr, filter.values[k].len);
    }
  }
};

class FakeJournal {
 public:
  // False: the id was there already.
  bool append(const std::string& stream, JournalRecord record) {
    auto& records = streams_[stream];
    for (const auto& known : records)
      if (known.id == record.id) return false;
    record.position = records.size() + 1;
    records.push_back(std::move(record));
    return true;
  }

  const std::vector<JournalRecord>& stream(const std::string& name) { return streams_[name]; }

  std::vector<const JournalRecord*> read(const JournalQuery& query) {
    std::vector<const JournalRecord*> out = matching(query);
    const bool backwards = query.c.flags & DGM_JOURNAL_BACKWARDS;
    if (backwards) std::reverse(out.begin(), out.end());
    if (query.c.after)
      std::erase_if(out, [&](const JournalRecord* r) {
        return backwards ? r->position >= query.c.after : r->position <= query.c.after;
      });
    out.erase(out.begin(),
              out.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(query.c.skip, out.size())));
    if (out.size() > std::min<std::uint64_t>(query.c.limit, 10'000))
      out.resize(static_cast<std::size_t>(std::min<std::uint64_t>(query.c.limit, 10'000)));
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < out.size() && query.c.max_bytes; ++i)
      if ((bytes += out[i]->body.size()) >= query.c.max_bytes) out.resize(i + 1);
    return out;
  }

  std::uint64_t count(const JournalQuery& query) { return matching(query).size(); }

  std::set<std::string> values(const std::string& stream, const std::string& attribute) {
    std::set<std::string> out;
    for (const auto& record : streams_[stream])
      for (const auto& [name, value] : record.attributes)
        if (name == attribute) out.insert(value);
    return out;
  }

 private:
  std::vector<const JournalRecord*> matching(const JournalQuery& query) {
    std::vector<const JournalRecord*> out;
    for (const auto& record : streams_[query.stream]) {
      if (query.c.from_ms && record.time_ms < query.c.from_ms) continue;
      if (query.c.to_ms && record.time_ms >= query.c.to_ms) continue;
      const bool fits = std::all_of(query.filters.begin(), query.filters.end(), [&](const auto& filter) {
        return std::any_of(record.attributes.begin(), record.attributes.end(), [&](const auto& attribute) {
          return attribute.first == filter.first && filter.second.contains(attribute.second);
        });
      });
      if (fits) out.push_back(&record);
    }
    return out;
  }

  std::map<std::string, std::vector<JournalRecord>> streams_;
};

}  // namespace dragoman::testing
