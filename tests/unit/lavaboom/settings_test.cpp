// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "dialects_common/checked_settings.hpp"
#include "settings_schema.hpp"

namespace lavaboom {
namespace {

std::optional<Settings> read(const std::string& text) {
  const auto checked = dialects::checked_settings(settings_schema, text);
  if (!checked) return std::nullopt;
  return parse_settings(*checked);
}

TEST(LavaboomSettings, DefaultsOfTheSchemaAreThoseOfTheCode) {
  const auto defaults = read("{}");
  ASSERT_TRUE(defaults);
  EXPECT_EQ(*defaults, Settings());
}

TEST(LavaboomSettings, EveryOptionIsRead) {
  const auto s = read(R"({"upstream":"u","channel":"c","sockjs_prefix":"/api/ws","token_check":"authenticator",
    "check_token_expiry":false,"require_auth_type":false,"result_type":"result","minimal_events":true,
    "lookup_names":false,"ignore_unknown_types":true,"double_reply":true,"allowed_methods":["get","POST"],
    "forward_get_body":true,"max_parallel_requests":4,"max_queued_requests":0,"request_timeout":"1500ms",
    "max_response_body":"1KiB","proxy_other_paths":true})");
  ASSERT_TRUE(s);
  const Settings expected{"u",
                          "c",
                          "/api/ws",
                          TokenCheck::authenticator,
                          false,
                          false,
                          ResultType::result,
                          true,
                          false,
                          true,
                          true,
                          {"GET", "POST"},
                          true,
                          4,
                          0,
                          std::chrono::milliseconds(1500),
                          1024,
                          true};
  EXPECT_EQ(*s, expected);
}

TEST(LavaboomSettings, OtherValuesAreRefused) {
  for (const char* text :
       {R"({"upstream":""})", R"({"channel":""})", R"({"sockjs_prefix":""})", R"({"sockjs_prefix":"/"})",
        R"({"sockjs_prefix":"/ws/"})", R"({"sockjs_prefix":"ws"})", R"({"token_check":"none"})",
        R"({"result_type":"answer"})", R"({"allowed_methods":["GET "]})", R"({"allowed_methods":[""]})",
        R"({"max_parallel_requests":0})", R"({"max_queued_requests":-1})", R"({"request_timeout":0})",
        R"({"max_response_body":0})", R"({"double":true})"})
    EXPECT_FALSE(read(text)) << text;
}

}  // namespace
}  // namespace lavaboom
