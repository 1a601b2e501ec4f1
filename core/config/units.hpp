// SPDX-License-Identifier: Apache-2.0
// The notations of a configuration that are more than a number: sizes and durations.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace dragoman::config {

// "512B", "64KiB", "1MiB", "2GiB" (powers of 1024), "64kB", "1MB", "2GB" (powers of 1000) to bytes; at most 2^53.
std::optional<std::int64_t> parse_size(std::string_view text);
// "500ms", "30s", "5m", "1h", "7d" to milliseconds; at most 2^53.
std::optional<std::int64_t> parse_duration(std::string_view text);

}  // namespace dragoman::config
