// SPDX-License-Identifier: Apache-2.0
// What the payloads of the different topics have in common. Any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "backend.hpp"
#include "json_text.hpp"

namespace valtronics {

struct Backend::Payload {
  Topic topic;
  std::string_view body;
  Json root;           // an object
  std::string device;  // no_device: none is named
  std::string time;    // of the payload, else of the event
};

// The member as a time; `otherwise` if it is none.
std::string time_member(const Json& object, std::string_view name, std::string_view otherwise);
// Empty: absent or no string.
std::string text_member(const Json& object, std::string_view name);
// The text of an object; "{}" if the member is none.
std::string_view object_member(const Json& object, std::string_view name);

}  // namespace valtronics
