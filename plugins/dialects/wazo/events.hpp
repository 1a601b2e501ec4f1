// SPDX-License-Identifier: Apache-2.0
// What a bus event says to this dialect (wazo digest section 8).
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace wazo {

struct BusEvent {
  std::string name;
  std::optional<std::string> required_acl;  // absent: null in the body, everyone may have it
};

// Not an object, bad name or ACL; or for nobody since the ACL is missing.
enum class Unfit { invalid, no_acl };

struct BusEventResult {
  std::optional<BusEvent> event;
  Unfit why = Unfit::invalid;
};

// Topic mode: name and required_acl come from the body.
BusEventResult read_bus_event(std::string_view body);
// Headers mode: they come from the headers; an event without a name has the empty one, which only `*` matches. A header
// that is null is no attribute, so that the body, which has the same members, says whether it was there.
BusEventResult read_bus_event(std::optional<std::string_view> name, std::optional<std::string_view> required_acl,
                              std::string_view body);

// Version 2 wraps the body as it is (wazo digest 6.2).
inline constexpr std::string_view v2_before = R"({"op": "event", "code": 0, "data": )";
inline constexpr std::string_view v2_after = "}";

}  // namespace wazo
