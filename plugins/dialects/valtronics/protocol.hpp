// SPDX-License-Identifier: Apache-2.0
// What clients send and how they are answered (valtronics digest sections 3 to 6). Any thread, no state.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "channel.hpp"
#include "filter.hpp"
#include "settings.hpp"

namespace valtronics {

struct Problem {
  std::string_view code;  // a literal
  std::string text;
  std::optional<std::string> channel = std::nullopt;
  std::optional<std::size_t> limit = std::nullopt;
  // Told to an authenticated client only.
  bool behind_auth = false;
};

struct Auth {
  std::string token;  // empty: none that could be one
};
struct Subscribe {
  Channel channel;
  Subscription subscription;
};
struct Unsubscribe {
  Channel channel;
  Values devices;  // empty: all subscriptions of the channel
};
struct Ping {
  std::optional<std::string> timestamp;
};
using Command = std::variant<Auth, Subscribe, Unsubscribe, Ping, Problem>;

// The commands of one text frame in order: one, or those of a batch. fixed: the channel of a dedicated endpoint.
std::vector<Command> parse_frame(std::string_view text, std::optional<Channel> fixed, const Settings& settings);

std::string auth_succeeded();
std::string auth_failed(std::string_view code, std::string_view text);
std::string pong(std::string_view timestamp, const std::optional<std::string>& client_timestamp);
std::string error(const Problem& problem, bool legacy);
// devices: those that the request named.
std::string confirmation(bool subscribed, Channel channel, const Values& devices);
std::string heartbeat(std::string_view timestamp);

Problem not_authenticated();
Problem forbidden(Channel channel);
Problem not_subscribed(Channel channel);
Problem too_many_subscriptions(std::size_t limit);
Problem rate_limit_exceeded(std::size_t limit);
Problem unsupported_data();

}  // namespace valtronics
