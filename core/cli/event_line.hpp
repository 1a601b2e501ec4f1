// SPDX-License-Identifier: Apache-2.0
// A line of a file of events, checked by the rules of the publish door and made ready to be sent. Any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/commands.hpp"

namespace dragoman::cli {

struct EventLine {
  std::uint64_t number = 0;
  bool cloud_event = false;  // else a plain event
  std::string text;          // JSON; its id is fixed, so that a repetition can be told from another event
};

// what(): what is wrong with the line.
struct BadLine : Failure {
  using Failure::Failure;
};

// A CloudEvent when the object has a specversion. Throws BadLine.
EventLine read_event_line(std::uint64_t number, std::string_view text);

// Plain events that differ in their body only.
class BodyEnvelope {
 public:
  // Throws Failure when no event could have these.
  BodyEnvelope(const std::string& channel, const std::string& key,
               const std::vector<std::pair<std::string, std::string>>& attributes);
  // text: any JSON; becomes the body byte for byte. Throws BadLine.
  EventLine event(std::uint64_t number, std::string_view text) const;

 private:
  std::string head_;  // members in front of the body
};

// How many of the events from `from` on go into the next request: 1, or a run of at most `most` CloudEvents. 0: none is
// left.
std::size_t next_request(const std::vector<EventLine>& events, std::size_t from, std::size_t most);
// The body of that request.
std::string request_text(const std::vector<EventLine>& events, std::size_t from, std::size_t count);

}  // namespace dragoman::cli
