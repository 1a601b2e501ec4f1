// SPDX-License-Identifier: Apache-2.0
#include "timestamp.hpp"

namespace valtronics {

std::optional<std::string> utc_time(std::string_view text) {
  const auto time = dialects::read_time(text, dialects::TimeSyntax::loose);
  if (!time || time->fraction.size() > 9) return std::nullopt;
  auto out = dialects::format_seconds(time->seconds);
  if (!out) return std::nullopt;
  if (!time->fraction.empty()) out->append(".").append(time->fraction);
  return *out + 'Z';
}

}  // namespace valtronics
