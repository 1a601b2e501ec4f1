// SPDX-License-Identifier: Apache-2.0
// What a rule asks of an attribute or of a value in the body. Immutable; any thread.
#pragma once
#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "translation/source.hpp"

namespace dragoman::translation {

struct Condition {
  bool in_body = false;
  std::string name;  // of an attribute, or the pointer as written
  Pointer pointer;
  // One of these; none: that it is there, or is not.
  std::vector<boost::json::value> values;  // scalars; of an attribute texts
  bool exists = true;

  bool holds(Source& source) const;
  // For people: `attribute source is "a"`.
  std::string text() const;
};

// A scalar of a JSON text equals one of the configuration: of the same type, numbers by their value.
bool equals(const Document& document, Document::Value value, const boost::json::value& expected);

}  // namespace dragoman::translation
