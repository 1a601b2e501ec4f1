// SPDX-License-Identifier: Apache-2.0
#include "plugin/host_calls.hpp"

namespace dragoman::plugin {
namespace {

constexpr std::size_t record_limit = 10'000;  // of one call
constexpr std::size_t stream_limit = 128;     // bytes of a stream's name
constexpr std::size_t filter_limit = 16;
constexpr std::size_t filter_value_limit = 10'000;

const char* wrong_with(const dgm_record& record) {
  if (record.flags != 0) return "a record has flags that this host does not know";
  if (!readable(record.stream, stream_limit) || record.stream.len == 0)
    return "a record has a stream that is null, empty or too long";
  if (!readable(record.id, name_limit) || record.id.len == 0)
    return "a record has an id that is null, empty or too long";
  if (!readable(record.body, payload_limit)) return "a record has a body that is null or too long";
  if (record.attribute_count > attribute_limit || (record.attribute_count && !record.attributes))
    return "the attributes of a record are null or too many";
  for (std::size_t i = 0; i < record.attribute_count; ++i)
    if (!readable(record.attributes[i].name, name_limit) || !readable(record.attributes[i].value, value_limit))
      return "a record has an attribute that is null or too long";
  return nullptr;
}

const char* wrong_with(const dgm_journal_query& query) {
  if (query.flags & ~std::uint32_t{DGM_JOURNAL_BACKWARDS}) return "the query has flags that this host does not know";
  if (!readable(query.stream, stream_limit) || query.stream.len == 0)
    return "the query has a stream that is null, empty or too long";
  if (query.filter_count > filter_limit || (query.filter_count && !query.filters))
    return "the query's filters are null or too many";
  for (std::size_t i = 0; i < query.filter_count; ++i) {
    const dgm_journal_filter& filter = query.filters[i];
    if (!readable(filter.attribute, name_limit) || filter.value_count > filter_value_limit ||
        (filter.value_count && !filter.values))
      return "the query has a filter that is null or too long";
    for (std::size_t k = 0; k < filter.value_count; ++k)
      if (!readable(filter.values[k], value_limit)) return "the query has a value that is null or too long";
  }
  return nullptr;
}

}  // namespace

struct HostCalls::Journal {
  static dgm_status append(dgm_host* host, const dgm_record* records, std::size_t n, dgm_journal_appended done,
                           void* user) noexcept {
    return on_shard(host, "append", [&](Instance& self) {
      if (!done) return invalid(self, "append", "done is null");
      if (!records || n == 0 || n > record_limit)
        return invalid(self, "append", "the records are null, none or too many");
      for (std::size_t i = 0; i < n; ++i) {
        if (records[i].size != sizeof(dgm_record)) return invalid(self, "append", "a record is of a wrong size");
        if (const char* const wrong = wrong_with(records[i])) return invalid(self, "append", wrong);
      }
      return services(self).append(records, n, done, user);
    });
  }

  template <class Body>
  static dgm_status with_query(dgm_host* host, const char* function, bool done, const dgm_journal_query* from,
                               Body&& body) noexcept {
    return on_shard(host, function, [&](Instance& self) {
      if (!done) return invalid(self, function, "done is null");
      dgm_journal_query query;
      if (!read_data(from, query)) return invalid(self, function, "the query is null or of a wrong size");
      if (const char* const wrong = wrong_with(query)) return invalid(self, function, wrong);
      return body(self, query);
    });
  }

  static dgm_status read(dgm_host* host, std::uint64_t owner, const dgm_journal_query* from, dgm_journal_page done,
                         void* user) noexcept {
    return with_query(host, "read", done, from, [&](Instance& self, const dgm_journal_query& query) {
      return services(self).read(owner, query, done, user);
    });
  }

  static dgm_status count(dgm_host* host, std::uint64_t owner, const dgm_journal_query* from, dgm_journal_counted done,
                          void* user) noexcept {
    return with_query(host, "count", done, from, [&](Instance& self, const dgm_journal_query& query) {
      return services(self).count(owner, query, done, user);
    });
  }

  static dgm_status values(dgm_host* host, std::uint64_t owner, dgm_str stream, dgm_str attribute,
                           dgm_journal_listed done, void* user) noexcept {
    return on_shard(host, "values", [&](Instance& self) {
      if (!done) return invalid(self, "values", "done is null");
      if (!readable(stream, stream_limit) || stream.len == 0 || !readable(attribute, name_limit))
        return invalid(self, "values", "the stream or the attribute is null or too long");
      return services(self).values(owner, view(stream), view(attribute), done, user);
    });
  }
};

const dgm_host_journal& journal_table() {
  static constexpr dgm_host_journal table = {sizeof table,
                                             0,
                                             HostCalls::Journal::append,
                                             HostCalls::Journal::read,
                                             HostCalls::Journal::count,
                                             HostCalls::Journal::values};
  return table;
}

}  // namespace dragoman::plugin
