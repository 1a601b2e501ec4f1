// SPDX-License-Identifier: Apache-2.0
// Topic filters as sets of topics. All filters are valid ones. Any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mqtt {

bool has_wildcard(std::string_view filter);
// Every topic of b is one of a.
bool covers(std::string_view a, std::string_view b);
// Some topic is one of both.
bool overlap(std::string_view a, std::string_view b);
// The topics of both. Nothing: there are none.
std::optional<std::string> intersection(std::string_view a, std::string_view b);
// The narrowest filter that covers two that overlap.
std::string join(std::string_view a, std::string_view b);

// Filters of which no two overlap and that together cover the given ones: a broker may send an event once per filter
// that fits, and nothing in what it sends tells a copy from another event.
std::vector<std::string> apart(const std::vector<std::string>& filters);

}  // namespace mqtt
