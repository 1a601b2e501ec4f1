// SPDX-License-Identifier: Apache-2.0
// Strict reading of JSON and header values that come from outside: refusals that say where, checks of text, JSON with
// exact spans. Any thread.
#pragma once
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// {"error": sentence, "path": JSON pointer or "header": name, "index": number in the batch}
std::string refusal_text(const Refusal& refusal);
[[noreturn]] void refuse(std::string error, std::string at = {});

struct MediaType {
  std::string name;     // lower case, without parameters
  std::string charset;  // lower case, empty if not given
};
MediaType parse_media_type(std::string_view text);
// application/json, text/json and everything that ends in +json.
bool is_json(std::string_view content_type);

// In quotes for a sentence: cut to a readable length, nothing in it that is not UTF-8.
std::string quoted(std::string_view value);
bool valid_utf8(std::string_view text);
// A name part of a JSON pointer (RFC 6901).
std::string pointer(std::string_view name);

// Not empty, no control character, at most `limit` bytes.
void check_name(std::string_view value, std::size_t limit, const std::string& at);
// UTF-8 without control characters (CloudEvents 1.0 section 3.1, String).
void check_text(std::string_view value, const std::string& at);
std::int64_t check_time(std::string_view value, const std::string& at);
void check_attribute_count(const Event& event, const PublishLimits& limits);

struct Json {
  boost::json::value value;
  std::string_view text;
};
Json parse_json(std::string_view text, const PublishLimits& limits);

struct Member {
  std::string_view name;
  const boost::json::value* value;
  std::string_view text;  // of the value, as it was sent
};
// The members of an object that has none twice and not more than `most`.
std::vector<Member> members(const boost::json::value& object, std::string_view text, std::size_t most,
                            const std::string& at);

// "a string", "an object"...
std::string_view kind_of(const boost::json::value& value);
std::string string_of(const boost::json::value& value, const std::string& at);

}  // namespace dragoman::event
