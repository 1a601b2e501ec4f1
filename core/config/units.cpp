// SPDX-License-Identifier: Apache-2.0
#include "config/units.hpp"

#include <chrono>
#include <initializer_list>

namespace dragoman::config {
namespace {

constexpr std::int64_t largest = std::int64_t{1} << 53;

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

std::optional<std::int64_t> parse_with_unit(std::string_view text, std::initializer_list<Unit> units) {
  std::size_t digits = 0;
  std::int64_t number = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    number = number * 10 + (text[digits] - '0');
    if (number > largest) return std::nullopt;
  }
  if (digits == 0) return std::nullopt;
  for (const Unit& unit : units) {
    if (text.substr(digits) != unit.name) continue;
    if (number > largest / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

// Takes exactly `count` digits off the front.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool take(std::string_view& text, std::string_view one_of) {
  if (text.empty() || one_of.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Milliseconds of ".123..."; digits past the third do not count.
std::optional<int> take_fraction(std::string_view& text) {
  if (!take(text, ".")) return 0;
  int milliseconds = 0;
  int weight = 100;
  bool any = false;
  while (const auto digit = take_digits(text, 1)) {
    milliseconds += *digit * weight;
    weight /= 10;
    any = true;
  }
  if (!any) return std::nullopt;
  return milliseconds;
}

std::optional<int> take_offset_minutes(std::string_view& text) {
  if (take(text, "Zz")) return 0;
  const bool west = !text.empty() && text[0] == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !take(text, ":")) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const int offset = *hours * 60 + *minutes;
  return west ? -offset : offset;
}

}  // namespace

std::optional<std::int64_t> parse_size(std::string_view text) {
  return parse_with_unit(text, {{"B", 1},
                                {"KiB", 1 << 10},
                                {"MiB", 1 << 20},
                                {"GiB", 1 << 30},
                                {"kB", 1000},
                                {"MB", 1000 * 1000},
                                {"GB", 1000 * 1000 * 1000}});
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  return parse_with_unit(text, {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}, {"d", 24 * 3600 * 1000}});
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day || !take(text, "Tt ")) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ":")) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59 || !take(text, ":")) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second || *second > 60) return std::nullopt;
  const auto milliseconds = take_fraction(text);
  if (!milliseconds) return std::nullopt;
  const auto offset = take_offset_minutes(text);
  if (!offset || !text.empty()) return std::nullopt;

  namespace chrono = std::chrono;
  const chrono::year_month_day date{chrono::year{*year}, chrono::month{static_cast<unsigned>(*month)},
                                    chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = chrono::sys_days{date}.time_since_epoch().count();
  return (((days * 24 + *hour) * 60 + *minute - *offset) * 60 + *second) * 1000 + *milliseconds;
}

}  // namespace dragoman::config
