// SPDX-License-Identifier: Apache-2.0
// Laying one configuration file over another.
#pragma once
#include <boost/json/value.hpp>
#include <string>

#include "config/location.hpp"

namespace dragoman::config {

// Mappings are merged key by key; anything else of `over` takes the place of what stands in `base`.
void merge(boost::json::value& base, Locations& base_locations, boost::json::value&& over,
           const Locations& over_locations);

}  // namespace dragoman::config
