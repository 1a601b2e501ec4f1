// SPDX-License-Identifier: Apache-2.0
// Times as people and JSON write them: RFC 3339 section 5.6. Any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dragoman::base {

// "2024-02-29T23:59:60.123456+01:00" to Unix milliseconds (rounded down); a leap second counts as the second after it.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

// Unix milliseconds to "2024-02-29T22:59:59.123Z"; without the fraction when it is zero.
std::string format_rfc3339(std::int64_t unix_ms);

}  // namespace dragoman::base
