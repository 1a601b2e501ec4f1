// SPDX-License-Identifier: Apache-2.0
// What a schema cannot say: references between the parts of a configuration, addresses, dates, contradictions.
#pragma once
#include <boost/json/value.hpp>
#include <vector>

#include "config/location.hpp"

namespace dragoman::config {

// Passes over what the schema has already found fault with, so that all errors can be told at once.
void check_semantics(const boost::json::value& root, const Locations& locations, std::vector<Error>& errors);

}  // namespace dragoman::config
