// SPDX-License-Identifier: Apache-2.0
// JSON as text: checked without building a tree, cut into pieces, and written. Values stay as they were sent, so that
// an id is echoed to the last digit. Any thread, no state.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lavaboom {

// The root object counts.
inline constexpr std::size_t deepest_json = 32;

// Appends a JSON string. Takes any bytes: every ill-formed sequence becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

struct Member {
  std::string key;         // decoded
  std::string_view value;  // JSON without blanks around it; points into the text that was read
};

// The text of one well-formed JSON object of valid UTF-8, without blanks around it. Nothing: it is none.
std::optional<std::string_view> check_object(std::string_view text);

// What follows reads checked JSON. It is safe with anything else: the answer is then "no".

// The first `most` members that are not repetitions count towards the limit; nothing when there are more. Of several
// with one key the last counts.
std::optional<std::vector<Member>> read_members(std::string_view object);
std::optional<std::vector<std::string_view>> read_elements(std::string_view array);
std::optional<std::string> read_string(std::string_view value);

// The value of a member, the last of that name; empty: absent.
std::string_view find_member(const std::vector<Member>& members, std::string_view key);

}  // namespace lavaboom
