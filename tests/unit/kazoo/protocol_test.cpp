// SPDX-License-Identifier: Apache-2.0
#include "protocol.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kazoo {
namespace {

ClientMessage parse(const std::string& text, const Settings& settings = {}) {
  const auto message = parse_message(text, settings);
  EXPECT_TRUE(message) << text;
  return message.value_or(ClientMessage());
}
using Texts = std::vector<std::string>;

TEST(KazooProtocol, WhatIsNoMessage) {
  for (const char* text : {"", "x", "[]", "1", "{", R"({"action":})"}) EXPECT_FALSE(parse_message(text, {})) << text;
}

TEST(KazooProtocol, Members) {
  const auto m = parse(R"({"action":"subscribe","auth_token":"T","request_id":"r1","name":"n",
    "data":{"account_id":"a","binding":"b","bindings":["c"]}})");
  EXPECT_EQ(m.action, "subscribe");
  EXPECT_EQ(m.request_id, "r1");
  EXPECT_EQ(m.token, "T");
  EXPECT_FALSE(m.token_malformed);
  EXPECT_TRUE(m.has_data);
  EXPECT_EQ(m.account_id, "a");
  EXPECT_EQ(m.bindings, Texts{"b"});
  EXPECT_EQ(m.name, "\"n\"");
}

TEST(KazooProtocol, AbsentAndOfTheWrongType) {
  const auto none = parse("{}");
  EXPECT_EQ(none.action, "noop");
  EXPECT_EQ(none.request_id.size(), 32u);
  EXPECT_FALSE(none.token || none.has_data || none.account_id || none.name);
  EXPECT_EQ(parse(R"({"action":5,"request_id":5})").action, "noop");
  EXPECT_EQ(parse(R"({"request_id":5})").request_id.size(), 32u);
  for (const char* token : {"5", "{}", "true"})
    EXPECT_TRUE(parse(std::string(R"({"auth_token":)") + token + "}").token_malformed);
  for (const char* token : {"null", "\"\""}) {
    const auto m = parse(std::string(R"({"auth_token":)") + token + "}");
    EXPECT_FALSE(m.token || m.token_malformed);
  }
  for (const char* data : {"null", "5", "[]", "\"x\""})
    EXPECT_FALSE(parse(std::string(R"({"data":)") + data + "}").has_data) << data;
  EXPECT_FALSE(parse(R"({"data":{"account_id":7}})").account_id);
}

TEST(KazooProtocol, SeveralBindings) {
  EXPECT_EQ(parse(R"({"data":{"bindings":["a","b"]}})").bindings, (Texts{"a", "b"}));
  EXPECT_TRUE(parse(R"({"data":{"bindings":["a",5]}})").bindings.empty());
  Settings settings;
  settings.accept_bindings_array = false;
  EXPECT_TRUE(parse(R"({"data":{"bindings":["a","b"]}})", settings).bindings.empty());
}

TEST(KazooProtocol, NameAndMetadataInBothPlaces) {
  const auto m = parse(R"({"metadata":{"x":1.0},"data":{"name":"in","metadata":2}})");
  EXPECT_EQ(m.name, "\"in\"");
  EXPECT_EQ(m.metadata, R"({"x":1.0})");
}

TEST(KazooProtocol, RequestIdsDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(make_request_id());
  EXPECT_EQ(seen.size(), 100u);
}

TEST(KazooProtocol, Replies) {
  EXPECT_EQ(success_reply("r\"", subscribed_data({"a", "b"})),
            R"({"action":"reply","request_id":"r\"","status":"success","data":{"subscribed":["a","b"]}})");
  EXPECT_EQ(error_reply("r", "no \"x\""),
            R"({"action":"reply","request_id":"r","status":"error","data":{"errors":["no \"x\""]}})");
  EXPECT_EQ(unsubscribed_data({"a"}, {}), R"({"unsubscribed":["a"],"subscribed":[]})");
}

}  // namespace
}  // namespace kazoo
