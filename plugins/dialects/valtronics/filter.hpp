// SPDX-License-Identifier: Apache-2.0
// What a subscription lets through (valtronics digest 4.1). Any thread.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel.hpp"
#include "json_text.hpp"

namespace valtronics {

// Sorted and without repetitions, so that equal filters compare equal; empty: no restriction.
using Values = std::vector<std::string>;

bool contains(const Values& values, std::string_view value);

struct Filter {
  Values metrics;                 // as JSON strings
  Values severities;              // in small letters
  Values alert_types;             // text
  Values statuses;                // text
  std::uint32_t interval_ms = 0;  // 0: real-time
  friend auto operator<=>(const Filter&, const Filter&) = default;
};

// What a client asked for; a channel and the devices are its name (digest 4.3).
struct Subscription {
  Values devices;  // as in device.hpp; empty: all
  Filter filter;
  friend auto operator<=>(const Subscription&, const Subscription&) = default;
};

// A member of the wrong type, named for the error text.
struct FilterProblem {
  bool frequency = false;  // otherwise one of the others
  std::string member;
};

// `message` is the subscribe or unsubscribe message: its members count unless its object `filters` has them too.
std::optional<FilterProblem> read_subscription(const Json& message, Channel channel, Subscription& out);
std::optional<FilterProblem> read_devices(const Json& message, Values& out);

// Milliseconds, 0 for "real-time"; nothing: neither that nor from 1s to 24h.
std::optional<std::uint32_t> parse_frequency(std::string_view text);

std::string small_letters(std::string_view text);

}  // namespace valtronics
