// SPDX-License-Identifier: Apache-2.0
// What a bus event says to this dialect (wazo digest 8.2: name and required_acl come from the body).
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace wazo {

struct BusEvent {
  std::string name;
  std::optional<std::string> required_acl;  // absent: null in the body, everyone may have it
};

enum class Unfit { invalid, no_acl };  // not an object, bad name or ACL; or for nobody since the ACL is missing

struct BusEventResult {
  std::optional<BusEvent> event;
  Unfit why = Unfit::invalid;
};

BusEventResult read_bus_event(std::string_view body);

// Version 2 wraps the body as it is (wazo digest 6.2).
inline constexpr std::string_view v2_before = R"({"op": "event", "code": 0, "data": )";
inline constexpr std::string_view v2_after = "}";

}  // namespace wazo
