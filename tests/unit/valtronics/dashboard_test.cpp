// SPDX-License-Identifier: Apache-2.0
// valtronics digest section 9.
#include "dashboard.hpp"

#include <gtest/gtest.h>

namespace valtronics {
namespace {

using Kind = DashboardRequest::Kind;

TEST(ValtronicsDashboard, Requests) {
  const DeviceTable table({{"TEMP-001", 1}});
  const auto parse = [&](const char* text) { return parse_dashboard_request(text, table); };
  EXPECT_EQ(parse(R"({"type":"ping"})").kind, Kind::ping);
  EXPECT_EQ(parse(R"({"type":"auth","token":"x"})").kind, Kind::authenticate);
  const auto subscribe = parse(R"({"type":"subscribe_device","device_id":"TEMP-001"})");
  EXPECT_EQ(subscribe.kind, Kind::subscribe);
  EXPECT_EQ(subscribe.device, "1");
  EXPECT_EQ(parse(R"({"type":"unsubscribe_device","device_id":2})").kind, Kind::unsubscribe);
  EXPECT_EQ(parse(R"({"type":"get_device_status","device_id":2})").kind, Kind::status);
  EXPECT_EQ(parse(R"({"type":"subscribe_device"})").kind, Kind::unknown);
  EXPECT_EQ(parse(R"({"type":"zzz"})").type, "zzz");
  EXPECT_EQ(parse("[]").kind, Kind::unknown);
  EXPECT_EQ(parse("{").kind, Kind::invalid);
}

TEST(ValtronicsDashboard, Answers) {
  EXPECT_EQ(dashboard_confirmation(true, "1"), R"({"type":"subscription_confirmed","device_id":1})");
  EXPECT_EQ(dashboard_status("1", nullptr, "T"), R"({"error":"Device not found"})");
  const DeviceState state{"online", "S"};
  EXPECT_EQ(dashboard_status(R"("A")", &state, "T"),
            R"({"type":"device_status","device_id":"A","status":"online","last_seen":"S","timestamp":"T"})");
}

}  // namespace
}  // namespace valtronics
