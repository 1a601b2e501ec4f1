// SPDX-License-Identifier: Apache-2.0
// Messages, entries of streams, and events. Any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/message.hpp"
#include "reply.hpp"
#include "stream_id.hpp"

namespace redis {

using buses::Incoming;
using buses::Outgoing;

// A message under a key. Nothing: the gateway takes no such key, or the body is too large.
std::optional<Incoming> read_message(std::string key, std::string body, const std::string& channel);

// An entry; fields: names and values in turns. Nothing: as above. now_ms: Unix time.
std::optional<Incoming> read_entry(const std::string& stream, StreamId id, Reply& fields, const std::string& channel,
                                   std::int64_t now_ms);

// An event to be published by a bus of this channel. Nothing: it cannot be said.
std::optional<Outgoing> read_event(const dgm_event& event, const std::string& channel);

// The fields of an entry, names and values in turns. Valid while the message is.
std::vector<std::string_view> fields_of(const Outgoing& message);

}  // namespace redis
