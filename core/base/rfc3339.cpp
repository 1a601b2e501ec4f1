// SPDX-License-Identifier: Apache-2.0
#include "base/rfc3339.hpp"

#include <fmt/format.h>

#include <chrono>

namespace dragoman::base {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool number(std::size_t digits, int& value) {
    if (rest_.size() < digits) return false;
    value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!digit(rest_[i])) return false;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return true;
  }

  bool any_of(std::string_view allowed, char* which = nullptr) {
    if (rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos) return false;
    if (which) *which = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }

  // The digits after the point, of which three count.
  bool fraction(int& ms) {
    std::size_t count = 0;
    int scale = 100;
    for (; count < rest_.size() && digit(rest_[count]); ++count, scale /= 10) ms += scale * (rest_[count] - '0');
    rest_.remove_prefix(count);
    return count > 0;
  }

  bool at_end() const { return rest_.empty(); }

 private:
  static bool digit(char c) { return c >= '0' && c <= '9'; }
  std::string_view rest_;
};

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  Scanner in(text);
  int year, month, day, hour, minute, second, ms = 0;
  if (!in.number(4, year) || !in.any_of("-") || !in.number(2, month) || !in.any_of("-") || !in.number(2, day) ||
      !in.any_of("Tt") || !in.number(2, hour) || !in.any_of(":") || !in.number(2, minute) || !in.any_of(":") ||
      !in.number(2, second))
    return std::nullopt;
  if (in.any_of(".") && !in.fraction(ms)) return std::nullopt;
  char sign = 'Z';
  int offset_hour = 0, offset_minute = 0;
  if (!in.any_of("Zz") &&
      (!in.any_of("+-", &sign) || !in.number(2, offset_hour) || !in.any_of(":") || !in.number(2, offset_minute)))
    return std::nullopt;
  if (!in.at_end()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60 || offset_hour > 23 || offset_minute > 59)
    return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t offset = (offset_hour * 60 + offset_minute) * (sign == '-' ? -1 : 1);
  return (((days * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + ms;
}

std::string format_rfc3339(std::int64_t unix_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds(unix_ms)};
  const auto days = floor<std::chrono::days>(time);
  const year_month_day date{days};
  const hh_mm_ss<milliseconds> clock{time - days};
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (const auto ms = clock.subseconds().count()) out += fmt::format(".{:03}", ms);
  return out + 'Z';
}

}  // namespace dragoman::base
