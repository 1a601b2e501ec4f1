// SPDX-License-Identifier: Apache-2.0
// Subjects and keys, which look the same. A filter is a set of subjects as buses::FilterForm has it. Any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/filter.hpp"

namespace nats {

// The server's and clients' own, which only who names them gets.
bool is_internal(std::string_view subject);

inline constexpr buses::FilterForm subject_filters{'.', '*', is_internal};

// Whether a message can be published under this key.
bool is_subject(std::string_view key);

// The filter that covers all subjects whose keys fit. Nothing: no subject does.
std::optional<std::string> filter_of(std::string_view key, bool literal);
// Of a subject in which `*` stands for one token, and `>` at the end for at least one.
std::optional<std::string> filter_of_subject(std::string_view subject);
// What to subscribe for a filter: one or two subjects that have nothing in common.
std::vector<std::string> subjects_of(const std::string& filter);

}  // namespace nats
