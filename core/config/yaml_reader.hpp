// SPDX-License-Identifier: Apache-2.0
// YAML text to JSON. What YAML leaves to taste is settled here (docs/configuration.md, "YAML, strictly"): scalars get
// their types by the core schema of YAML 1.2, keys are strings and unique, and nothing of a hostile document can take
// more than a bounded amount of memory, time or stack.
#pragma once
#include <boost/json/value.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/location.hpp"

namespace dragoman::config {

constexpr std::size_t largest_file = 4 << 20;        // bytes
constexpr unsigned deepest_nesting = 64;             // mappings and lists inside each other
constexpr std::size_t most_values = 100'000;         // after aliases are resolved
constexpr std::size_t largest_expansion = 16 << 20;  // bytes of strings and paths after aliases are resolved
constexpr std::size_t longest_key = 256;             // bytes

// `name` is the file's name in errors. An empty document is null. Returns nothing when the text is unusable; everything
// that is wrong is added to `errors`. The marks are added to `locations`, which must be empty.
std::optional<boost::json::value> read_yaml(std::string_view text, const std::string& name, Locations& locations,
                                            std::vector<Error>& errors);

}  // namespace dragoman::config
