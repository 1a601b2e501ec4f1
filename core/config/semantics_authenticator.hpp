// SPDX-License-Identifier: Apache-2.0
// What a schema cannot say about authenticators.
#pragma once
#include <boost/json/value.hpp>
#include <vector>

#include "config/location.hpp"

namespace dragoman::config {

void check_authenticators(const boost::json::value& root, const Locations& locations, std::vector<Error>& errors);

}  // namespace dragoman::config
