// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common/json_text.hpp"

namespace valtronics {
using dialects::Json;
using dialects::parse_json;
using dialects::shorten;
}  // namespace valtronics
