// SPDX-License-Identifier: Apache-2.0
// The settings of a honeytrap mount; schema.json says what each means (honeytrap digest section 11).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "classifier.hpp"

namespace honeytrap {

enum class Language { api, envelope };
enum class Frame { text, binary, mirror };
enum class ErrorPayload { object, string };
enum class EmptyPayload { array, null };
enum class EventKeys { document, source };
enum class PagingKeys { document, both };

// What the envelope dialect says of the server; the start time is added when it is sent.
struct Release {
  std::string version = "1.0.0", release_tag, commitid, shortcommitid;

  friend bool operator==(const Release&, const Release&) = default;
};

struct Settings {
  Language dialect = Language::api;
  std::string channel = "honeytrap";
  Frame frame = Frame::text;
  bool swap_new_codes = false;
  ErrorPayload error_payload = ErrorPayload::object;
  EmptyPayload empty_payload = EmptyPayload::array;
  EventKeys event_keys = EventKeys::document;
  bool lenient_json = true;
  bool events_include_sessions = false;
  PagingKeys paging_keys = PagingKeys::document;
  std::uint64_t reply_limit = 0;  // events; 0: all
  ClassifierRules sessions;
  std::string geoip_database;  // path; empty: none
  std::string ingest_token;    // secret; empty: the ingest routes refuse everything
  Release release;

  friend bool operator==(const Settings&, const Settings&) = default;
};

// json is valid against the schema, with defaults filled in.
Settings parse_settings(std::string_view json);

}  // namespace honeytrap
