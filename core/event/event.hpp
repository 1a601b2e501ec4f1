// SPDX-License-Identifier: Apache-2.0
// What a bus delivers (architecture section 2). Immutable once published, shared by all shards.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::event {

struct Attribute {
  std::string name, value;
};

struct Event {
  std::string id, channel, key, content_type, body;
  std::vector<Attribute> attributes;
  std::int64_t time_ms = 0;  // Unix time
  std::uint64_t origin = 0;  // the session that published it, 0 = none

  std::size_t bytes() const {
    std::size_t n = sizeof(Event) + id.size() + channel.size() + key.size() + content_type.size() + body.size();
    for (const auto& a : attributes) n += sizeof(Attribute) + a.name.size() + a.value.size();
    return n;
  }
};

using EventPtr = std::shared_ptr<const Event>;
using Batch = std::vector<EventPtr>;

// 128 random bits as 32 hexadecimal digits: the id of an event whose publisher gave none. Any thread.
std::string make_event_id();

}  // namespace dragoman::event
