// SPDX-License-Identifier: Apache-2.0
#include "config/units.hpp"

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

}  // namespace dragoman::config
