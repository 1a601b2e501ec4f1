// SPDX-License-Identifier: Apache-2.0
// Times as the Lavaboom API writes them. Any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace lavaboom {

// Unix milliseconds, rounded down.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

}  // namespace lavaboom
