// SPDX-License-Identifier: Apache-2.0
// The event object (honeytrap digest section 5): what is stored and sent. Any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "classifier.hpp"
#include "settings.hpp"

namespace honeytrap {

inline constexpr std::size_t largest_event = 1 << 20;  // bytes of text, as it comes in
inline constexpr std::size_t largest_batch = 10'000;   // events

// Events in one array: a journal takes 10,000 records at once, and a session may become two.
inline std::size_t most_events(const Settings& settings) {
  return settings.events_include_sessions ? largest_batch / 2 : largest_batch;
}

struct Record {
  // Compact JSON with the document's keys in the document's order, then the others in the order they came. Every value
  // is as it came in, to the last digit; only what is listed at normalise() differs.
  std::string json;
  Kind kind;
  std::string sensor, category;  // empty when absent or not a string
  std::int64_t time_ms = 0;      // Unix time of `date` when that is RFC 3339 and not before 1970, else that of arrival
  EventClass event_class = EventClass::event;
  std::string
      source_ip;  // `source-ip`, else the address in `hostAddr`; checked to be an address, empty when there is none
};

struct Ingest {
  const Classifier& classifier;
  std::int64_t now_ms = 0;              // Unix time of arrival
  bool lenient = true;                  // one comma before } and ] is no error
  std::optional<EventClass> hint = {};  // from the way it came in
  std::size_t most = largest_batch;     // events in one array
};

// Reads one event in the document's spelling, in the source's (host_addr, local_addr, event_type) or as a flat map.
// When both spellings of a key are there the document's counts and the other is dropped.
// - bytes that are not UTF-8 become U+FFFD
// - `date` becomes the time of arrival when missing, null or empty
// - `token`, `location`, `session_id` and `container_id` are left out when empty or null
// - of several members with one key the last counts
// Normalising Record::json again gives the same text. Nothing: `error` says why (a sentence without any of the text).
std::optional<Record> normalise(std::string_view text, const Ingest& how, std::string& error);

// One event or an array of them: all or none. An array may be empty.
std::optional<std::vector<Record>> normalise_batch(std::string_view text, const Ingest& how, std::string& error);

// Appends a stored event with the keys asked for. False, and nothing is appended, when `stored` is no JSON object.
bool append_event(std::string& out, std::string_view stored, EventKeys keys);
// With the source's names and order; nothing when `stored` is no JSON object.
std::optional<std::string> to_source_keys(std::string_view stored);

struct HostPort {
  std::string_view host, port;  // empty when they are not there or not what they should be
};
// "10.1.2.3:80", "[2001:db8::1]:80" or an address without port.
HostPort split_address(std::string_view text);
bool is_ip_address(std::string_view text);

}  // namespace honeytrap
