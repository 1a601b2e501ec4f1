// SPDX-License-Identifier: Apache-2.0
// From the text of a schema to its rules.
#include "config/schema.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json/parse.hpp>
#include <cmath>
#include <map>

#include "config/schema_rule.hpp"

namespace dragoman::config {
namespace {

namespace json = boost::json;

constexpr std::size_t largest_schema = 1 << 20;
constexpr std::size_t longest_pattern = 512;

[[noreturn]] void refuse(const std::string& at, const std::string& message) {
  throw SchemaError((at.empty() ? "#" : "#" + at) + ": " + message);
}

unsigned type_bit(const json::value& name, const std::string& at) {
  static constexpr std::array<std::pair<std::string_view, unsigned>, 7> types = {
      {{"null", type_null},
       {"boolean", type_boolean},
       {"integer", type_integer},
       {"number", type_number | type_integer},
       {"string", type_string},
       {"array", type_list},
       {"object", type_mapping}}};
  if (name.is_string())
    for (const auto& type : types)
      if (name.get_string() == type.first) return type.second;
  refuse(at, "type must be null, boolean, integer, number, string, array, object, or a list of these");
}

double number_of(const json::value& value, const std::string& at) {
  if (!value.is_number()) refuse(at, "must be a number");
  return value.to_number<double>();
}

std::size_t count_of(const json::value& value, const std::string& at) {
  const double number = number_of(value, at);
  if (!(number >= 0 && number <= 1e9) || number != std::floor(number))
    refuse(at, "must be a whole number that is not negative");
  return static_cast<std::size_t>(number);
}

std::string text_of(const json::value& value, const std::string& at) {
  if (!value.is_string()) refuse(at, "must be a string");
  return std::string(value.get_string());
}

}  // namespace

class SchemaCompiler {
 public:
  static Schema compile(const json::value& document) {
    auto compiled = std::make_shared<Schema::Compiled>();
    SchemaCompiler compiler(compiled->rules);
    compiled->root = compiler.rule(document, "");
    compiler.resolve();
    compiler.check_defaults();
    Schema schema;
    schema.compiled_ = std::move(compiled);
    return schema;
  }

 private:
  struct Reference {
    Rule* rule;
    std::string name, at;
  };

  explicit SchemaCompiler(std::deque<Rule>& rules) : rules_(rules) {}

  const Rule* rule(const json::value& value, const std::string& at) {
    if (!value.is_object()) refuse(at, "must be an object");
    Rule& rule = rules_.emplace_back();
    const json::object& object = value.get_object();
    const bool is_reference = object.contains("$ref");
    for (const auto& member : object) {
      const std::string_view name(member.key().data(), member.key().size());
      const std::string here = at + "/" + std::string(name);
      if (annotation(rule, name, member.value(), here)) continue;
      if (name == "$ref") {
        references_.push_back({&rule, text_of(member.value(), here), here});
        continue;
      }
      if (name == "$defs" && at.empty()) {
        definitions(member.value(), here);
        continue;
      }
      if (is_reference && !at.empty())
        refuse(here, "beside $ref only default, title, description and examples may stand");
      if (!value_keyword(rule, name, member.value(), here) && !object_keyword(rule, name, member.value(), here) &&
          !list_keyword(rule, name, member.value(), here))
        refuse(at, fmt::format("the keyword {} is not supported", quoted(name)));
    }
    for (const std::string& name : rule.required) {
      bool known = rule.properties.empty();
      for (const auto& property : rule.properties) known = known || property.first == name;
      if (!known) refuse(at, fmt::format("required names {}, which is not among the properties", quoted(name)));
    }
    if (rule.default_value) defaults_.push_back({&rule, {}, at});
    return &rule;
  }

  void definitions(const json::value& value, const std::string& at) {
    if (!value.is_object()) refuse(at, "must be an object");
    for (const auto& member : value.get_object()) {
      const std::string name(member.key());
      definitions_[name] = rule(member.value(), std::string(at).append("/").append(name));
    }
  }

  static bool annotation(Rule& rule, std::string_view name, const json::value& value, const std::string& at) {
    if (name == "$schema" || name == "$id" || name == "title") {
      text_of(value, at);
    } else if (name == "description") {
      rule.description = text_of(value, at);
    } else if (name == "examples") {
      if (!value.is_array()) refuse(at, "must be an array");
    } else if (name == "default") {
      rule.default_value = value;
    } else if (at == "/limits" && name == "limits") {
      if (!value.is_object()) refuse(at, "must be an object");
    } else if (at == "/exclusive" && name == "exclusive") {
      if (!value.is_array()) refuse(at, "must be an array");
      for (const json::value& key : value.get_array()) text_of(key, at);
    } else {
      return false;
    }
    return true;
  }

