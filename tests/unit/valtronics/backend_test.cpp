// SPDX-License-Identifier: Apache-2.0
// valtronics digest sections 5 and 7.
#include "backend.hpp"

#include <gtest/gtest.h>

#include "metric_message.hpp"

namespace valtronics {
namespace {

constexpr std::int64_t noon = 1704110400000;  // 2024-01-01T12:00:00Z

class ValtronicsBackend : public testing::Test {
 protected:
  std::vector<Made> take(const std::string& key, const std::string& body) {
    std::vector<Made> out;
    EXPECT_TRUE(backend_.take(key, body, noon, out)) << key << " " << body;
    return out;
  }
  Made one(const std::string& key, const std::string& body) {
    auto out = take(key, body);
    EXPECT_EQ(out.size(), 1u) << key;
    return out.empty() ? Made{} : out[0];
  }
  bool refused(const std::string& key, const std::string& body) {
    std::vector<Made> out;
    return !backend_.take(key, body, noon, out) && out.empty();
  }
  static std::string attribute(const Made& made, std::string_view name) {
    for (const auto& [known, value] : made.attributes)
      if (known == name) return value;
    return "(none)";
  }

  Settings settings_ = [] {
    Settings s;
    s.devices = {{"TEMP-001", 1}};
    s.max_tracked_devices = 2;
    return s;
  }();
  Backend backend_{settings_, [] { return std::uint64_t{15}; }};
};

TEST_F(ValtronicsBackend, TelemetryOfTheServer) {
  const Made made = one(
      "valtronics/TEMP-001/telemetry",
      R"({"timestamp":"2024-01-01T11:00:00","metrics":[{"name":"temperature","value":23.50,"unit":"\u00b0C"},{"name":"state","value":"ok"},{"name":"bad","value":null},{"name":"temperature","value":24.0,"unit":null,"timestamp":1704110400.5}]})");
  EXPECT_EQ(made.channel, "telemetry");
  EXPECT_EQ(made.key, "1");
  EXPECT_EQ(
      made.body,
      R"({"type":"telemetry_update","channel":"telemetry","device_id":1,"telemetry":{"temperature":{"value":24.0,"unit":null,"timestamp":"2024-01-01T12:00:00.500Z"},"state":{"value":"ok","unit":null,"timestamp":"2024-01-01T11:00:00Z"}}})");
  const std::string places = attribute(made, places_attribute);
  const MetricMessage message(made.body, places);
  ASSERT_EQ(message.size(), 2u);
  EXPECT_EQ(message.name(1), R"("state")");
}

TEST_F(ValtronicsBackend, TelemetryOfOneMetric) {
  EXPECT_EQ(
      one("valtronics/NEW-9/telemetry", R"({"name":"humidity","value":45,"unit":"%","timestamp":"x"})").body,
      R"({"type":"telemetry_update","channel":"telemetry","device_id":"NEW-9","telemetry":{"humidity":{"value":45,"unit":"%","timestamp":"2024-01-01T12:00:00Z"}}})");
  EXPECT_EQ(
      one("valtronics/devices/7/telemetry/humidity", R"({"value":45,"unit":"\u0025","device_id":"7","metadata":{}})")
          .body,
      R"({"type":"telemetry_update","channel":"telemetry","device_id":7,"telemetry":{"humidity":{"value":45,"unit":"%","timestamp":"2024-01-01T12:00:00Z"}}})");
}

TEST_F(ValtronicsBackend, StatusChanges) {
  const Made first =
      one("valtronics/7/status", R"({"device_id":"7","status":"online","timestamp":"2024-01-01T11:45:00Z"})");
  EXPECT_EQ(first.channel, "devices");
  EXPECT_EQ(
      first.body,
      R"({"type":"device_status_update","channel":"devices","device_id":7,"old_status":"unknown","new_status":"online","timestamp":"2024-01-01T11:45:00Z","metadata":{}})");
  EXPECT_TRUE(take("valtronics/7/status", R"({"status":"online"})").empty());
  EXPECT_TRUE(take("valtronics/7/heartbeat", R"({"timestamp":"2024-01-01T11:50:00Z"})").empty());
  const Made off = one("valtronics/devices/7/status/connection",
                       R"({"status":"offline","reason":"Connection lost","metadata":{"a":1.0}})");
  EXPECT_EQ(
      off.body,
      R"({"type":"device_status_update","channel":"devices","device_id":7,"old_status":"online","new_status":"offline","timestamp":"2024-01-01T12:00:00Z","reason":"Connection lost","metadata":{"a":1.0,"last_seen":"2024-01-01T11:50:00Z"}})");
  EXPECT_EQ(attribute(off, status_attribute), "offline");
  EXPECT_EQ(take("valtronics/7/heartbeat", R"({"status":"online"})").size(), 1u);
  take("valtronics/8/heartbeat", "{}");
  take("valtronics/9/heartbeat", "{}");
  EXPECT_NE(one("valtronics/7/status", R"({"status":"online"})").body.find(R"("old_status":"unknown")"),
            std::string::npos)
      << "only two devices are remembered";
}

TEST_F(ValtronicsBackend, Alerts) {
  const Made full = one(
      "valtronics/TEMP-001/alert",
      R"({"type":"threshold","alert_id":123,"severity":"Critical","title":"High","message":"m","metadata":{"v": 30.0}})");
  EXPECT_EQ(
      full.body,
      R"({"type":"alert","channel":"alerts","alert_id":123,"device_id":1,"severity":"Critical","alert_type":"threshold","title":"High","message":"m","timestamp":"2024-01-01T12:00:00Z","metadata":{"v": 30.0}})");
  EXPECT_EQ(attribute(full, severity_attribute), "critical");
  EXPECT_EQ(attribute(full, alert_type_attribute), "threshold");
  EXPECT_EQ(
      one("valtronics/system/alerts/warning", R"({"type":"system","message":"disk"})").body,
      R"({"type":"alert","channel":"alerts","alert_id":1,"device_id":null,"severity":"warning","alert_type":"system","title":"Warning system alert","message":"disk","timestamp":"2024-01-01T12:00:00Z","metadata":{}})");
  EXPECT_NE(one("valtronics/system/alerts/info", R"({"message":"x","device_id":"TEMP-001"})")
                .body.find(R"("alert_id":2,"device_id":1,"severity":"info","title":"Info alert")"),
            std::string::npos);
}

TEST_F(ValtronicsBackend, SystemStatus) {
  EXPECT_EQ(
      one("valtronics/monitoring/metrics/cpu_usage", R"({"value":45.20})").body,
      R"({"type":"system_status_update","channel":"system","metrics":{"cpu_usage":45.20},"timestamp":"2024-01-01T12:00:00Z"})");
  EXPECT_EQ(
      one("valtronics/system/status", R"({"metrics":{"cpu_usage":1,"name":"x"},"timestamp":"2024-01-01T10:00:00Z"})")
          .body,
      R"({"type":"system_status_update","channel":"system","metrics":{"active_connections":15,"cpu_usage":1},"timestamp":"2024-01-01T10:00:00Z"})");
  EXPECT_NE(one("valtronics/system/status", R"({"metrics":{"active_connections":3}})")
                .body.find(R"({"active_connections":3})"),
            std::string::npos);
}

TEST_F(ValtronicsBackend, ReadyMessagesPassAsTheyAre) {
  const std::string telemetry =
      R"({ "type":"telemetry_update", "device_id":"TEMP-001","telemetry":{"t":{"value": 1.50}}, "extra":[1, 2] })";
  const Made made = one("valtronics/ws/telemetry", telemetry);
  EXPECT_EQ(made.body, telemetry);
  EXPECT_EQ(made.key, "1");
  EXPECT_EQ(MetricMessage(made.body, attribute(made, places_attribute)).member(0), R"("t":{"value": 1.50})");
  const std::string alert = R"({"type":"alert","channel":"alerts","device_id":2,"severity":"INFO","alert_type":"x"})";
  const Made alerted = one("valtronics.ws.alerts", alert);
  EXPECT_EQ(alerted.body, alert);
  EXPECT_EQ(attribute(alerted, severity_attribute), "info");
  EXPECT_EQ(
      attribute(one("valtronics/ws/device_status", R"({"device_id":3,"new_status":"offline"})"), status_attribute),
      "offline");
  EXPECT_TRUE(take("valtronics/3/status", R"({"status":"offline"})").empty()) << "it is the last known one";
  EXPECT_EQ(one("valtronics/ws/system", R"({"metrics":{"a":1},"device_id":4})").key, no_device);
}

TEST_F(ValtronicsBackend, WhatIsNotUnderstood) {
  EXPECT_TRUE(take("valtronics/7/response", "anything").empty());
  EXPECT_TRUE(refused("valtronics/7/zzz", "{}"));
  for (const char* body :
       {"", "[]", "{", "{}", R"({"metrics":[]})", R"({"metrics":[{"value":1}]})",
        R"({"metrics":[1,{"name":"","value":1}]})", R"({"name":"x"})", "{\"name\":\"\xff\",\"value\":1}"})
    EXPECT_TRUE(refused("valtronics/7/telemetry", body)) << body;
  for (const char* body : {"{}", R"({"status":1})", R"({"status":""})"})
    EXPECT_TRUE(refused("valtronics/7/status", body)) << body;
  EXPECT_TRUE(refused("valtronics/7/alert", "{}"));
  EXPECT_TRUE(refused("valtronics/7/alert", R"({"message":"x","severity":")" + std::string(300, 'x') + "\"}"));
  EXPECT_TRUE(refused("valtronics/monitoring/metrics/x", R"({"value":"1"})"));
  EXPECT_TRUE(refused("valtronics/system/status", "{}"));
  EXPECT_TRUE(refused("valtronics/ws/foo", "{}"));
  EXPECT_TRUE(refused("valtronics/ws/telemetry", R"({"telemetry":[]})"));
  EXPECT_TRUE(refused("valtronics/" + std::string(300, 'x') + "/telemetry", R"({"name":"x","value":1})"));
  std::string many = R"({"metrics":[)";
  for (std::size_t i = 0; i <= most_metrics; ++i)
    many += (i ? R"(,{"name":"m)" : R"({"name":"m)") + std::to_string(i) + R"(","value":1})";
  EXPECT_TRUE(refused("valtronics/7/telemetry", many + "]}"));
}

