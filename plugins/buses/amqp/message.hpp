// SPDX-License-Identifier: Apache-2.0
// Properties of messages and events. Any thread.
#pragma once
#include <amqp.h>

#include <string_view>
#include <vector>

#include "common/message.hpp"
#include "settings.hpp"

namespace amqp {

using buses::Incoming;
using buses::Outgoing;

inline constexpr std::size_t short_limit = 255;  // bytes of a name in AMQP

inline std::string_view view(amqp_bytes_t bytes) {
  return bytes.len ? std::string_view(static_cast<const char*>(bytes.bytes), bytes.len) : std::string_view();
}
inline amqp_bytes_t bytes(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}

// Headers that are text, numbers or booleans become attributes, as do correlation id, reply-to, application and type
// (amqp.correlation_id and so on); message id, content type and time are the event's.
void read_properties(const amqp_basic_properties_t& properties, Incoming& into);

// Nothing: no message can say it.
std::optional<Outgoing> read_event(const dgm_event& event);

// The reverse; holds what the properties point to, which the message must outlive.
class Properties {
 public:
  Properties(const Outgoing& message, bool persistent);
  const amqp_basic_properties_t& get() const { return properties_; }

 private:
  std::vector<amqp_table_entry_t> headers_;
  amqp_basic_properties_t properties_{};
};

// A table of arguments; holds what it points to but for the arguments.
class Table {
 public:
  explicit Table(const Arguments& arguments);
  explicit Table(Arguments&&) = delete;
  amqp_table_t get() { return {static_cast<int>(entries_.size()), entries_.data()}; }

 private:
  std::vector<amqp_table_entry_t> entries_;
};

}  // namespace amqp
