// SPDX-License-Identifier: Apache-2.0
// CloudEvents 1.0.2 over HTTP: the JSON format and the HTTP binding's three content modes. type becomes the key, the
// extension attribute `channel` the channel, data the body; source, subject, dataschema and all extensions become
// attributes of the event. Throws Refusal.
#pragma once
#include "event/publish_door.hpp"
#include "event/publish_rules.hpp"

namespace dragoman::event {

// JSON format 1.0.2; HTTP binding 1.0.2 section 3.2.
EventPtr parse_structured_event(const boost::json::value& value, std::string_view text, const PublishLimits& limits);
// JSON format section 4; HTTP binding section 3.3.
Batch parse_event_batch(std::string_view body, const PublishLimits& limits);
// HTTP binding section 3.1.
EventPtr parse_binary_event(const HeaderList& headers, std::string_view content_type, std::string_view body,
                            const PublishLimits& limits);

}  // namespace dragoman::event
