// SPDX-License-Identifier: Apache-2.0
// From a checked document to the structures of configuration.hpp.
#pragma once
#include <boost/json/value.hpp>
#include <string>

#include "config/configuration.hpp"

namespace dragoman::config {

// `root` has passed the schema and the semantic checks. A `state_directory` that is not empty takes the place of the
// configured one. The result's locations are a copy of `locations`.
Configuration make_configuration(const boost::json::value& root, const Locations& locations,
                                 const std::string& state_directory);

}  // namespace dragoman::config
