// SPDX-License-Identifier: Apache-2.0
#include "event/publish_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/rfc3339.hpp"
#include "event/json_span.hpp"

namespace dragoman::event {
namespace json = boost::json;

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view trim(std::string_view text) {
  const auto from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

// Bytes of the UTF-8 sequence at the front of a text that is not empty; 0 when it is none (RFC 3629).
std::size_t sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < n) return 0;
  for (std::size_t i = 1; i < n; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const unsigned second = byte(1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) || (first == 0xf0 && second < 0x90) ||
      (first == 0xf4 && second > 0x8f))
    return 0;
  return n;
}

std::string duplicate_name(std::string_view object) {
  std::vector<std::string_view> names;
  JsonMembers all(object);
  while (const auto member = all.next()) names.push_back(member->name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  // Two spellings of one name, "a" and "\u0061", are not found here.
  return twice == names.end() ? "a name" : quoted(twice->substr(1, twice->size() - 2));
}

}  // namespace

std::string Place::text() const {
  std::string out(front_);
  if (kind_ == Kind::header) return out.append(name_);
  out += '/';
  for (const char c : name_) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

void refuse(std::string error, const Place& at) {
  throw Refusal{400, std::move(error), at.text()};
}

std::string refusal_text(const Refusal& refusal) {
  json::object out;
  out["error"] = refusal.error;
  // The name of a member or header may be as long as the body; the sentence says enough then.
  if (!refusal.at.empty() && refusal.at.size() <= 600 && valid_utf8(refusal.at))
    out[refusal.at.front() == '/' ? "path" : "header"] = refusal.at;
  if (refusal.index) out["index"] = *refusal.index;
  return json::serialize(out);
}

bool equal_to_lower(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return lower(a) == b; });
}

bool MediaType::is(std::string_view lower_case) const {
  return equal_to_lower(name, lower_case);
}

MediaType parse_media_type(std::string_view text) {
  MediaType out;
  std::size_t end = text.find(';');
  out.name = trim(text.substr(0, end));
  while (end != std::string_view::npos) {
    text.remove_prefix(end + 1);
    end = text.find(';');
    const std::string_view parameter = trim(text.substr(0, end));
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || !equal_to_lower(trim(parameter.substr(0, equals)), "charset")) continue;
    std::string_view value = trim(parameter.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    out.charset = value;
  }
  return out;
}

bool is_json(std::string_view content_type) {
  const MediaType type = parse_media_type(content_type);
  static constexpr std::string_view suffix = "+json";
  return type.is("application/json") || type.is("text/json") ||
         (type.name.size() > suffix.size() &&
          equal_to_lower(type.name.substr(type.name.size() - suffix.size()), suffix));
}

bool valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t n = sequence(text);
    if (!n) return false;
    text.remove_prefix(n);
  }
  return true;
}

std::string quoted(std::string_view value) {
  static constexpr std::size_t most = 64;
  std::string out = "\"";
  while (!value.empty()) {
    const std::size_t n = sequence(value);
    if (out.size() + n > most) {
      out += "...";
      break;
    }
    if (n)
      out.append(value.substr(0, n));
    else
      out += '?';
    value.remove_prefix(n ? n : 1);
  }
  return out + '"';
}

void check_text(std::string_view value, const Place& at) {
  if (!valid_utf8(value)) refuse("this is not UTF-8", at);
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto byte = static_cast<unsigned char>(value[i]);
    const bool c1 = byte == 0xc2 && static_cast<unsigned char>(value[i + 1]) < 0xa0;
    if (byte < 0x20 || byte == 0x7f || c1) refuse("control characters are not allowed here", at);
  }
}

void check_name(std::string_view value, std::size_t limit, const Place& at) {
  if (value.empty()) refuse("this must not be empty", at);
  if (value.size() > limit) refuse(fmt::format("this has {} bytes, at most {} are allowed", value.size(), limit), at);
  check_text(value, at);
}

std::int64_t check_time(std::string_view value, const Place& at) {
  const auto time = base::parse_rfc3339(value);
  if (!time) refuse(quoted(value) + " is not a time of RFC 3339, such as 2024-05-31T17:31:00Z", at);
  return *time;
}

void check_attribute_count(const EventParts& event, const PublishLimits& limits) {
  if (event.attributes.size() > limits.attributes)
    refuse(
        fmt::format("the event has {} attributes, at most {} are allowed", event.attributes.size(), limits.attributes));
}

Json::Json(std::string_view text, const PublishLimits& limits)
    : text_(text), resource_(memory_.data(), memory_.size()), value_(json::storage_ptr(&resource_)) {
  json::parse_options options;
  options.max_depth = limits.json_depth;
  // The parser's own stack; it takes from the heap what does not fit.
  unsigned char scratch[4096];
  json::parser parser({}, options, scratch);
  parser.reset(&resource_);
  json::error_code error;
  const std::size_t consumed = parser.write({text.data(), text.size()}, error);
  if (error == json::error::too_deep)
    refuse(fmt::format("the JSON is nested deeper than {} levels", limits.json_depth));
  if (error == json::error::incomplete) refuse(text.empty() ? "the body is empty" : "the JSON ends too early");
  if (error) refuse(fmt::format("the body is not valid JSON: {} at byte {}", error.message(), consumed));
  value_ = parser.release();
}

Members members(const json::value& object, std::string_view text, std::size_t most, const Place& at) {
  const auto& parsed = object.get_object();
  Members out;
  auto next = parsed.begin();
  std::size_t count = 0;
  JsonMembers all(text);
  while (const auto member = all.next()) {
    if (++count > most || next == parsed.end()) continue;
    out.push_back({{next->key().data(), next->key().size()}, &next->value(), member->value});
    ++next;
  }
  if (count > most) refuse(fmt::format("{} members are too many, at most {} are allowed", count, most), at);
  if (count != parsed.size()) refuse(duplicate_name(text) + " is given twice", at);
  return out;
}

std::string_view kind_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
  }
  return "unknown";
}

std::string_view string_of(const json::value& value, const Place& at) {
  if (!value.is_string()) refuse(fmt::format("this must be a string, not {}", kind_of(value)), at);
  return {value.get_string().data(), value.get_string().size()};
}

}  // namespace dragoman::event
