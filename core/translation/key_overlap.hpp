// SPDX-License-Identifier: Apache-2.0
// What can be said of keys before there is an event. Any thread.
#pragma once
#include <string>
#include <string_view>

#include "translation/template.hpp"

namespace dragoman::translation {

// With * or # for tokens, not one key.
bool is_pattern(std::string_view key);
// The most tokens that a key of this pattern has; npos: any number.
std::size_t most_tokens(std::string_view pattern);
// A key that this template makes can fit the pattern.
bool may_fit(const Template& key, std::string_view pattern);

}  // namespace dragoman::translation
