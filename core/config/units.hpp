// SPDX-License-Identifier: Apache-2.0
// The notations of a configuration that are more than a number: sizes, durations, points in time.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace dragoman::config {

// "512B", "64KiB", "1MiB", "2GiB" (powers of 1024), "64kB", "1MB", "2GB" (powers of 1000) to bytes; at most 2^53.
std::optional<std::int64_t> parse_size(std::string_view text);
// "500ms", "30s", "5m", "1h", "7d" to milliseconds; at most 2^53.
std::optional<std::int64_t> parse_duration(std::string_view text);
// RFC 3339 section 5.6 ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5+02:00") to milliseconds since 1970 in UTC. A
// leap second counts as the second after it.
std::optional<std::int64_t> parse_time(std::string_view text);

}  // namespace dragoman::config
