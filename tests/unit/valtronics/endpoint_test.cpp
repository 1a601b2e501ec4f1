// SPDX-License-Identifier: Apache-2.0
// valtronics digest section 2: paths; section 3: tokens of the handshake and what they permit.
#include "endpoint.hpp"

#include <gtest/gtest.h>

#include "permissions.hpp"

namespace valtronics {
namespace {

TEST(ValtronicsEndpoint, Paths) {
  EXPECT_EQ(read_endpoint("/ws").channel, std::nullopt);
  EXPECT_EQ(read_endpoint("/ws/").device, "");
  EXPECT_EQ(read_endpoint("/iot/ws/telemetry").channel, Channel::telemetry);
  EXPECT_EQ(read_endpoint("/ws/alerts/").channel, Channel::alerts);
  EXPECT_EQ(read_endpoint("/ws/notifications").channel, Channel::alerts);
  EXPECT_EQ(read_endpoint("/ws/system").channel, Channel::system);
  EXPECT_EQ(read_endpoint("/ws/devices").channel, Channel::devices);
  EXPECT_EQ(read_endpoint("/ws/TEMP%2D001").device, "TEMP-001");
  EXPECT_EQ(read_endpoint("/ws/device_status").channel, std::nullopt);
}

TEST(ValtronicsEndpoint, Tokens) {
  EXPECT_EQ(query_token("a=1&token=x%2Ey&token=z"), "x.y");
  EXPECT_EQ(query_token("atoken=1"), "");
  EXPECT_EQ(query_token(""), "");
  EXPECT_EQ(bearer_token("Bearer  abc"), "abc");
  EXPECT_EQ(bearer_token("bearer abc"), "abc");
  EXPECT_EQ(bearer_token("Basic abc"), "");
  EXPECT_EQ(bearer_token("Bearer"), "");
}

std::string allowed(const char* claims, bool roles) {
  const Rights rights = read_rights(claims, roles);
  std::string out;
  for (const Channel channel : channels)
    if (rights.may(channel)) out += name_of(channel).front();
  return out;
}

TEST(ValtronicsPermissions, Table) {
  EXPECT_EQ(allowed("{}", false), "tads");
  EXPECT_EQ(allowed(R"({"permissions":["telemetry:read"]})", false), "t");
  EXPECT_EQ(allowed(R"({"permissions":["alert:read","device:read","system:admin","x",1]})", false), "ads");
  EXPECT_EQ(allowed(R"({"permissions":[],"role":"admin"})", true), "");
  EXPECT_EQ(allowed(R"({"role":"admin"})", true), "tads");
  EXPECT_EQ(allowed(R"({"role":"operator"})", true), "tad");
  EXPECT_EQ(allowed("{}", true), "tad");
  EXPECT_EQ(allowed(R"({"role":"user"})", false), "tads");
  EXPECT_EQ(allowed("no JSON", false), "tads");
}

TEST(ValtronicsPermissions, RefreshTokens) {
  EXPECT_TRUE(read_rights(R"({"type":"refresh"})", false).refresh_token);
  EXPECT_FALSE(read_rights(R"({"type":"access"})", false).refresh_token);
  EXPECT_FALSE(read_rights("{}", false).refresh_token);
}

}  // namespace
}  // namespace valtronics
