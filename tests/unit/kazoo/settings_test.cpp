// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>
#include <stdexcept>

#include "config/schema.hpp"
#include "settings_schema.hpp"

namespace kazoo {
namespace {

// As the host does it: checked, with defaults.
std::optional<Settings> read(const std::string& text) {
  boost::json::value value = boost::json::parse(text);
  std::vector<dragoman::config::Error> errors;
  dragoman::config::Schema::parse(settings_schema).check(value, "settings", dragoman::config::Locations(), errors);
  if (!errors.empty()) return std::nullopt;
  try {
    return parse_settings(boost::json::serialize(value));
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

TEST(KazooSettings, DefaultsOfTheSchemaAreThoseOfTheCode) {
  const auto defaults = read(R"({"node":"n"})");
  ASSERT_TRUE(defaults);
  Settings expected;
  expected.node = "n";
  EXPECT_EQ(*defaults, expected);
  EXPECT_FALSE(read("{}")->node.empty());
}

TEST(KazooSettings, EveryOptionIsRead) {
  const std::string a(32, 'a'), b(32, 'b');
  const auto s = read(R"({"modules":["presence","call"],"token_check":"crossbar","account_check":"crossbar",
    "crossbar":"up","accounts":{")" +
                      a + R"(":{"parent":")" + b + R"(","realm":"r"}},"system_account":")" + b +
                      R"(","request_timeout":"2s","max_bucket_tokens":3,"tokens_fill_rate":4,
    "max_bindings_per_socket":5,"idle_timeout":"6s","node":"n","version":"v","allow_subprotocol":true,
    "accept_bindings_array":false,"default_account_from_token":true,"unsubscribe_all":false,
    "unknown_action":"silent","close_on_bad_json":true,"ping_requires_auth":false,"strict_conference":true,
    "repeat_expanded_bindings":true,"presence_short_keys":true,"crossbar_tunnel":true,"answer_crossbar":true})");
  ASSERT_TRUE(s);
  using namespace std::chrono_literals;
  Settings expected;
  expected.bindings = {{"presence", "call"}, true, true};
  expected.tokens_at_crossbar = expected.accounts_at_crossbar = true;
  expected.crossbar = "up";
  expected.accounts.add(a, b, "r");
  expected.system_account = b;
  expected.request_timeout = 2s;
  expected.max_bucket_tokens = 3;
  expected.tokens_fill_rate = 4;
  expected.max_bindings_per_socket = 5;
  expected.idle_timeout = 6s;
  expected.node = "n";
  expected.version = "v";
  expected.allow_subprotocol = true;
  expected.accept_bindings_array = false;
  expected.default_account_from_token = true;
  expected.unsubscribe_all = false;
  expected.unknown_action = UnknownAction::silent;
  expected.close_on_bad_json = true;
  expected.ping_requires_auth = false;
  expected.repeat_expanded_bindings = true;
  expected.crossbar_tunnel = true;
  expected.answer_crossbar = true;
  EXPECT_EQ(*s, expected);
  EXPECT_TRUE(read(R"({"enforce_token_expiry":true})")->enforce_token_expiry);
  EXPECT_EQ(read(R"({"unknown_action":"success"})")->unknown_action, UnknownAction::success);
}

TEST(KazooSettings, WhatIsRefused) {
  const std::string a(32, 'a');
  for (const std::string& text : std::initializer_list<std::string>{
           R"({"zzz":1})", R"({"modules":[]})", R"({"modules":["zzz"]})", R"({"accounts":{"x":{}}})",
           R"({"accounts":{")" + a + R"(":{"parent":")" + a + R"("}}})", R"({"system_account":"x"})",
           R"({"token_check":"crossbar"})", R"({"account_check":"crossbar"})", R"({"crossbar_tunnel":true})",
           R"({"enforce_token_expiry":true,"token_check":"crossbar","crossbar":"up"})"})
    EXPECT_FALSE(read(text)) << text;
}

}  // namespace
}  // namespace kazoo
