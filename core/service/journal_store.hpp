// SPDX-License-Identifier: Apache-2.0
// What a journal stores its records in: one implementation per journal plugin. All calls may block.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::service {

struct RecordAttribute {
  std::string name, value;
};

struct Record {
  std::uint64_t position = 0;  // in its stream, from 1 without gaps; set by the store
  std::int64_t time_ms = 0;    // Unix time
  std::string stream, id, body;
  std::vector<RecordAttribute> attributes;  // for filters; not given back
  std::uint32_t author = 0;  // who appends it: others that append the same do not count as it; not stored

  std::size_t bytes() const {
    std::size_t n = sizeof(Record) + stream.size() + id.size() + body.size();
    for (const auto& a : attributes) n += sizeof(RecordAttribute) + a.name.size() + a.value.size();
    return n;
  }
};

// The attribute has one of the values.
struct RecordFilter {
  std::string attribute;
  std::vector<std::string> values;
};

// As dgm_journal_query.
struct RecordQuery {
  std::string stream;
  bool backwards = false;
  std::uint64_t after = 0;
  std::int64_t from_ms = 0, to_ms = 0;
  std::vector<RecordFilter> filters;
  std::uint64_t skip = 0, limit = 1, max_bytes = 0;
};

struct Retention {
  std::int64_t age_ms = 0;
  std::uint64_t records = 0, bytes = 0;  // of one stream; 0: no bound
  bool any() const { return age_ms || records || bytes; }
};

enum class JournalStatus : std::uint8_t {
  ok,
  unavailable,  // may go away by itself
  invalid,      // can never succeed
  damaged,
  dropped,  // too many wait
  canceled
};

struct JournalOutcome {
  JournalStatus status = JournalStatus::ok;
  std::string why;  // a sentence unless ok
  explicit operator bool() const { return status == JournalStatus::ok; }
};

// One thread at a time.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  virtual JournalOutcome read(const RecordQuery& query, std::vector<Record>& out) = 0;
  virtual JournalOutcome count(const RecordQuery& query, std::uint64_t& out) = 0;
  virtual JournalOutcome values(std::string_view stream, std::string_view attribute, std::uint64_t most,
                                std::vector<std::string>& out) = 0;
};

// One thread at a time; readers run on others beside it and are gone before close().
class JournalStore {
 public:
  virtual ~JournalStore() = default;
  virtual JournalOutcome open() = 0;
  // All or nothing and durable. fresh[i]: records[i] was not there.
  virtual JournalOutcome append(const std::vector<const Record*>& records, std::vector<std::uint8_t>& fresh) = 0;
  virtual JournalOutcome trim(std::string_view stream, const Retention& retention, std::int64_t now_ms,
                              std::uint64_t most, std::uint64_t& removed) = 0;
  virtual JournalOutcome streams(std::vector<std::string>& out) = 0;
  virtual JournalOutcome measure(std::uint64_t& records, std::uint64_t& bytes) = 0;
  virtual JournalOutcome open_reader(std::unique_ptr<RecordReader>& out) = 0;
  virtual void close() = 0;
};

}  // namespace dragoman::service
