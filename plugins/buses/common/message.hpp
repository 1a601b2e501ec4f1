// SPDX-License-Identifier: Apache-2.0
// Events on their way between a broker and the gateway. Any thread.
#pragma once
#include <dragoman/ext/dialect.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace buses {

using Attributes = std::vector<std::pair<std::string, std::string>>;

// Of attributes those of what is published over HTTP; journals take no longer value.
inline constexpr std::size_t name_limit = 255, value_limit = 1024, attribute_limit = 64;
inline constexpr std::size_t key_limit = 4096;
inline constexpr std::size_t body_limit = 64 << 20;

// A broker's message as an event. Members are UTF-8 but for the body.
struct Incoming {
  std::string channel, key, id, content_type, body;
  Attributes attributes;
  std::int64_t time_ms = 0;  // 0: now
  std::size_t bytes() const;

  // The name in lower case; the first of a name counts. Leaves out what is no text, too long or too many.
  void add_attribute(std::string name, std::string value);
  // A property of the message's own: `id` becomes the event's id if it has none, the rest attributes.
  void add_property(std::string name, std::string value);
  // A random id for one that has none, and a type by its look if the content type is none.
  void complete();
};

// An event to be published, in the broker's words.
struct Outgoing {
  std::string channel, key, id, content_type, body;
  Attributes attributes;
  std::int64_t time_ms = 0;
  std::size_t bytes() const;
};

// With channel and key as the event has them. Nothing: no message can say it, since a text is no text or longer than
// text_limit bytes.
std::optional<Outgoing> outgoing(const dgm_event& event, std::size_t text_limit);

}  // namespace buses
