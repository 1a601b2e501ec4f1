// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/schema.hpp"

namespace dialects {

// A plugin's settings as the host hands them over: checked, with defaults. Nothing: the host refuses them.
inline std::optional<std::string> checked_settings(std::string_view schema, const std::string& text) {
  boost::json::value value = boost::json::parse(text);
  std::vector<dragoman::config::Error> errors;
  dragoman::config::Schema::parse(schema).check(value, "settings", dragoman::config::Locations(), errors);
  if (!errors.empty()) return std::nullopt;
  return boost::json::serialize(value);
}

}  // namespace dialects
