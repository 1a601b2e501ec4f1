// SPDX-License-Identifier: Apache-2.0
// valtronics digest 4.1 and statements 16 to 25, 29.
#include "filter.hpp"

#include <gtest/gtest.h>

namespace valtronics {
namespace {

Subscription read(Channel channel, const std::string& text) {
  const auto message = parse_json(text);
  Subscription out;
  const auto problem = read_subscription(*message, channel, out);
  EXPECT_FALSE(problem) << text << ": " << (problem ? problem->member : "");
  return out;
}

std::optional<std::string> refused(Channel channel, const std::string& text) {
  const auto message = parse_json(text);
  Subscription out;
  const auto problem = read_subscription(*message, channel, out);
  if (!problem) return std::nullopt;
  return (problem->frequency ? "frequency: " : "") + problem->member;
}

TEST(ValtronicsFilter, BothPlacesAndBothShapesAreTheSame) {
  const Subscription expected{{"1"}, {{R"("humidity")", R"("temperature")"}, {}, {}, {}, 30'000}};
  for (
      const char* text :
      {R"({"device_id":1,"metrics":["temperature","humidity"],"frequency":"30s"})",
       R"({"filters":{"device_id":1,"metrics":["humidity","temperature","humidity"],"frequency":"30s"}})",
       R"({"device_id":"1","frequency":"30s","filters":{"metrics":["temperature","humidity"]}})",
       R"({"device_id":[1,"01",1.0],"frequency":"1h","filters":{"frequency":"30s","metrics":["humidity","temperature"]}})",
       R"({"device_id":1,"severity":7,"zzz":{},"metrics":["temperatur\u0065","humidity"],"frequency":"30s"})"})
    EXPECT_EQ(read(Channel::telemetry, text), expected) << text;
}

TEST(ValtronicsFilter, ValuesOfFiltersWin) {
  EXPECT_EQ(read(Channel::telemetry, R"({"device_id":1,"filters":{"device_id":[2,3]}})").devices, (Values{"2", "3"}));
  EXPECT_EQ(read(Channel::telemetry, R"({"device_id":1,"filters":{"device_id":null}})").devices, Values());
}

TEST(ValtronicsFilter, AbsentNullAndEmptyAreNoRestriction) {
  for (const char* text :
       {R"({})", R"({"metrics":null,"filters":null})", R"({"metrics":[],"filters":{"device_id":[]}})"})
    EXPECT_EQ(read(Channel::telemetry, text), Subscription()) << text;
}

TEST(ValtronicsFilter, MembersOfEachChannel) {
  EXPECT_EQ(read(Channel::alerts, R"({"severity":["Critical","WARNING"],"alert_type":"threshold","metrics":5})"),
            (Subscription{{}, {{}, {"critical", "warning"}, {"threshold"}, {}, 0}}));
  EXPECT_EQ(read(Channel::devices, R"({"filters":{"device_id":[2,1],"status_types":["online","offline"]}})"),
            (Subscription{{"1", "2"}, {{}, {}, {}, {"offline", "online"}, 0}}));
  EXPECT_EQ(read(Channel::system, R"({"device_id":1,"metrics":"cpu_usage","frequency":"real-time"})"),
            (Subscription{{}, {{R"("cpu_usage")"}, {}, {}, {}, 0}}));
}

TEST(ValtronicsFilter, WrongTypes) {
  EXPECT_EQ(refused(Channel::telemetry, R"({"device_id":true})"), "device_id");
  EXPECT_EQ(refused(Channel::telemetry, R"({"device_id":[1,null]})"), "device_id");
  EXPECT_EQ(refused(Channel::telemetry, R"({"device_id":1.5})"), "device_id");
  EXPECT_EQ(refused(Channel::telemetry, R"({"metrics":{"a":1}})"), "metrics");
  EXPECT_EQ(refused(Channel::telemetry, R"({"filters":[1]})"), "filters");
  EXPECT_EQ(refused(Channel::alerts, R"({"severity":[["critical"]]})"), "severity");
  EXPECT_EQ(refused(Channel::alerts, R"({"alert_type":1})"), "alert_type");
  EXPECT_EQ(refused(Channel::devices, R"({"status_types":1})"), "status_types");
  EXPECT_EQ(refused(Channel::system, R"({"frequency":"abc"})"), "frequency: frequency");
  EXPECT_EQ(refused(Channel::system, R"({"frequency":30})"), "frequency: frequency");
}

TEST(ValtronicsFilter, Frequencies) {
  EXPECT_EQ(parse_frequency("real-time"), 0u);
  EXPECT_EQ(parse_frequency("1s"), 1000u);
  EXPECT_EQ(parse_frequency("30s"), 30'000u);
  EXPECT_EQ(parse_frequency("5m"), 300'000u);
  EXPECT_EQ(parse_frequency("24h"), 86'400'000u);
  for (const char* text : {"", "s", "0s", "25h", "86401s", "-1s", "+1s", "1.5s", "1 s", "1d", "1", "1S", "real-time ",
                           "4294967297s", "99999999999999999999s"})
    EXPECT_EQ(parse_frequency(text), std::nullopt) << text;
}

}  // namespace
}  // namespace valtronics
