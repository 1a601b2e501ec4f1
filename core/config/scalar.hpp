// SPDX-License-Identifier: Apache-2.0
// The type of an unquoted scalar by the core schema of YAML 1.2 (section 10.3.2), stricter where that invites mistakes.
#pragma once
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace dragoman::config {

struct Scalar {
  boost::json::value value;
  std::string problem;  // not empty: the scalar is refused, and this says why
};

// null, true and false in the three spellings of YAML 1.2; decimal, 0x and 0o integers up to 2^53; decimal fractions;
// else a string.
Scalar resolve_scalar(std::string_view text);

}  // namespace dragoman::config
