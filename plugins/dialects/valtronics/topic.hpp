// SPDX-License-Identifier: Apache-2.0
// The topics of devices and services (valtronics digest section 7). Any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "channel.hpp"

namespace valtronics {

struct Topic {
  enum class Kind {
    telemetry,      // device; detail: the metric, or empty
    status,         // device
    heartbeat,      // device
    alert,          // device
    system_alert,   // detail: the severity
    system_metric,  // detail: the metric
    system_status,
    message,  // detail: the channel's name
    ignored   // known, and of no interest here
  };
  Kind kind;
  std::string device, detail;  // device: its code
  friend bool operator==(const Topic&, const Topic&) = default;
};

// Levels are separated by '/', or by '.' where there is no '/'; the first, `valtronics`, may be missing. Nothing:
// unknown.
std::optional<Topic> parse_topic(std::string_view key);

}  // namespace valtronics
