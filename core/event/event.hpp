// SPDX-License-Identifier: Apache-2.0
// What a bus delivers (architecture section 2). Immutable once published, shared by all shards.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace dragoman::event {

struct Attribute {
  std::string_view name, value;
};

// What an event is made of. Views: of an Event's own memory, or of something that lives until the event is made.
struct EventParts {
  std::string_view id, channel, key, content_type, body;
  std::span<const Attribute> attributes;
  std::int64_t time_ms = 0;  // Unix time
  std::uint64_t origin = 0;  // the session that published it, 0 = none

  // Of all texts.
  std::size_t text_bytes() const;
};

class Event : public EventParts {
 public:
  // Copies what the parts view.
  explicit Event(const EventParts& parts);
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // In memory.
  std::size_t bytes() const { return bytes_; }

 private:
  std::unique_ptr<std::byte[]> memory_;  // the attributes, then all texts
  std::size_t bytes_;
};

using EventPtr = std::shared_ptr<const Event>;
using Batch = std::vector<EventPtr>;

inline EventPtr make_event(const EventParts& parts) {
  return std::make_shared<const Event>(parts);
}

// 128 random bits as 32 hexadecimal digits.
class EventId {
 public:
  operator std::string_view() const { return {digits_.data(), digits_.size()}; }

 private:
  friend EventId make_event_id();
  std::array<char, 32> digits_;
};
// For an event whose publisher gave none. Any thread.
EventId make_event_id();

}  // namespace dragoman::event