  static bool value_keyword(Rule& rule, std::string_view name, const json::value& value, const std::string& at) {
    if (name == "type") {
      if (!value.is_array()) {
        rule.types = type_bit(value, at);
      } else {
        for (const json::value& type : value.get_array()) rule.types |= type_bit(type, at);
        if (rule.types == 0) refuse(at, "must not be empty");
      }
    } else if (name == "enum") {
      if (!value.is_array() || value.get_array().empty()) refuse(at, "must be an array that is not empty");
      rule.has_choices = true;
      rule.choices.assign(value.get_array().begin(), value.get_array().end());
    } else if (name == "const") {
      rule.has_choices = true;
      rule.choices.assign(1, value);
    } else if (name == "minimum") {
      rule.minimum = number_of(value, at);
    } else if (name == "maximum") {
      rule.maximum = number_of(value, at);
    } else if (name == "minLength") {
      rule.min_length = count_of(value, at);
    } else if (name == "maxLength") {
      rule.max_length = count_of(value, at);
    } else if (name == "pattern") {
      set_pattern(rule, text_of(value, at), at);
    } else if (name == "format") {
      const std::string format = text_of(value, at);
      if (format != "size" && format != "duration") refuse(at, "must be size or duration");
      rule.format = format == "size" ? Format::size : Format::duration;
    } else {
      return false;
    }
    return true;
  }

  static void set_pattern(Rule& rule, std::string text, const std::string& at) {
    if (text.size() > longest_pattern) refuse(at, fmt::format("must not be longer than {} bytes", longest_pattern));
    try {
      rule.pattern.emplace(text, std::regex::ECMAScript);
    } catch (const std::regex_error& e) {
      refuse(at, std::string("is not a regular expression: ") + e.what());
    }
    rule.pattern_text = std::move(text);
  }

  bool object_keyword(Rule& rule, std::string_view name, const json::value& value, const std::string& at) {
    if (name == "properties") {
      if (!value.is_object()) refuse(at, "must be an object");
      for (const auto& member : value.get_object()) {
        std::string key(member.key());
        const Rule* property = this->rule(member.value(), std::string(at).append("/").append(key));
        rule.properties.emplace_back(std::move(key), property);
      }
    } else if (name == "required") {
      if (!value.is_array()) refuse(at, "must be an array");
      for (const json::value& key : value.get_array()) rule.required.push_back(text_of(key, at));
    } else if (name == "additionalProperties") {
      if (value.is_bool()) {
        rule.additional_allowed = value.get_bool();
      } else {
        rule.additional = this->rule(value, at);
      }
    } else if (name == "propertyNames") {
      rule.property_names = this->rule(value, at);
    } else {
      return false;
    }
    return true;
  }

  bool list_keyword(Rule& rule, std::string_view name, const json::value& value, const std::string& at) {
    if (name == "items") {
      rule.items = this->rule(value, at);
    } else if (name == "minItems") {
      rule.min_items = count_of(value, at);
    } else if (name == "maxItems") {
      rule.max_items = count_of(value, at);
    } else if (name == "uniqueItems") {
      if (!value.is_bool()) refuse(at, "must be true or false");
      rule.unique_items = value.get_bool();
    } else {
      return false;
    }
    return true;
  }

  void resolve() {
    static constexpr std::string_view prefix = "#/$defs/";
    for (const Reference& reference : references_) {
      const bool local = reference.name.compare(0, prefix.size(), prefix) == 0;
      const auto at = local ? definitions_.find(reference.name.substr(prefix.size())) : definitions_.end();
      if (at == definitions_.end()) refuse(reference.at, "must be #/$defs/NAME, and NAME must be there");
      reference.rule->reference = at->second;
    }
    for (const Reference& reference : references_) {
      std::size_t steps = 0;
      for (const Rule* rule = reference.rule; rule->reference; rule = rule->reference)
        if (++steps > references_.size()) refuse(reference.at, "refers to itself");
    }
  }

  // A default that its own schema would refuse is found here, not when the first user leaves the key out.
  void check_defaults() {
    for (const Reference& entry : defaults_) {
      json::value value = *entry.rule->default_value;
      std::vector<Error> errors;
      check_rule(*entry.rule, value, {}, Locations(), errors);
      if (!errors.empty()) refuse(entry.at, "the default does not fit: " + errors.front().text());
    }
  }

  std::deque<Rule>& rules_;
  std::vector<Reference> references_, defaults_;
  std::map<std::string, const Rule*> definitions_;
};

Schema Schema::parse(std::string_view json_text) {
  if (json_text.size() > largest_schema) throw SchemaError("the schema is larger than 1 MiB");
  boost::system::error_code failure;
  json::parse_options options;
  options.max_depth = 64;
  const json::value document = json::parse({json_text.data(), json_text.size()}, failure, {}, options);
  if (failure) throw SchemaError("the schema is not valid JSON: " + failure.message());
  return SchemaCompiler::compile(document);
}

void Schema::check(json::value& value, const std::string& path, const Locations& locations,
                   std::vector<Error>& errors) const {
  if (compiled_) check_rule(*compiled_->root, value, path, locations, errors);
}

}  // namespace dragoman::config
