// SPDX-License-Identifier: Apache-2.0
// The limits of a mount: what the configuration says, and what its dialect wants where the configuration is silent.
#pragma once
#include <boost/json/object.hpp>

#include "config/configuration.hpp"

namespace dragoman::config {

// `values` has passed the schema.
MountLimits mount_limits(const boost::json::object& values);

// Makes a dialect's own defaults, which look like `limits` of a mount, ready for use. Throws SchemaError.
boost::json::object check_limit_defaults(const boost::json::object& defaults);

// Puts defaults from check_limit_defaults() in the place of limits that were not written.
void apply_limit_defaults(MountConfig& mount, const boost::json::object& defaults, const Locations& locations);

}  // namespace dragoman::config
