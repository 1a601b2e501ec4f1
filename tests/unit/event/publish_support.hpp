// SPDX-License-Identifier: Apache-2.0
// Shorthand for the publish door's tests.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "event/publish_door.hpp"

namespace dragoman::event {

inline PublishInput taken(const HeaderList& headers, std::string_view body, const PublishLimits& limits = {}) {
  auto result = parse_publish(headers, body, limits);
  if (const auto* error = std::get_if<PublishError>(&result)) {
    ADD_FAILURE() << error->status << ' ' << error->body;
    return {{make_event({})}, false};
  }
  return std::get<PublishInput>(std::move(result));
}

inline PublishInput taken(const char* content_type, std::string_view body) {
  return taken(HeaderList{{"Content-Type", content_type}}, body);
}

// "400 {...}", or "taken".
inline std::string refusal(const HeaderList& headers, std::string_view body, const PublishLimits& limits = {}) {
  auto result = parse_publish(headers, body, limits);
  if (const auto* error = std::get_if<PublishError>(&result)) return std::to_string(error->status) + ' ' + error->body;
  return "taken";
}

inline std::string attribute(const Event& event, std::string_view name) {
  for (const auto& a : event.attributes)
    if (a.name == name) return std::string(a.value);
  return "(none)";
}

}  // namespace dragoman::event
