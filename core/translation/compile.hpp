// SPDX-License-Identifier: Apache-2.0
// From the configuration to rules.
#pragma once
#include <memory>
#include <vector>

#include "config/configuration.hpp"
#include "translation/rule.hpp"

namespace dragoman::translation {

// In the order of the configuration. What is wrong is added to `errors`; the rules are of no use then.
std::vector<std::unique_ptr<Rule>> compile(const config::Configuration& configuration,
                                           std::vector<config::Error>& errors);

}  // namespace dragoman::translation
