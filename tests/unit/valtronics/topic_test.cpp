// SPDX-License-Identifier: Apache-2.0
// valtronics digest section 7, the table of topics.
#include "topic.hpp"

#include <gtest/gtest.h>

namespace valtronics {
namespace {

using Kind = Topic::Kind;

TEST(ValtronicsTopic, Table) {
  const std::vector<std::pair<const char*, Topic>> rows{
      {"valtronics/TEMP-001/telemetry", {Kind::telemetry, "TEMP-001", ""}},
      {"valtronics/devices/TEMP-001/telemetry/temperature", {Kind::telemetry, "TEMP-001", "temperature"}},
      {"valtronics/7/status", {Kind::status, "7", ""}},
      {"valtronics/devices/7/status/connection", {Kind::status, "7", ""}},
      {"valtronics/7/heartbeat", {Kind::heartbeat, "7", ""}},
      {"valtronics/7/alert", {Kind::alert, "7", ""}},
      {"valtronics/system/alerts/critical", {Kind::system_alert, "", "critical"}},
      {"valtronics/monitoring/metrics/cpu_usage", {Kind::system_metric, "", "cpu_usage"}},
      {"valtronics/system/status", {Kind::system_status, "", ""}},
      {"valtronics/ws/telemetry", {Kind::message, "", "telemetry"}},
      {"valtronics/7/response", {Kind::ignored, "", ""}},
      {"valtronics.TEMP-001.telemetry", {Kind::telemetry, "TEMP-001", ""}},
      {"TEMP-001/telemetry", {Kind::telemetry, "TEMP-001", ""}},
      {"valtronics/a.b/telemetry", {Kind::telemetry, "a.b", ""}},
      {"valtronics/devices/telemetry", {Kind::telemetry, "devices", ""}}};
  for (const auto& [key, topic] : rows) {
    const auto parsed = parse_topic(key);
    ASSERT_TRUE(parsed) << key;
    EXPECT_EQ(*parsed, topic) << key;
  }
}

TEST(ValtronicsTopic, Unknown) {
  for (const char* key : {"", "/", "valtronics", "valtronics/", "valtronics/x", "valtronics//telemetry",
                          "valtronics/x/telemetry/", "valtronics/x/telemetry/a/b", "valtronics/x/alert/y",
                          "valtronics/x/zzz", "valtronics/a/b/c/d/e/f/g/h", "valtronics/monitoring/metrics"})
    EXPECT_FALSE(parse_topic(key)) << key;
}

}  // namespace
}  // namespace valtronics
