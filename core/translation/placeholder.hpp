// SPDX-License-Identifier: Apache-2.0
// What may stand between ${ and }. Private to template.cpp and its neighbours.
#pragma once
#include "translation/template.hpp"

namespace dragoman::translation {

std::optional<Placeholder> parse_placeholder(std::string_view text, std::string& why);
// A default is a number, true, false, null or a quoted string as JSON has them; anything else is the text itself.
std::string fallback_json(std::string_view written);
std::string fallback_text(std::string_view written);

}  // namespace dragoman::translation
