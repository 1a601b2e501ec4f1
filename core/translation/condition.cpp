// SPDX-License-Identifier: Apache-2.0
#include "translation/condition.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <charconv>

namespace dragoman::translation {
namespace json = boost::json;

namespace {

template <class Number>
bool reads_as(std::string_view text, Number expected) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number == expected;
}

bool same_number(std::string_view text, const json::value& expected) {
  if (expected.is_int64() && reads_as(text, expected.get_int64())) return true;
  if (expected.is_uint64() && reads_as(text, expected.get_uint64())) return true;
  // 5.0 and 5e0 are 5; an integer that no double can hold is not compared by halves.
  const bool plain = text.find_first_of(".eE") == text.npos;
  return (!plain || expected.is_double()) && reads_as(text, expected.to_number<double>());
}

}  // namespace

bool equals(const Document& document, Document::Value value, const json::value& expected) {
  const std::string_view text = document.text(value);
  switch (document.kind(value)) {
    case Document::Kind::null:
      return expected.is_null();
    case Document::Kind::boolean:
      return expected.is_bool() && expected.get_bool() == (text == "true");
    case Document::Kind::number:
      return expected.is_number() && same_number(text, expected);
    case Document::Kind::string:
      return expected.is_string() &&
             std::string_view(expected.get_string().data(), expected.get_string().size()) == text;
    default:
      return false;
  }
}

bool Condition::holds(Source& source) const {
  if (!in_body) {
    const auto found = source.attribute(name);
    if (values.empty()) return found.has_value() == exists;
    return found && std::any_of(values.begin(), values.end(), [&](const json::value& value) {
             return std::string_view(value.get_string().data(), value.get_string().size()) == *found;
           });
  }
  // Of a body that nobody can read it is not known that something is missing.
  const Document* body = source.body();
  if (!body) return false;
  const auto found = body->find(pointer);
  if (values.empty()) return found.has_value() == exists;
  return found && std::any_of(values.begin(), values.end(),
                              [&](const json::value& value) { return equals(*body, *found, value); });
}

std::string Condition::text() const {
  std::string out = (in_body ? "body " : "attribute ") + name;
  if (values.empty()) return out + (exists ? " is there" : " is not there");
  out += " is ";
  for (std::size_t i = 0; i < values.size(); ++i) out.append(i ? " or " : "").append(json::serialize(values[i]));
  return out;
}

}  // namespace dragoman::translation
