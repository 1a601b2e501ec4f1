// SPDX-License-Identifier: Apache-2.0
// What may stand between ${ and }. Private to template.cpp and its neighbours.
#pragma once
#include "translation/template.hpp"

namespace dragoman::translation {

std::optional<Placeholder> parse_placeholder(std::string_view text, std::string& why);

}  // namespace dragoman::translation
