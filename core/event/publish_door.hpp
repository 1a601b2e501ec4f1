// SPDX-License-Identifier: Apache-2.0
// What a publisher sends over HTTP, to events. Four forms: a CloudEvent in one JSON object (structured), several in a
// JSON array (batch), one in ce-* headers (binary), and the plain object {"channel","key","attributes","body"}. All of
// a request is good or none of it is taken. Any thread.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "event/event.hpp"

namespace dragoman::event {

struct PublishLimits {
  std::size_t events = 10000;    // of one batch
  std::size_t name_bytes = 255;  // id, channel, key, content type, name of an attribute: AMQP's short string
  std::size_t attributes = 64;   // of one event
  std::size_t json_depth = 32;
};

struct PublishInput {
  Batch events;
  bool batch = false;  // the answer has a list of ids, even for one event
};

struct PublishError {
  int status = 400;  // 400, 413 (more events than a batch may have) or 415
  std::string
      body;  // {"error": sentence, "path": JSON pointer or "header": name, "index": number of the event in its batch}
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// headers: of the request, names in any case; Content-Type says the form. An event without id gets one, one without
// time the present one.
std::variant<PublishInput, PublishError> parse_publish(const HeaderList& headers, std::string_view body,
                                                       const PublishLimits& limits = {});

}  // namespace dragoman::event
