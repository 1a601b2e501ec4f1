// SPDX-License-Identifier: Apache-2.0
// Topics and keys. A level of a topic is a token of a key; '.' and '%' inside of a level are %2E and %25 in the key, so
// that each topic has one key and each key that came from a topic leads back to it. Any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "common/filter.hpp"

namespace mqtt {

inline constexpr buses::FilterForm topic_filters{'/', '+',
                                                 [](std::string_view topic) { return topic.starts_with('$'); }};

std::string key_of(std::string_view topic);

// The topic to publish under; here '/' is a separator as '.' is. Nothing: no topic has this key.
std::optional<std::string> topic_of(std::string_view key);

// The topic filter that covers all topics whose keys fit. Nothing: no topic can, or it is one of the broker's own
// names, of which only $SYS is asked for: $share and its like are not topics but ways to subscribe.
std::optional<std::string> filter_of(std::string_view key, bool literal);

// What brokers take.
bool valid_filter(std::string_view filter);

}  // namespace mqtt
