// SPDX-License-Identifier: Apache-2.0
// Reads the settings object of dgm_config. Every function throws Failure(DGM_E_INVALID) with a sentence.
#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace journals {

boost::json::object parse_settings(std::string_view json);
// A value is never part of the sentence: it may be a secret.
std::string text_setting(const boost::json::object& settings, std::string_view name);
std::int64_t integer_setting(const boost::json::object& settings, std::string_view name, std::int64_t low,
                             std::int64_t high);

}  // namespace journals
