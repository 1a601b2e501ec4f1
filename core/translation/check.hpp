// SPDX-License-Identifier: Apache-2.0
// What is wrong with rules that are well written: those that can never do anything.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/location.hpp"
#include "translation/rule.hpp"

namespace dragoman::translation {

// What a mount takes from its bus.
struct Audience {
  std::string mount;
  std::uint32_t bus = 0;
  bool any = false;                                       // it did not say
  std::vector<std::pair<std::string, std::string>> keys;  // channel and key pattern
};

// channels: of each bus the channel that all its events have, if it has only one.
void check(const std::vector<std::unique_ptr<Rule>>& rules, const std::vector<Audience>& audiences,
           const std::vector<std::optional<std::string>>& channels, const config::Locations& locations,
           std::vector<config::Error>& errors);

}  // namespace dragoman::translation
