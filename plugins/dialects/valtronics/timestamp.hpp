// SPDX-License-Identifier: Apache-2.0
// Times as clients get them: UTC, ISO 8601, with Z (valtronics digest section 5). Any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/rfc3339.hpp"

namespace valtronics {

// Unix milliseconds to "2024-01-01T12:00:00.125Z"; whole seconds have no fraction. Years 0 to 9999.
inline std::string format_time(std::int64_t unix_ms) {
  return dialects::format_rfc3339(unix_ms, dialects::Fraction::unless_zero);
}

// A backend's time made UTC. Without a zone it is taken as UTC, as the simulators mean it. Nothing: no time.
std::optional<std::string> utc_time(std::string_view text);

}  // namespace valtronics
