// SPDX-License-Identifier: Apache-2.0
// Members of JSON objects that have passed the schema, and so are there and of the right kind unless said otherwise.
#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace dragoman::config {

// Empty if there is none.
inline std::string text(const boost::json::object& from, std::string_view key) {
  const boost::json::value* value = from.if_contains({key.data(), key.size()});
  return value ? std::string(value->as_string()) : std::string();
}

template <class Number>
void set(const boost::json::object& from, std::string_view key, Number& to) {
  to = static_cast<Number>(from.at({key.data(), key.size()}).as_int64());
}

inline void set(const boost::json::object& from, std::string_view key, bool& to) {
  to = from.at({key.data(), key.size()}).as_bool();
}

}  // namespace dragoman::config
