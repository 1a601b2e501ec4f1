// SPDX-License-Identifier: Apache-2.0
#include "device.hpp"

#include <charconv>
#include <cmath>

#include "common/json_string.hpp"

namespace valtronics {

using dialects::quote;

namespace {

template <class Number>
std::optional<Number> whole(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string> device_of_text(std::string_view text) {
  if (text.empty() || text.size() > longest_device) return std::nullopt;
  if (const auto number = whole<std::uint64_t>(text)) return std::to_string(*number);
  return quote(text);
}

std::optional<std::string> device_of_json(const Json& value) {
  if (value.is(Json::Kind::string)) return device_of_text(value.text);
  if (!value.is(Json::Kind::number)) return std::nullopt;
  if (const auto number = whole<std::uint64_t>(value.raw)) return std::to_string(*number);
  // 1.0 and 1e0 are one as well, as long as a double holds every whole number.
  const auto number = whole<double>(value.raw);
  if (!number || *number < 0 || *number > 9007199254740992.0 || *number != std::floor(*number)) return std::nullopt;
  return std::to_string(static_cast<std::uint64_t>(*number));
}

DeviceTable::DeviceTable(const std::map<std::string, std::uint64_t>& numbers) : fixed_(numbers) {
  add(fixed_);
}

void DeviceTable::add(const std::map<std::string, std::uint64_t>& numbers) {
  for (const auto& [code, number] : numbers)
    if (&numbers == &fixed_ || !fixed_.contains(code)) numbers_.insert_or_assign(code, std::to_string(number));
}

bool DeviceTable::has_number(std::string_view code) const {
  return numbers_.contains(code) || whole<std::uint64_t>(code);
}

std::optional<std::string> DeviceTable::find(std::string_view code) const {
  const auto found = numbers_.find(code);
  return found == numbers_.end() ? device_of_text(code) : found->second;
}

}  // namespace valtronics
