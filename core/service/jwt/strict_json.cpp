// SPDX-License-Identifier: Apache-2.0
#include "service/jwt/strict_json.hpp"

#include <boost/json/parse.hpp>

#include "event/json_span.hpp"

namespace dragoman::service::jwt {
namespace {

namespace json = boost::json;

std::size_t written_members(std::string_view text) {
  std::size_t count = 0;
  if (text.front() == '{') {
    event::JsonMembers members(text);
    while (const auto member = members.next()) count += 1 + written_members(member->value);
  } else if (text.front() == '[') {
    event::JsonElements elements(text);
    while (const auto element = elements.next()) count += written_members(*element);
  }
  return count;
}

std::size_t kept_members(const json::value& value) {
  std::size_t count = 0;
  if (const json::object* object = value.if_object()) {
    for (const auto& member : *object) count += 1 + kept_members(member.value());
  } else if (const json::array* array = value.if_array()) {
    for (const auto& element : *array) count += kept_members(element);
  }
  return count;
}

}  // namespace

std::optional<json::object> parse_strict(std::string_view text) {
  json::parse_options options;
  options.max_depth = 16;
  json::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error, {}, options);
  if (error || !value.is_object()) return std::nullopt;
  // The parser keeps the last of several members of one name.
  const std::size_t begin = text.find('{');
  if (written_members(text.substr(begin)) != kept_members(value)) return std::nullopt;
  return std::move(value.as_object());
}

}  // namespace dragoman::service::jwt
