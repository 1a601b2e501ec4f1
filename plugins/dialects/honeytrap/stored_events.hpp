// SPDX-License-Identifier: Apache-2.0
// The events in the mount's journal: how they are stored and found (honeytrap digest sections 5 and 7). One instance
// per shard.
#pragma once
#include <dragoman/sdk.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http_query.hpp"
#include "record.hpp"

namespace honeytrap {

namespace sdk = dragoman::sdk;

inline constexpr std::size_t longest_filter_value =
    1024;  // bytes; a type or sensor that is longer, or has a NUL in it, is stored, but not found by it
inline constexpr std::string_view sessions_stream = "sessions", events_stream = "events";

inline std::string_view stream_of(EventClass kind) {
  return kind == EventClass::session ? sessions_stream : events_stream;
}

// Values of the attributes that filters look for; integers and strings are apart.
std::string kind_value(const Kind& kind);

// The records to append for the events of one bus event. With `sessions_too` a session also stands among the events.
class RecordsToAppend {
 public:
  RecordsToAppend(const std::vector<Record>& records, std::string_view event_id, bool sessions_too);
  const std::vector<sdk::NewRecord>& records() const { return rows_; }
  // The number of the event that a record was made from.
  std::size_t source(std::size_t row) const { return sources_[row]; }

 private:
  std::vector<std::string> texts_;  // what the rows point to
  std::vector<sdk::NewRecord> rows_;
  std::vector<std::size_t> sources_;
};

// Reads the events of one answer page by page, as they were when it began: what is stored meanwhile is not in it. Lives
// as long as its owner, a session or a request.
class EventScan {
 public:
  struct Sink {
    // Stored events in order. False: no more until next() is called.
    std::function<bool(std::span<const dgm_record>)> page;
    std::function<void()> end;
    std::function<void(dgm_status, std::string_view why)> failed;
  };

  EventScan(sdk::Journal journal, std::uint64_t owner, std::string_view stream);

  // newest: at most so many, the newest; 0: all.
  void all(std::uint64_t newest, Sink sink);
  // total: comes before the first page.
  void query(const EventQuery& query, std::function<void(std::uint64_t total)> total, Sink sink);
  void next();

 private:
  // Finds out how far to read, then reads.
  void begin(std::uint64_t newest);
  void filter_sensors(const EventQuery& query);
  sdk::JournalQuery query_of_all() const;
  bool failed(dgm_status status, std::string_view why);
  void ask(dgm_status status);

  sdk::Journal journal_;
  std::uint64_t owner_;
  sdk::JournalQuery query_;
  Sink sink_;
  std::uint64_t last_ = 0;  // position that is read up to
  std::uint64_t left_ = 0;  // records of the page still to come
  bool bounded_ = false;    // left_ counts
  bool nothing_fits_ = false;
};

}  // namespace honeytrap
