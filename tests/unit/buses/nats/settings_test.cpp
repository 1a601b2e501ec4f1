// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <dragoman/sdk/host.hpp>

#include "config/schema.hpp"
#include "settings_schema.hpp"

namespace nats {
namespace {

// As the host does it: checked, with defaults. Throws what the admin would read.
Settings read(const std::string& text) {
  boost::json::value value = boost::json::parse(text);
  std::vector<dragoman::config::Error> errors;
  dragoman::config::Schema::parse(settings_schema).check(value, "settings", dragoman::config::Locations(), errors);
  if (!errors.empty()) throw dragoman::sdk::ConfigError("schema");
  return parse_settings(boost::json::serialize(value), "/state");
}

std::string refusal(const std::string& text) {
  try {
    read(text);
    return "taken";
  } catch (const dragoman::sdk::ConfigError& error) {
    return error.what();
  }
}

TEST(NatsSettings, Urls) {
  const auto endpoint = [](const std::string& url) { return read("{\"url\":\"" + url + "\"}").endpoints.at(0).text(); };
  EXPECT_EQ(endpoint("nats://server"), "nats://server:4222");
  EXPECT_EQ(endpoint("tls://server.example:1"), "tls://server.example:1");
  EXPECT_EQ(endpoint("tls://[2001:db8::1]"), "tls://[2001:db8::1]:4222");
  for (const char* url : {"server", "mqtt://a", "nats://", "nats://a/b", "nats://ann:geheim@a"})
    EXPECT_NE(refusal(std::string("{\"url\":\"") + url + "\"}"), "taken") << url;
  EXPECT_THAT(refusal(R"({"url":"nats://ann:geheim@a"})"), testing::Not(testing::HasSubstr("geheim")));
}

TEST(NatsSettings, EveryOptionIsRead) {
  using namespace std::chrono_literals;
  const Settings s = read(R"({"url":["tls://a","nats://b"],"client_name":"me","credentials":"user.creds","channel":"c",
    "subjects":["a.>"],"stream":"S","durable":"d","max_ack_pending":7,"ca":"ca.pem","certificate":"/c.pem","key":"k.pem",
    "verify":false,"connect_timeout":"2s","answer_timeout":"3s","ping_interval":"4s","reconnect_min":"30ms",
    "reconnect_max":"6s","max_inflight":9,"queue_bytes":"1MiB","pending_messages":10,"pending_bytes":"2MiB"})");
  EXPECT_EQ(s.endpoints.size(), 2u);
  EXPECT_EQ(s.client_name + s.channel + s.stream + s.durable, "mecSd");
  EXPECT_EQ(s.credentials, "/state/user.creds");
  EXPECT_THAT(s.bounds, testing::ElementsAre("a.*.#"));
  EXPECT_EQ(s.stream_subject, "a.>");
  EXPECT_EQ(s.max_ack_pending, 7);
  EXPECT_EQ(s.tls.ca + s.tls.certificate + s.tls.key, "/state/ca.pem/c.pem/state/k.pem");
  EXPECT_FALSE(s.tls.verify);
  EXPECT_EQ(s.connect_timeout, 2s);
  EXPECT_EQ(s.answer_timeout, 3s);
  EXPECT_EQ(s.ping_interval, 4s);
  EXPECT_EQ(s.reconnect_min, 30ms);
  EXPECT_EQ(s.reconnect_max, 6s);
  EXPECT_EQ(s.max_inflight, 9u);
  EXPECT_EQ(s.queue_bytes, 1u << 20);
  EXPECT_EQ(s.pending_messages, 10u);
  EXPECT_EQ(s.pending_bytes, 2u << 20);
  const Settings other = read(R"({"url":"nats://a","username":"ann","password":"p"})");
  EXPECT_EQ(other.username + other.password, "annp");
  EXPECT_EQ(read(R"({"url":"nats://a","token":"t"})").token, "t");
}

TEST(NatsSettings, WhatIsRefused) {
  for (const char* more :
       {R"("subjects":["a.>.b"])", R"("subjects":[" "])", R"("certificate":"c.pem")", R"("key":"k.pem")",
        R"("reconnect_min":"2s","reconnect_max":"1s")", R"("password":"p")", R"("token":"t","credentials":"c")",
        R"("username":"a","token":"t")", R"("durable":"d")", R"("stream":"a.b")", R"("stream":"S","durable":"a b")",
        R"("stream":"S","subjects":["a","b"])", R"("client_name":"a\nb")", R"("max_inflight":0)", R"("zzz":1)"})
    EXPECT_NE(refusal(std::string(R"({"url":"nats://a",)") + more + "}"), "taken") << more;
}

}  // namespace
}  // namespace nats
