// SPDX-License-Identifier: Apache-2.0
// Names of devices. A device is written as the JSON of its id: `1`, or `"TEMP-001"` if it has no number; so it is
// compared, used as the key of events and put into messages. Any thread.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "json_text.hpp"

namespace valtronics {

inline constexpr std::size_t longest_device = 256;  // bytes of the decoded text
// The key of events that concern no device.
inline constexpr std::string_view no_device = "null";

// Digits count as the number. Nothing: empty or too long.
std::optional<std::string> device_of_text(std::string_view text);
// Whole numbers from zero on, and text. Nothing: anything else.
std::optional<std::string> device_of_json(const Json& value);

// Codes of devices to their numbers.
class DeviceTable {
 public:
  DeviceTable() = default;
  explicit DeviceTable(const std::map<std::string, std::uint64_t>& numbers);
  // The number of a code that has one, otherwise device_of_text().
  std::optional<std::string> find(std::string_view code) const;
  // False: find() would answer with text.
  bool has_number(std::string_view code) const;
  // Numbers of the constructor stay.
  void add(const std::map<std::string, std::uint64_t>& numbers);

 private:
  std::map<std::string, std::uint64_t> fixed_;
  std::map<std::string, std::string, std::less<>> numbers_;
};

}  // namespace valtronics
