// SPDX-License-Identifier: Apache-2.0
// JSON pointers (RFC 6901). Any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::translation {

using Pointer = std::vector<std::string>;  // reference tokens without escapes; empty: the document

// Nothing, and `why` as a sentence's end, when it is no pointer.
std::optional<Pointer> parse_pointer(std::string_view text, std::string& why);
// The element of an array that a reference token names.
std::optional<std::size_t> array_index(std::string_view token);

}  // namespace dragoman::translation
