// SPDX-License-Identifier: Apache-2.0
#include "classifier.hpp"

#include <algorithm>

namespace honeytrap {
namespace {

template <class List, class Value>
bool contains(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

EventClass Classifier::classify(std::optional<EventClass> hint, const Kind& kind, std::string_view sensor) const {
  if (hint) return *hint;
  const auto begins = [](std::string_view text) {
    return [text](const std::string& part) { return text.starts_with(part); };
  };
  const auto ends = [](std::string_view text) {
    return [text](const std::string& part) { return text.ends_with(part); };
  };
  bool session = contains(rules_.sensors, sensor) ||
                 std::any_of(rules_.sensor_suffixes.begin(), rules_.sensor_suffixes.end(), ends(sensor));
  if (const auto* number = std::get_if<std::int64_t>(&kind)) session = session || contains(rules_.kinds, *number);
  if (const auto* name = std::get_if<std::string>(&kind))
    session = session || contains(rules_.kind_names, *name) ||
              std::any_of(rules_.kind_prefixes.begin(), rules_.kind_prefixes.end(), begins(*name));
  return session ? EventClass::session : EventClass::event;
}

}  // namespace honeytrap
