// SPDX-License-Identifier: Apache-2.0
// Messages of the platform as clients get them (kazoo digest sections 4, 6.1 and 7). Any thread, no state.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace kazoo {

// What is read from the body of a message.
struct EventFacts {
  std::string account;          // of the channel; empty: none
  std::string message_account;  // of the message as such; empty: none
  std::string name;             // Event-Name; empty: none
  std::string call;             // Call-ID, encoded as a segment of a key; empty: none
  std::string data;             // the body for clients, JSON
};

// Nothing: it is no JSON object.
std::optional<EventFacts> read_event(std::string_view body);

// The key of a message about a call, with its account.
std::string call_routing_key(const EventFacts& facts);

// What follows the keys of an event: its name, routing key and data, up to the last brace.
std::string event_tail(const EventFacts& facts, std::string_view routing_key);
// What stands in front of it.
std::string event_head(std::string_view subscribed_key, std::string_view subscription_key);

}  // namespace kazoo
