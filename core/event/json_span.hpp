// SPDX-License-Identifier: Apache-2.0
// Where values stand in a JSON text, so that a body is passed on with the bytes that its publisher wrote: spacing,
// escapes and the spelling of numbers are kept. Any thread.
#pragma once
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman::event {

// `text` must be a valid JSON array or object. Views into it, in the order of the text.
std::vector<std::string_view> json_elements(std::string_view text);
// Name with its quotes and escapes, and value.
std::vector<std::pair<std::string_view, std::string_view>> json_members(std::string_view text);

}  // namespace dragoman::event
