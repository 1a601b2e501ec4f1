// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "common/json_text.hpp"

namespace valtronics {
using dialects::Json;
using dialects::parse_json;
using dialects::quote;
using dialects::shorten;
using dialects::valid_utf8;
}  // namespace valtronics
