// SPDX-License-Identifier: Apache-2.0
// Whatever comes is answered or dropped, and what is made of it is JSON again.
#include <gtest/gtest.h>

#include <random>

#include "backend.hpp"
#include "common/utf8.hpp"
#include "dashboard.hpp"
#include "dialects_common/damaged_text.hpp"
#include "metric_message.hpp"
#include "protocol.hpp"

namespace valtronics {
namespace {

const std::vector<std::string> seeds{
    R"({"type":"auth","token":"x"})",
    R"({"type":"subscribe","channel":"telemetry","device_id":[1,"2"],"filters":{"metrics":["a","b"],"frequency":"30s"}})",
    R"({"type":"batch","messages":[{"type":"ping","timestamp":"x"},{"type":"unsubscribe","channel":"alerts"}]})",
    R"({"timestamp":"2024-01-01T12:00:00+02:00","metrics":[{"name":"t","value":1.5,"unit":"\u00b0C"}]})",
    R"({"device_id":1,"status":"online","reason":"x","metadata":{"a":[1,{"b":null}]}})",
    R"({"type":"threshold","severity":"critical","message":"\"\\","alert_id":1e5})",
    R"({"device_id":"A","telemetry":{"t":{"value":1},"\u0074":2},"metrics":{"x":1},"new_status":"off"})"};
const std::vector<std::string> topics{
    "valtronics/7/telemetry", "valtronics/7/telemetry/m", "valtronics/7/status",           "valtronics/7/heartbeat",
    "valtronics/7/alert",     "valtronics/ws/telemetry",  "valtronics/system/alerts/info", "valtronics/ws/alerts",
    "valtronics/ws/devices",  "valtronics/system/status", "valtronics/ws/system"};

std::string mutate(const std::string& text, std::mt19937& random) {
  static constexpr std::string_view likely = "{}[]\",:\\0 1e-.\xff\xc2ntu";
  return dialects::damaged(text, likely, random);
}

TEST(ValtronicsRobustness, Mutations) {
  std::mt19937 random(1);
  Settings settings;
  settings.dashboard_compat = true;
  Backend backend(settings, [] { return std::uint64_t{1}; });
  const DeviceTable devices;
  for (int i = 0; i < 30000; ++i) {
    const std::string text = mutate(seeds[random() % seeds.size()], random);
    const auto commands = parse_frame(text, std::nullopt, settings);
    ASSERT_FALSE(commands.empty());
    for (const Command& command : commands)
      if (const auto* problem = std::get_if<Problem>(&command)) {
        ASSERT_TRUE(parse_json(error(*problem, false)) || !parse_json(text)) << text;
      }
    ASSERT_TRUE(dialects::valid_utf8(parse_dashboard_request(text, devices).type) || !parse_json(text));
    std::vector<Made> made;
    const std::string topic =
        random() % 2 ? topics[random() % topics.size()] : mutate(topics[random() % topics.size()], random);
    if (!backend.take(topic, text, 0, made)) {
      ASSERT_TRUE(made.empty()) << topic << text;
      continue;
    }
    for (const Made& m : made) {
      if (m.channel != dashboard_states) {
        ASSERT_TRUE(parse_json(m.body)) << topic << text << m.body;
      }
      for (const auto& [name, value] : m.attributes)
        if (name == places_attribute) {
          ASSERT_GT(MetricMessage(m.body, value).size(), 0u) << m.body;
        }
    }
  }
}

}  // namespace
}  // namespace valtronics
