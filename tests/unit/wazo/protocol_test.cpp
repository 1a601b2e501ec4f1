// SPDX-License-Identifier: Apache-2.0
// wazo digest sections 2, 5 and 6.
#include "protocol.hpp"

#include <gtest/gtest.h>

namespace wazo {
namespace {

TEST(WazoProtocol, Commands) {
  EXPECT_EQ(
      std::get<Subscribe>(*parse_command(R"({"op": "subscribe", "data": {"event_name": "x", "more": 1}, "y": 2})"))
          .event_name,
      "x");
  EXPECT_TRUE(std::holds_alternative<Start>(*parse_command(R"({"op": "start"})")));
  EXPECT_TRUE(std::holds_alternative<Start>(*parse_command(R"({"op": "start", "data": 7})")));
  EXPECT_EQ(std::get<RenewToken>(*parse_command(R"({"op": "token", "data": {"token": "t"}})")).token, "t");
  EXPECT_EQ(std::get<Ping>(*parse_command(R"({"op": "ping", "data": {"payload": ""}})")).payload, "");
}

TEST(WazoProtocol, ProtocolErrors) {
  for (const char* text : {"", "1", "[]", "{}", "{", R"({"op": 2})", R"({"op": "foo"})", R"({"op": "init"})",
                           R"({"op": "subscribe"})", R"({"op": "subscribe", "data": null})",
                           R"({"op": "subscribe", "data": {}})", R"({"op": "subscribe", "data": {"event_name": 1}})",
                           R"({"op": "subscribe", "data": []})", R"({"op": "token", "data": {}})",
                           R"({"op": "ping", "data": {"payload": 1}})", R"({"op": "start"} {"op": "start"})"})
    EXPECT_FALSE(parse_command(text)) << text;
}

TEST(WazoProtocol, QueryStrings) {
  EXPECT_EQ(parse_query("token=a&token=b").token, "a");
  EXPECT_EQ(parse_query("token=&token=b").token, "b") << "a blank pair is as if it were not there";
  EXPECT_EQ(parse_query("token=").token, std::nullopt);
  EXPECT_EQ(parse_query("token").token, std::nullopt);
  EXPECT_EQ(parse_query("t%6fken=a%2Fb+c%zz").token, "a/b c%zz");
  EXPECT_EQ(parse_query("token=a;version=2").token, "a;version=2");
  EXPECT_EQ(parse_query("x=1&version=2").version, "2");
  EXPECT_EQ(parse_query("").version, std::nullopt);
}

TEST(WazoProtocol, Versions) {
  using V = VersionVerdict;
  const auto judge = [](const char* text) { return judge_version(std::string(text)); };
  EXPECT_EQ(judge_version(std::nullopt), V::v1);
  for (const char* text : {"1", "01", " 1 ", "+1"}) EXPECT_EQ(judge(text), V::v1) << text;
  for (const char* text : {"2", "02", " 2"}) EXPECT_EQ(judge(text), V::v2) << text;
  for (const char* text : {"0", "3", "-1", "-2", "1_0", "999999999999999999999999"})
    EXPECT_EQ(judge(text), V::unsupported) << text;
  for (const char* text : {"abc", "2.0", "undefined", " ", "-", "1_", "_1", "1__0", "0x2", "1 2"})
    EXPECT_EQ(judge(text), V::not_a_number) << text;
}

TEST(WazoProtocol, RepliesByteForByte) {
  EXPECT_EQ(init_reply(Version::v1, V1Reply::document), R"({"op": "init", "code": 0, "msg": ""})");
  EXPECT_EQ(init_reply(Version::v1, V1Reply::both), R"({"op": "init", "code": 0, "msg": "", "data": {"version": 1}})");
  EXPECT_EQ(init_reply(Version::v1, V1Reply::upstream), R"({"op": "init", "code": 0, "data": {"version": 1}})");
  EXPECT_EQ(init_reply(Version::v2, V1Reply::document), R"({"op": "init", "code": 0, "data": {"version": 2}})");
  EXPECT_EQ(ok_reply("start", Version::v1, V1Reply::document), R"({"op": "start", "code": 0, "msg": ""})");
  EXPECT_EQ(ok_reply("start", Version::v1, V1Reply::both), R"({"op": "start", "code": 0, "msg": "", "data": null})");
  EXPECT_EQ(ok_reply("subscribe", Version::v2, V1Reply::both), R"({"op": "subscribe", "code": 0, "data": null})");
  EXPECT_EQ(pong_reply("x"), R"({"op": "pong", "code": 0, "data": {"payload": "x"}})");
}

TEST(WazoProtocol, StringsAsPythonWritesThem) {
  EXPECT_EQ(json_string("a\"\\/\b\f\n\r\t\x01\x7f"), "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7f\"");
  EXPECT_EQ(json_string("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), R"("\u00e9\u20ac\ud83d\ude00")");
}

}  // namespace
}  // namespace wazo
