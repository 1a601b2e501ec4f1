// SPDX-License-Identifier: Apache-2.0
#include "rfc3339.hpp"

#include <chrono>

namespace lavaboom {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads "dddd-dd-ddTdd:dd:dd" and the like: d is a digit, T and - stand for themselves.
bool matches(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == 'd' ? !digit(text[i]) : shape[i] == 'T' ? (text[i] | 0x20) != 't' : text[i] != shape[i])
      return false;
  return true;
}

int number(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value * 10 + (text[at + i] - '0');
  return value;
}

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  if (!matches(text, "dddd-dd-ddTdd:dd:dd")) return std::nullopt;
  const year_month_day date{year(number(text, 0, 4)), month(static_cast<unsigned>(number(text, 5, 2))),
                            day(static_cast<unsigned>(number(text, 8, 2)))};
  const int hour = number(text, 11, 2), minute = number(text, 14, 2), second = number(text, 17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  text.remove_prefix(19);
  int ms = 0;
  if (!text.empty() && text.front() == '.') {
    std::size_t count = 1;
    for (int scale = 100; count < text.size() && digit(text[count]); ++count, scale /= 10)
      ms += scale * (text[count] - '0');
    if (count == 1) return std::nullopt;
    text.remove_prefix(count);
  }
  std::int64_t offset = 0;
  if (text != "Z" && text != "z") {
    if (text.size() != 6 || (!matches(text, "+dd:dd") && !matches(text, "-dd:dd"))) return std::nullopt;
    const int hours = number(text, 1, 2), minutes = number(text, 4, 2);
    if (hours > 23 || minutes > 59) return std::nullopt;
    offset = (hours * 60 + minutes) * (text.front() == '-' ? -1 : 1);
  }
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  return (((days * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + ms;
}

}  // namespace lavaboom
