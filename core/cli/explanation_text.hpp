// SPDX-License-Identifier: Apache-2.0
// What dragoman explain prints. Any thread.
#pragma once
#include <boost/json/object.hpp>
#include <string>

#include "gateway/explanation.hpp"

namespace dragoman::cli {

std::string to_text(const gateway::Explanation& explanation);
boost::json::object to_json(const gateway::Explanation& explanation);

}  // namespace dragoman::cli
