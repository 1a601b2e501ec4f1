// SPDX-License-Identifier: Apache-2.0
// Messages and events. Any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/message.hpp"
#include "library.hpp"

namespace nats {

using buses::Outgoing;

struct Arrival {
  buses::Incoming message;
  std::string acknowledge;     // of a stream: where to
  std::uint64_t sequence = 0;  // in the stream
};

// A message as an event of a channel. Headers are its own properties; one of a stream without an id gets the same
// whenever it comes. Nothing: its subject is no key that the gateway takes, or the body is too large.
std::optional<Arrival> read_message(natsMsg* message, const std::string& channel, bool of_stream);

// The key is a subject. Nothing: no message can say it. channel: of the bus.
std::optional<Outgoing> read_event(const dgm_event& event, const std::string& channel);

// reply: where the confirmation goes, or null. Throws std::bad_alloc.
MessagePtr make_message(const Outgoing& message, const char* reply, bool headers);

// Where a stream wants a message to be acknowledged tells which one it is.
struct Origin {
  std::uint64_t sequence;  // in the stream
  std::int64_t time_ms;    // when it was stored
};
std::optional<Origin> origin_of(std::string_view acknowledge);

// A stream's answer to what was published; its number is the last token of the subject it came on.
struct Confirmation {
  std::uint64_t number;
  std::string refusal;  // empty: it was stored
};
std::optional<Confirmation> read_confirmation(natsMsg* message);
// Of the text of an answer. Empty: it was stored.
std::string refusal_in(std::string_view answer);

}  // namespace nats
