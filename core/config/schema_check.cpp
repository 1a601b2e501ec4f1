// SPDX-License-Identifier: Apache-2.0
// From a value and its rule to a completed value or to errors.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <cstdint>
#include <set>

#include "config/schema_rule.hpp"
#include "config/suggest.hpp"
#include "config/units.hpp"

namespace dragoman::config {
namespace {

namespace json = boost::json;

constexpr unsigned deepest_value = 128;
// The library's matcher recurses once or more per byte.
constexpr std::size_t longest_matched = 1024;
constexpr double largest_integer = 9007199254740992.0;  // 2^53

unsigned type_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return type_null;
    case json::kind::bool_:
      return type_boolean;
    case json::kind::int64:
    case json::kind::uint64:
      return type_integer;
    case json::kind::double_: {
      const double number = value.get_double();
      return number == std::floor(number) && std::abs(number) <= largest_integer ? type_number | type_integer
                                                                                 : type_number;
    }
    case json::kind::string:
      return type_string;
    case json::kind::array:
      return type_list;
    case json::kind::object:
      return type_mapping;
  }
  return 0;
}

std::string found(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "nothing";
    case json::kind::bool_:
      return "true or false";
    case json::kind::int64:
    case json::kind::uint64:
      return "an integer";
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      return "a mapping";
  }
  return {};
}

std::string expected(const Rule& rule) {
  if (rule.format == Format::size) return "a size such as 512, 64KiB or 1MiB";
  if (rule.format == Format::duration) return "a duration such as 500ms, 30s or 5m, or a number of seconds";
  static constexpr std::pair<unsigned, std::string_view> names[] = {
      {type_mapping, "a mapping"}, {type_list, "a list"},        {type_string, "a string"},
      {type_number, "a number"},   {type_integer, "an integer"}, {type_boolean, "true or false"},
      {type_null, "null"}};
  std::vector<std::string_view> wanted;
  unsigned types = rule.types;
  if (types & type_number) types &= ~static_cast<unsigned>(type_integer);
  for (const auto& [bit, name] : names)
    if (types & bit) wanted.push_back(name);
  std::string out;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (i > 0) out += i + 1 == wanted.size() ? " or " : ", ";
    out += wanted[i];
  }
  return out;
}

