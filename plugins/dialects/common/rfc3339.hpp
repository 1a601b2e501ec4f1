// SPDX-License-Identifier: Apache-2.0
// Times as JSON carries them: RFC 3339, year 0 to 9999. Any thread, no state.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dialects {

// A time with its fraction letter by letter.
struct Time {
  std::int64_t seconds = 0;   // Unix; a leap second counts as the second after it
  std::string_view fraction;  // digits, at least one when there is a point; points into the text that was read
};

// `loose`: a blank may stand for the T, and a time without a zone is UTC.
enum class TimeSyntax { strict, loose };
std::optional<Time> read_time(std::string_view text, TimeSyntax syntax);

// Unix milliseconds, rounded down.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

// Unix milliseconds to "2017-04-06T01:11:10.032Z". A time outside of the years becomes the nearest in them.
enum class Fraction { always, unless_zero };
std::string format_rfc3339(std::int64_t unix_ms, Fraction fraction);

// Unix seconds in the years 0 to 9999 to "2017-04-06T01:11:10", without a zone; nothing: not in them.
std::optional<std::string> format_seconds(std::int64_t unix_seconds);

}  // namespace dialects
