// SPDX-License-Identifier: Apache-2.0
// A schema made ready for checking. Private to schema*.cpp.
#pragma once
#include <boost/json/value.hpp>
#include <cstddef>
#include <deque>
#include <optional>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "config/schema.hpp"

namespace dragoman::config {

enum TypeBit : unsigned {
  type_null = 1,
  type_boolean = 2,
  type_integer = 4,
  type_number = 8,
  type_string = 16,
  type_list = 32,
  type_mapping = 64
};

enum class Format { none, size, duration };

struct Rule {
  const Rule* reference = nullptr;  // alone, but for a default
  unsigned types = 0;               // 0: any
  Format format = Format::none;
  std::vector<std::pair<std::string, const Rule*>> properties;
  std::vector<std::string> required;
  bool additional_allowed = true;
  const Rule* additional = nullptr;
  const Rule* property_names = nullptr;
  bool has_choices = false;  // enum, const
  std::vector<boost::json::value> choices;
  std::optional<double> minimum, maximum;
  std::optional<std::size_t> min_length, max_length, min_items, max_items;
  std::optional<std::regex> pattern;
  std::string pattern_text, description;
  const Rule* items = nullptr;
  bool unique_items = false;
  std::optional<boost::json::value> default_value;  // as written
};

struct Schema::Compiled {
  std::deque<Rule> rules;
  const Rule* root = nullptr;
};

void check_rule(const Rule& rule, boost::json::value& value, const std::string& path, const Locations& locations,
                std::vector<Error>& errors);

}  // namespace dragoman::config
