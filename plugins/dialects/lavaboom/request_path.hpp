// SPDX-License-Identifier: Apache-2.0
// Paths of tunnelled requests (lavaboom digest section 5). Any thread, no state.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace lavaboom {

// The path as it goes on the request line: without a fragment, non-ASCII bytes percent-encoded, otherwise unchanged.
// Nothing: it must not be sent; `why` says what is wrong with it. sockjs_prefix: as in Settings.
std::optional<std::string> check_path(std::string_view path, std::string_view sockjs_prefix, std::string_view& why);

// An id as one segment of a path. Nothing: no segment can carry it (empty, "." and "..").
std::optional<std::string> path_segment(std::string_view id);

}  // namespace lavaboom
