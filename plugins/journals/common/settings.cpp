// SPDX-License-Identifier: Apache-2.0
#include "common/settings.hpp"

#include <boost/json.hpp>

#include "common/failure.hpp"
#include "common/text.hpp"

namespace journals {
namespace {

[[noreturn]] void refuse(std::string_view name, const std::string& what) {
  throw Failure(DGM_E_INVALID, "settings." + std::string(name) + " " + what);
}

}  // namespace

boost::json::object parse_settings(std::string_view json) {
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(json, error);
  if (error || !value.is_object()) throw Failure(DGM_E_INVALID, "the settings are not a JSON object");
  return std::move(value.as_object());
}

std::string text_setting(const boost::json::object& settings, std::string_view name) {
  const boost::json::value* value = settings.if_contains(name);
  if (!value) refuse(name, "is missing");
  if (!value->is_string() || !is_text(value->as_string())) refuse(name, "must be text");
  return {value->as_string().data(), value->as_string().size()};
}

std::int64_t integer_setting(const boost::json::object& settings, std::string_view name, std::int64_t low,
                             std::int64_t high) {
  const boost::json::value* value = settings.if_contains(name);
  if (!value) refuse(name, "is missing");
  boost::system::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  if (error || number < low || number > high)
    refuse(name, "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return number;
}

}  // namespace journals
