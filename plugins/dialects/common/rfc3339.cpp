// SPDX-License-Identifier: Apache-2.0
#include "common/rfc3339.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace dialects {
namespace {

// What four digits of year can hold.
constexpr std::int64_t first_second = -62'167'219'200, last_second = 253'402'300'799;

bool digit(char c) {
  return c >= '0' && c <= '9';
}

// In the shape d stands for a digit, ? for anything, what is left for itself.
bool matches(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == 'd' ? !digit(text[i]) : shape[i] != '?' && text[i] != shape[i]) return false;
  return true;
}

int number(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value * 10 + (text[at + i] - '0');
  return value;
}

// Minutes east of UTC.
std::optional<int> read_zone(std::string_view text, TimeSyntax syntax) {
  if (text == "Z" || text == "z" || (text.empty() && syntax == TimeSyntax::loose)) return 0;
  if (text.size() != 6 || (!matches(text, "+dd:dd") && !matches(text, "-dd:dd"))) return std::nullopt;
  const int hours = number(text, 1, 2), minutes = number(text, 4, 2);
  if (hours > 23 || minutes > 59) return std::nullopt;
  return (hours * 60 + minutes) * (text.front() == '-' ? -1 : 1);
}

std::string format(std::int64_t unix_seconds) {
  using namespace std::chrono;
  const sys_seconds time{seconds(unix_seconds)};
  const auto midnight = floor<days>(time);
  const year_month_day date{midnight};
  const hh_mm_ss<seconds> clock{time - midnight};
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

}  // namespace

std::optional<Time> read_time(std::string_view text, TimeSyntax syntax) {
  using namespace std::chrono;
  if (!matches(text, "dddd-dd-dd") || !matches(text.substr(10), "?dd:dd:dd")) return std::nullopt;
  const char between = text[10];
  if (between != 'T' && between != 't' && (between != ' ' || syntax == TimeSyntax::strict)) return std::nullopt;
  const year_month_day date{year(number(text, 0, 4)), month(static_cast<unsigned>(number(text, 5, 2))),
                            day(static_cast<unsigned>(number(text, 8, 2)))};
  const int hour = number(text, 11, 2), minute = number(text, 14, 2), second = number(text, 17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  text.remove_prefix(19);
  Time time;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const auto end = std::find_if_not(text.begin(), text.end(), digit);
    time.fraction = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    if (time.fraction.empty()) return std::nullopt;
    text.remove_prefix(time.fraction.size());
  }
  const auto zone = read_zone(text, syntax);
  if (!zone) return std::nullopt;
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  time.seconds = ((days * 24 + hour) * 60 + minute - *zone) * 60 + second;
  return time;
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  const auto time = read_time(text, TimeSyntax::strict);
  if (!time) return std::nullopt;
  int ms = 0, scale = 100;
  for (const char c : time->fraction.substr(0, 3)) {
    ms += scale * (c - '0');
    scale /= 10;
  }
  return time->seconds * 1000 + ms;
}

std::string format_rfc3339(std::int64_t unix_ms, Fraction fraction) {
  unix_ms = std::clamp(unix_ms, first_second * 1000, last_second * 1000 + 999);
  const int ms = static_cast<int>((unix_ms % 1000 + 1000) % 1000);
  std::string out = format((unix_ms - ms) / 1000);
  if (ms > 0 || fraction == Fraction::always) {
    char digits[8];
    std::snprintf(digits, sizeof digits, ".%03d", ms);
    out += digits;
  }
  return out + 'Z';
}

std::optional<std::string> format_seconds(std::int64_t unix_seconds) {
  if (unix_seconds < first_second || unix_seconds > last_second) return std::nullopt;
  return format(unix_seconds);
}

}  // namespace dialects