TEST_F(ValtronicsBackend, MessagesOfTheDashboard) {
  settings_.dashboard_compat = true;
  const auto telemetry =
      take("valtronics/7/telemetry", R"({"metrics":[{"name":"a","value":1,"unit":"C"},{"name":"b","value":2}]})");
  ASSERT_EQ(telemetry.size(), 3u);
  EXPECT_EQ(telemetry[1].channel, dashboard_metrics);
  EXPECT_EQ(
      telemetry[1].body,
      R"({"type":"telemetry_update","device_id":7,"data":{"metric_name":"a","metric_value":1,"unit":"C","timestamp":"2024-01-01T12:00:00Z"},"timestamp":"2024-01-01T12:00:00Z"})");
  const auto status = take("valtronics/7/status", R"({"status":"online"})");
  ASSERT_EQ(status.size(), 3u);
  EXPECT_EQ(status[0].channel, dashboard_states);
  EXPECT_EQ(attribute(status[0], status_attribute), "online");
  EXPECT_EQ(
      status[2].body,
      R"({"type":"device_update","device_id":7,"updates":{"status":"online","last_seen":"2024-01-01T12:00:00Z"},"timestamp":"2024-01-01T12:00:00Z"})");
  const auto alert = take("valtronics/7/alert", R"({"message":"m","alert_id":5})");
  ASSERT_EQ(alert.size(), 2u);
  EXPECT_EQ(
      alert[1].body,
      R"({"type":"alert","alert":{"alert_id":5,"device_id":7,"severity":"info","title":"Info alert","message":"m","timestamp":"2024-01-01T12:00:00Z","metadata":{}}})");
}

}  // namespace
}  // namespace valtronics
