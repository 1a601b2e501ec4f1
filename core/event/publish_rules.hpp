// SPDX-License-Identifier: Apache-2.0
// Strict reading of JSON and header values that come from outside: refusals that say where, checks of text, JSON with
// exact spans. Any thread.
#pragma once
#include <array>
#include <boost/container/small_vector.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "event/publish_door.hpp"

namespace dragoman::event {

// Thrown by what is declared here and caught where a request is answered.
struct Refusal {
  int status = 400;
  std::string error;
  std::string
      at;  // a JSON pointer when it starts with '/', otherwise the name of a header; empty: the request as a whole
  std::optional<std::size_t> index = std::nullopt;
};

// Where in a request something stands: written out for a refusal only. Views what it is made of.
class Place {
 public:
  Place() = default;
  Place(const char* text) : front_(text) {}
  Place(std::string_view text) : front_(text) {}
  Place(const std::string& text) : front_(text) {}
  // A member of the object at the JSON pointer `object` (RFC 6901; empty: the document).
  static Place member(std::string_view object, std::string_view name) { return {object, name, Kind::member}; }
  // The header ce-NAME (CloudEvents HTTP binding 3.1.3).
  static Place ce_header(std::string_view name) { return {"ce-", name, Kind::header}; }
  std::string text() const;

 private:
  enum class Kind { header, member };
  Place(std::string_view front, std::string_view name, Kind kind) : front_(front), name_(name), kind_(kind) {}
  std::string_view front_, name_;
  Kind kind_ = Kind::header;
};

// {"error": sentence, "path": JSON pointer or "header": name, "index": number in the batch}
std::string refusal_text(const Refusal& refusal);
[[noreturn]] void refuse(std::string error, const Place& at = {});

// Views of the text, in the case that it was written in.
struct MediaType {
  std::string_view name;     // without parameters
  std::string_view charset;  // empty if not given

  bool is(std::string_view lower_case) const;
};
MediaType parse_media_type(std::string_view text);
bool equal_to_lower(std::string_view text, std::string_view lower_case);
// application/json, text/json and everything that ends in +json.
bool is_json(std::string_view content_type);

// In quotes for a sentence: cut to a readable length, nothing in it that is not UTF-8.
std::string quoted(std::string_view value);
bool valid_utf8(std::string_view text);
// Not empty, no control character, at most `limit` bytes.
void check_name(std::string_view value, std::size_t limit, const Place& at);
// UTF-8 without control characters (CloudEvents 1.0 section 3.1, String).
void check_text(std::string_view value, const Place& at);
std::int64_t check_time(std::string_view value, const Place& at);
void check_attribute_count(const EventParts& event, const PublishLimits& limits);

// A document as it was parsed, in memory that ends with it; refuses what is no JSON.
class Json {
 public:
  Json(std::string_view text, const PublishLimits& limits);
  Json(const Json&) = delete;
  Json& operator=(const Json&) = delete;

  const boost::json::value& value() const { return value_; }
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
  std::array<unsigned char, 4096> memory_;  // what does not fit is taken from the heap
  boost::json::monotonic_resource resource_;
  boost::json::value value_;
};

struct Member {
  std::string_view name;
  const boost::json::value* value;
  std::string_view text;  // of the value, as it was sent
};
using Members = boost::container::small_vector<Member, 16>;
// The members of an object that has none twice and not more than `most`.
Members members(const boost::json::value& object, std::string_view text, std::size_t most, const Place& at);

// "a string", "an object"...
std::string_view kind_of(const boost::json::value& value);
// A view of the value.
std::string_view string_of(const boost::json::value& value, const Place& at);

}  // namespace dragoman::event
