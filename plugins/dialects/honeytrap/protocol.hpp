// SPDX-License-Identifier: Apache-2.0
// Messages of the api dialect (honeytrap digest section 4). Any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "settings.hpp"

namespace honeytrap {

// Digest 4.1.
enum class MessageType : int {
  fetch_sessions = 1,
  fetch_sessions_reply = 2,
  fetch_events = 3,
  fetch_events_reply = 4,
  new_sessions = 5,
  new_events = 6,
  error_response = 7
};

inline constexpr std::size_t largest_request = 64 * 1024;  // bytes; digest section 2

struct Request {
  std::optional<MessageType> type;  // fetch_sessions or fetch_events; nothing: refused
  std::int64_t number = 0;          // the integer that was sent, 0 when there was none: `request` of an ERROR_RESPONSE
  std::string_view error;           // why it is refused; static text
};
// Takes any bytes. Digest 4.2.
Request parse_request(std::string_view bytes, bool lenient);

// Appends an ERROR_RESPONSE (digest 4.4). The text may be any bytes.
void append_error_response(std::string& out, std::int64_t request, std::string_view text, ErrorPayload form);

MessageType reply_type(MessageType fetch);
// Digest 4.5.
MessageType push_type(EventClass kind, bool swap_new_codes);

// A reply or a push, event by event, so that a large one never has to be in memory at once: what was appended to `out`
// may be sent on and `out` cleared between two calls.
class PayloadWriter {
 public:
  PayloadWriter(MessageType type, EmptyPayload empty, EventKeys keys) : type_(type), empty_(empty), keys_(keys) {}
  void begin(std::string& out) const;
  // `stored`: Record::json. False, and nothing is appended, when the text is no JSON object; a store may have rotted.
  bool add(std::string& out, std::string_view stored);
  void end(std::string& out) const;

 private:
  MessageType type_;
  EmptyPayload empty_;
  EventKeys keys_;
  bool any_ = false;
};

}  // namespace honeytrap
