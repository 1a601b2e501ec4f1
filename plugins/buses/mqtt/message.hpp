// SPDX-License-Identifier: Apache-2.0
// Messages and events. Any thread.
#pragma once
#include <dragoman/ext/dialect.h>
#include <mosquitto.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mqtt {

using Attributes = std::vector<std::pair<std::string, std::string>>;

// A message as an event. With version 5 user properties are attributes, names in lower case, and `id` is the event's;
// what is too long, too many or no text is left out.
struct Incoming {
  std::string id, key, content_type, body;
  Attributes attributes;
  std::size_t bytes() const;
};

// Nothing: its topic is no key that the gateway takes, or the body is too large.
std::optional<Incoming> read_message(const mosquitto_message& message, const mosquitto_property* properties);

// An event to be published.
struct Outgoing {
  std::string topic, body, id, content_type;
  Attributes attributes;
  std::size_t bytes() const;
};

// Nothing: no message can say it. channel: of the bus.
std::optional<Outgoing> read_event(const dgm_event& event, const std::string& channel);

struct FreeProperties {
  void operator()(mosquitto_property* list) const { mosquitto_property_free_all(&list); }
};
using Properties = std::unique_ptr<mosquitto_property, FreeProperties>;

// For version 5. Throws std::bad_alloc.
Properties properties_of(const Outgoing& message);

}  // namespace mqtt
