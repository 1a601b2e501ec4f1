// SPDX-License-Identifier: Apache-2.0
// What clients send and are answered (kazoo digest sections 3 and 4). Any thread, no state.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings.hpp"

namespace kazoo {

struct ClientMessage {
  std::string action = "noop";
  std::string request_id;
  std::optional<std::string> token;
  bool token_malformed = false;
  bool has_data = false;
  std::optional<std::string> account_id;
  std::vector<std::string> bindings;
  std::optional<std::string> name, metadata;        // JSON
  std::optional<std::string> endpoint, verb, body;  // of the action api; body: JSON
};

// Nothing: it is no JSON object. A request id is made if there is none.
std::optional<ClientMessage> parse_message(std::string_view text, const Settings& settings);

// 32 hexadecimal digits, another each time.
std::string make_request_id();

// data: JSON.
std::string success_reply(std::string_view request_id, std::string_view data);
std::string error_reply(std::string_view request_id, std::string_view text);

// JSON.
std::string pong_data();
std::string subscribed_data(const std::vector<std::string>& subscribed);
std::string unsubscribed_data(const std::vector<std::string>& unsubscribed, const std::vector<std::string>& subscribed);
std::string string_array(const std::vector<std::string>& texts);

}  // namespace kazoo
