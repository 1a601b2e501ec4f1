// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "dialects_common/checked_settings.hpp"
#include "settings_schema.hpp"

namespace valtronics {
namespace {

std::optional<Settings> read(const std::string& text) {
  const auto checked = dialects::checked_settings(settings_schema, text);
  if (!checked) return std::nullopt;
  return parse_settings(*checked, R"({"messages_per_second":100})");
}

TEST(ValtronicsSettings, DefaultsOfTheSchemaAreThoseOfTheCode) {
  const auto defaults = read("{}");
  ASSERT_TRUE(defaults);
  EXPECT_EQ(*defaults, Settings());
}

TEST(ValtronicsSettings, EveryOptionIsRead) {
  const auto s = read(R"({"channel":"c","devices":{"A":1},"devices_upstream":"u","devices_path":"/d",
    "devices_refresh":"9s","auth_required":false,"auth_timeout":"1s",
    "enforce_expiry":false,"expiry_grace":"2s","handshake_token":true,"role_permissions":true,
    "dedicated_auto_subscribe":false,"default_channels":["alerts","system"],"default_channels_after":"3s",
    "channel_aliases":false,"subscription_acks":true,"legacy_errors":true,"heartbeat":"4s",
    "max_message_bytes":"2KiB","max_batch_items":7,"max_subscriptions":8,"max_tracked_devices":9,
    "dashboard_compat":true})");
  ASSERT_TRUE(s);
  using namespace std::chrono_literals;
  const Settings expected{
      "c", {{"A", 1}}, "u",  "/d", 9s, false, 1s,   false, 2s, true, true, false, {Channel::alerts, Channel::system},
      3s,  false,      true, true, 4s, 100,   2048, 7,     8,  9,    true};
  EXPECT_EQ(*s, expected);
}

TEST(ValtronicsSettings, WhatIsRefused) {
  for (const char* text :
       {R"({"zzz":1})", R"({"devices":{"A":-1}})", R"({"devices":{"A":"1"}})", R"({"default_channels":["foo"]})",
        R"({"max_message_bytes":"1MiB"})", R"({"max_subscriptions":0})"})
    EXPECT_FALSE(read(text)) << text;
}

}  // namespace
}  // namespace valtronics
