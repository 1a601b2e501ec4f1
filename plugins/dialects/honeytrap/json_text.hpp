// SPDX-License-Identifier: Apache-2.0
// JSON as text: cut into pieces and put together again without a change to any value. Any thread, no state.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace honeytrap {

// Appends checked JSON without blanks and without commas before } and ].
void append_compact(std::string& out, std::string_view checked);

// What follows reads compact JSON. It is safe with anything else: the answer is then "no".

struct Member {
  std::string key;         // decoded
  std::string_view value;  // JSON, points into the text that was read
};
// The members of an object in their order. Of several with one key the last value counts, at the place of the first.
std::optional<std::vector<Member>> read_members(std::string_view object);
std::optional<std::vector<std::string_view>> read_elements(std::string_view array);

}  // namespace honeytrap
