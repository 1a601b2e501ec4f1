// SPDX-License-Identifier: Apache-2.0
// The requests of the published dashboard (valtronics digest section 9). Any thread, no state.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "device.hpp"
#include "device_states.hpp"

namespace valtronics {

struct DashboardRequest {
  enum class Kind { ping, subscribe, unsubscribe, status, authenticate, unknown, invalid };
  Kind kind;
  std::string device;  // as in device.hpp; empty: none that could be one
  std::string type;    // of an unknown one
};

DashboardRequest parse_dashboard_request(std::string_view text, const DeviceTable& devices);

std::string dashboard_confirmation(bool subscribed, std::string_view device);
// state null: the device is unknown.
std::string dashboard_status(std::string_view device, const DeviceState* state, std::string_view timestamp);
std::string dashboard_error(std::string_view text);

}  // namespace valtronics
