// SPDX-License-Identifier: Apache-2.0
// Whether text is JSON, found out without building a tree: hostile text costs no memory. Any thread, no state.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dialects {

// Nesting; the outermost object or array counts.
inline constexpr std::size_t deepest_json = 32;

// Nothing: `text` is one well-formed JSON text of valid UTF-8. Otherwise what is wrong with it. With `lenient` one
// comma may stand before } and ].
std::optional<std::string> check_json(std::string_view text, bool lenient, std::size_t max_depth = deepest_json);

// One well-formed JSON value of valid UTF-8, without the blanks around it. Nothing: the text is something else.
std::optional<std::string_view> check_value(std::string_view text);
// The same, of an object.
std::optional<std::string_view> check_object(std::string_view text);

}  // namespace dialects