std::string bound_text(const Rule& rule, double bound) {
  if (rule.format == Format::duration) {
    for (const auto& [factor, unit] :
         {std::pair{86400, "d"}, std::pair{3600, "h"}, std::pair{60, "m"}, std::pair{1, "s"}})
      if (bound >= factor && std::fmod(bound, factor) == 0) return fmt::format("{:.0f}{}", bound / factor, unit);
    return fmt::format("{:.0f}ms", bound * 1000);
  }
  if (rule.format == Format::size && bound > 0) {
    for (const auto& [factor, unit] : {std::pair{1 << 30, "GiB"}, std::pair{1 << 20, "MiB"}, std::pair{1 << 10, "KiB"}})
      if (std::fmod(bound, factor) == 0) return fmt::format("{:.0f}{}", bound / factor, unit);
  }
  return fmt::format("{:.15g}", bound);
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string plural(std::size_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

class Checker {
 public:
  Checker(const Locations& locations, std::vector<Error>& errors) : locations_(locations), errors_(errors) {}

  void check(const Rule& given, json::value& value, const std::string& path, unsigned depth) {
    if (stopped_ || locations_.refused(path)) return;
    if (depth > deepest_value) {
      add(path, "the value, or its defaults, nest too deep");
      stopped_ = true;
      return;
    }
    const Rule* rule = &given;
    while (rule->reference) rule = rule->reference;
    if (!check_type(*rule, value, path)) return;
    if (rule->format != Format::none && !normalise(*rule, value, path)) return;
    check_choice(*rule, value, path);
    switch (value.kind()) {
      case json::kind::string:
        check_string(*rule, value.get_string(), path, locations_.value(path));
        break;
      case json::kind::int64:
      case json::kind::uint64:
      case json::kind::double_:
        check_number(*rule, value.to_number<double>(), path);
        break;
      case json::kind::array:
        check_list(*rule, value.get_array(), path, depth);
        break;
      case json::kind::object:
        check_mapping(*rule, value.get_object(), path, depth);
        break;
      default:
        break;
    }
  }

 private:
  void add(const std::string& path, std::string message) {
    add_error(errors_, {locations_.value(path), path, std::move(message)});
  }

  bool check_type(const Rule& rule, json::value& value, const std::string& path) {
    const unsigned type = type_of(value);
    if (rule.types != 0 && (type & rule.types) == 0) {
      std::string message = fmt::format("expected {}, found {}", expected(rule), found(value));
      const bool bare = type & (type_integer | type_number | type_boolean);
      if (bare && rule.format == Format::none && (rule.types & type_string)) message += " (in quotes it is a string)";
      add(path, std::move(message));
      return false;
    }
    // 1e3 where an integer is wanted.
    if (value.is_double() && (type & type_integer) && !(rule.types & type_number))
      value = static_cast<std::int64_t>(value.get_double());
    return true;
  }

  bool normalise(const Rule& rule, json::value& value, const std::string& path) {
    const bool is_size = rule.format == Format::size;
    std::optional<std::int64_t> result;
    if (value.is_string()) {
      const json::string& text = value.get_string();
      result = is_size ? parse_size({text.data(), text.size()}) : parse_duration({text.data(), text.size()});
    } else if (value.is_number()) {
      const double number = value.to_number<double>();
      const double scaled = is_size ? number : std::round(number * 1000);
      if (scaled >= 0 && scaled <= largest_integer && scaled == std::floor(scaled))
        result = static_cast<std::int64_t>(scaled);
    }
    if (!result) {
      add(path, "expected " + expected(rule));
      return false;
    }
    value = *result;
    return true;
  }

  void check_choice(const Rule& rule, const json::value& value, const std::string& path) {
    if (!rule.has_choices) return;
    if (std::find(rule.choices.begin(), rule.choices.end(), value) != rule.choices.end()) return;
    std::vector<std::string> words;
    for (const json::value& choice : rule.choices)
      words.push_back(choice.is_string() ? std::string(choice.get_string()) : json::serialize(choice));
    std::string message = words.size() == 1 ? "must be " : "must be one of ";
    for (std::size_t i = 0; i < words.size(); ++i) message += (i ? ", " : "") + words[i];
    if (value.is_string() && !locations_.secret(path) && wants_more(errors_)) {
      const std::string hint = suggestion({value.get_string().data(), value.get_string().size()}, words);
      if (hint.find("did you mean") != std::string::npos) message += hint;
    }
    add(path, std::move(message));
  }

  void check_string(const Rule& rule, const json::string& text, const std::string& path, const Location& where) {
    const std::string_view view(text.data(), text.size());
    const auto add_here = [&](std::string message) { add_error(errors_, {where, path, std::move(message)}); };
    const std::size_t length = rule.min_length || rule.max_length ? count_characters(view) : 0;
    if (rule.min_length && length < *rule.min_length) {
      add_here(length == 0 ? "must not be empty"
                           : "must have at least " + plural(*rule.min_length, "character", "characters"));
      return;
    }
    if (rule.max_length && length > *rule.max_length) {
      add_here("must have at most " + plural(*rule.max_length, "character", "characters"));
      return;
    }
    if (!rule.pattern) return;
    if (view.size() > longest_matched) {
      add_here(fmt::format("must not be longer than {} bytes", longest_matched));
    } else if (!std::regex_search(view.begin(), view.end(), *rule.pattern)) {
      std::string message = "does not match the pattern " + rule.pattern_text;
      if (!rule.description.empty()) message += " (" + rule.description + ")";
      add_here(std::move(message));
    }
  }

  void check_number(const Rule& rule, double number, const std::string& path) {
    // Bounds of durations are seconds, so that an editor that knows nothing of formats reads them alike.
    if (rule.format == Format::duration) number /= 1000;
    if (rule.minimum && number < *rule.minimum) add(path, "must be at least " + bound_text(rule, *rule.minimum));
    if (rule.maximum && number > *rule.maximum) add(path, "must be at most " + bound_text(rule, *rule.maximum));
  }

  void check_list(const Rule& rule, json::array& list, const std::string& path, unsigned depth) {
    if (rule.min_items && list.size() < *rule.min_items)
      add(path, "must have at least " + plural(*rule.min_items, "entry", "entries"));
    if (rule.max_items && list.size() > *rule.max_items)
      add(path, "must have at most " + plural(*rule.max_items, "entry", "entries"));
    std::set<std::string> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string item_path = child_path(path, i);
      if (rule.unique_items && !seen.insert(json::serialize(list[i])).second) add(item_path, "is in the list twice");
      if (rule.items) check(*rule.items, list[i], item_path, depth + 1);
    }
  }

  void check_mapping(const Rule& rule, json::object& mapping, const std::string& path, unsigned depth) {
    for (auto& member : mapping) {
      const std::string_view key(member.key().data(), member.key().size());
      const std::string member_path = child_path(path, key);
      const auto known = std::find_if(rule.properties.begin(), rule.properties.end(),
                                      [&](const auto& property) { return property.first == key; });
      if (known != rule.properties.end()) {
        check(*known->second, member.value(), member_path, depth + 1);
        continue;
      }
      if (!rule.additional_allowed) {
        unknown_key(rule, mapping, key, member_path);
        continue;
      }
      if (rule.property_names) check_name(*rule.property_names, key, member_path);
      if (rule.additional) check(*rule.additional, member.value(), member_path, depth + 1);
    }
    for (const std::string& name : rule.required)
      if (!mapping.contains(name)) add(path, fmt::format("the key {} is missing", quoted(name)));
    for (const auto& property : rule.properties) {
      if (!property.second->default_value || mapping.contains(property.first)) continue;
      json::value value = *property.second->default_value;
      check(*property.second, value, child_path(path, property.first), depth + 1);
      mapping.emplace(property.first, std::move(value));
    }
  }

  void unknown_key(const Rule& rule, const json::object& mapping, std::string_view key, const std::string& path) {
    std::string message = "unknown key";
    if (wants_more(errors_)) {
      std::vector<std::string> absent;
      for (const auto& property : rule.properties)
        if (!mapping.contains(property.first)) absent.push_back(property.first);
      message += suggestion(key, absent);
    }
    add_error(errors_, {locations_.key(path), path, std::move(message)});
  }

  void check_name(const Rule& given, std::string_view key, const std::string& path) {
    const Rule* rule = &given;
    while (rule->reference) rule = rule->reference;
    check_string(*rule, json::string(key.data(), key.size()), path, locations_.key(path));
  }

  const Locations& locations_;
  std::vector<Error>& errors_;
  bool stopped_ = false;
};

}  // namespace

void check_rule(const Rule& rule, json::value& value, const std::string& path, const Locations& locations,
                std::vector<Error>& errors) {
  Checker(locations, errors).check(rule, value, path, 0);
}

}  // namespace dragoman::config
