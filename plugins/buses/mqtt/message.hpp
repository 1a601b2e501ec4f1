// SPDX-License-Identifier: Apache-2.0
// Messages and events. Any thread.
#pragma once
#include <mosquitto.h>

#include <memory>
#include <optional>
#include <string>

#include "common/message.hpp"

namespace mqtt {

using buses::Incoming;
using buses::Outgoing;

// A message as an event of a channel. With version 5 user properties are its own properties. Nothing: its topic is no
// key that the gateway takes, or the body is too large.
std::optional<Incoming> read_message(const mosquitto_message& message, const mosquitto_property* properties,
                                     const std::string& channel);

// The key is a topic. Nothing: no message can say it. channel: of the bus.
std::optional<Outgoing> read_event(const dgm_event& event, const std::string& channel);

struct FreeProperties {
  void operator()(mosquitto_property* list) const { mosquitto_property_free_all(&list); }
};
using Properties = std::unique_ptr<mosquitto_property, FreeProperties>;

// For version 5. Throws std::bad_alloc.
Properties properties_of(const Outgoing& message);

}  // namespace mqtt
