// SPDX-License-Identifier: Apache-2.0
// RFC 3339 times as honeytrap writes them. Any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace honeytrap {

// Unix milliseconds, rounded down.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

// Unix milliseconds to "2017-04-06T01:11:10.032Z": always three digits of fraction. From year 0 to 9999.
std::string format_rfc3339(std::int64_t unix_ms);

}  // namespace honeytrap
