// SPDX-License-Identifier: Apache-2.0
#include "timestamp.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace valtronics {
namespace {

using namespace std::chrono;

bool digit(char c) {
  return c >= '0' && c <= '9';
}

// d stands for a digit, T for itself or a blank, anything else for itself.
bool matches(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == 'd'   ? !digit(text[i])
        : shape[i] == 'T' ? text[i] != 'T' && text[i] != 't' && text[i] != ' '
                          : text[i] != shape[i])
      return false;
  return true;
}

int number(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value * 10 + (text[at + i] - '0');
  return value;
}

std::string format_seconds(sys_seconds time) {
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

std::string format_time(std::int64_t unix_ms) {
  // What four digits of year can hold.
  unix_ms = std::clamp<std::int64_t>(unix_ms, -62'167'219'200'000, 253'402'300'799'999);
  const sys_time<milliseconds> time{milliseconds(unix_ms)};
  const auto whole = floor<seconds>(time);
  std::string out = format_seconds(whole);
  if (const auto ms = (time - whole).count()) {
    char fraction[8];
    std::snprintf(fraction, sizeof fraction, ".%03d", static_cast<int>(ms));
    out += fraction;
  }
  return out + "Z";
}

std::optional<std::string> utc_time(std::string_view text) {
  if (!matches(text, "dddd-dd-ddTdd:dd:dd")) return std::nullopt;
  const year_month_day date{year(number(text, 0, 4)), month(static_cast<unsigned>(number(text, 5, 2))),
                            day(static_cast<unsigned>(number(text, 8, 2)))};
  const int hour = number(text, 11, 2), minute = number(text, 14, 2), second = number(text, 17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  text.remove_prefix(19);
  std::size_t fraction = 0;
  if (text.starts_with('.')) {
    for (fraction = 1; fraction < text.size() && digit(text[fraction]);) ++fraction;
    if (fraction == 1 || fraction > 10) return std::nullopt;
  }
  const std::string_view digits = text.substr(0, fraction), zone = text.substr(fraction);
  minutes offset{0};
  if (!zone.empty() && zone != "Z" && zone != "z") {
    if (zone.size() != 6 || (!matches(zone, "+dd:dd") && !matches(zone, "-dd:dd"))) return std::nullopt;
    const int zone_hours = number(zone, 1, 2), zone_minutes = number(zone, 4, 2);
    if (zone_hours > 23 || zone_minutes > 59) return std::nullopt;
    offset = minutes((zone_hours * 60 + zone_minutes) * (zone.front() == '-' ? -1 : 1));
  }
  const sys_seconds time = sys_days(date) + hours(hour) + minutes(minute) + seconds(second) - offset;
  const auto utc_year = static_cast<int>(year_month_day(floor<days>(time)).year());
  if (utc_year < 0 || utc_year > 9999) return std::nullopt;
  return format_seconds(time).append(digits) + "Z";
}

}  // namespace valtronics
