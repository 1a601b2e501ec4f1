// SPDX-License-Identifier: Apache-2.0
// From what devices and services publish to the messages that clients get (valtronics digest section 7). One thread.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "device.hpp"
#include "device_states.hpp"
#include "settings.hpp"
#include "topic.hpp"

namespace valtronics {

// Channels of the events that are made, beside those that clients name.
inline constexpr std::string_view dashboard_feed = "dashboard";             // messages for every dashboard
inline constexpr std::string_view dashboard_metrics = "dashboard_metrics";  // by device
inline constexpr std::string_view dashboard_states = "dashboard_states";    // by device; attributes status, last_seen
// Names of attributes.
inline constexpr std::string_view places_attribute = "places";  // of metrics, see metric_message.hpp
inline constexpr std::string_view severity_attribute = "severity";
inline constexpr std::string_view alert_type_attribute = "alert_type";
inline constexpr std::string_view status_attribute = "status";
inline constexpr std::string_view last_seen_attribute = "last_seen";

struct Made {
  std::string_view channel;  // a literal
  std::string key;           // the device
  std::string body;
  std::vector<std::pair<std::string_view, std::string>> attributes = {};
};

class Backend {
 public:
  // settings: outlive this. connections: how many clients there are now.
  Backend(const Settings& settings, std::function<std::uint64_t()> connections);

  // False: the topic or the payload is not understood. What it leads to, perhaps nothing, is appended.
  bool take(std::string_view key, std::string_view body, std::int64_t time_ms, std::vector<Made>& out);

  // The topic names a device by a code that has no number.
  bool unknown_device(std::string_view key) const;
  // What the configuration says about a device stays.
  void learn(const std::map<std::string, std::uint64_t>& devices) { devices_.add(devices); }

 private:
  struct Payload;
  bool telemetry(const Payload& p, std::vector<Made>& out);
  bool status(const Payload& p, bool heartbeat, std::vector<Made>& out);
  bool alert(const Payload& p, std::vector<Made>& out);
  bool system_metric(const Payload& p, std::vector<Made>& out);
  bool system_status(const Payload& p, std::vector<Made>& out);
  bool message(const Payload& p, std::vector<Made>& out);
  void seen(const std::string& device, const std::string& status, const std::string& time, std::vector<Made>& out);

  const Settings& settings_;
  std::function<std::uint64_t()> connections_;
  DeviceTable devices_;
  DeviceStates states_;
  std::uint64_t alerts_ = 0;
};

}  // namespace valtronics
