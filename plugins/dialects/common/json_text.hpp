// SPDX-License-Identifier: Apache-2.0
// JSON as a tree that remembers the text of every value, so that numbers and metadata are passed on to the last digit.
// Any thread, no state.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialects {

struct Json {
  enum class Kind { null, boolean, number, string, array, object };
  struct Member;

  Kind kind = Kind::null;
  std::string_view raw;  // points into the text that was parsed, without blanks around it
  std::string text;      // of a string, decoded
  std::vector<Member> members;
  std::vector<Json> elements;

  bool is(Kind k) const { return kind == k; }
  // The last member of that name; null: there is none.
  const Json* find(std::string_view name) const;
  // The same, but null unless it is of that kind.
  const Json* find(std::string_view name, Kind k) const;
};

struct Json::Member {
  std::string name;
  Json value;
};

// Nothing: not one well-formed JSON text of valid UTF-8, or nested deeper than 32 levels.
std::optional<Json> parse_json(std::string_view text);

// The beginning of a valid UTF-8 text: at most so many bytes, cut at a character.
std::string_view shorten(std::string_view utf8, std::size_t bytes);

}  // namespace dialects
