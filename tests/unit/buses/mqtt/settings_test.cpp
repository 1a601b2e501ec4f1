// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <dragoman/sdk/host.hpp>

#include "config/schema.hpp"
#include "settings_schema.hpp"

namespace mqtt {
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

TEST(MqttSettings, Urls) {
  const auto endpoint = [](const std::string& url) { return read("{\"url\":\"" + url + "\"}").endpoints.at(0).text(); };
  EXPECT_EQ(endpoint("mqtt://broker"), "mqtt://broker:1883");
  EXPECT_EQ(endpoint("mqtts://broker.example/"), "mqtts://broker.example:8883");
  EXPECT_EQ(endpoint("mqtt://192.0.2.1:65535"), "mqtt://192.0.2.1:65535");
  EXPECT_EQ(endpoint("mqtts://[2001:db8::1]"), "mqtts://[2001:db8::1]:8883");
  EXPECT_EQ(endpoint("mqtt://[::1]:1"), "mqtt://[::1]:1");
  const auto several = read(R"({"url":["mqtt://a","mqtts://b:1"]})").endpoints;
  ASSERT_EQ(several.size(), 2u);
  EXPECT_EQ(several[1].text(), "mqtts://b:1");
  for (const char* url : {"", "broker", "tcp://broker", "mqtt://", "mqtt://:1883", "mqtt://a:0", "mqtt://a:65536",
                          "mqtt://a:1x", "mqtt://a:", "mqtt://a:-1", "mqtt://[::1", "mqtt://[::1]x", "mqtt://a/b",
                          "mqtt://a?b", "mqtt://a b", "mqtt://::1"})
    EXPECT_NE(refusal(std::string("{\"url\":\"") + url + "\"}"), "taken") << url;
  EXPECT_NE(refusal(R"({"url":[]})"), "taken");
}

TEST(MqttSettings, NoSecretInASentence) {
  const std::string why = refusal(R"({"url":"mqtt://ann:geheim@broker"})");
  EXPECT_THAT(why, testing::HasSubstr("settings.username"));
  EXPECT_THAT(why, testing::Not(testing::HasSubstr("geheim")));
  EXPECT_EQ(refusal(R"({"url":"mqtt://a","password":"geheim"})"), "settings.password needs settings.username");
}

TEST(MqttSettings, EveryOptionIsRead) {
  using namespace std::chrono_literals;
  const Settings s = read(R"({"url":"mqtts://a","version":"3.1.1","client_id":"me","username":"ann","password":"p",
    "channel":"c","topics":["a/#"],"qos":0,"keepalive":"7s","session_expiry":"1h","ca":"ca.pem","certificate":"/c.pem",
    "key":"k.pem","verify":false,"connect_timeout":"2s","reconnect_min":"30ms","reconnect_max":"4s","max_inflight":9,
    "queue_bytes":"1MiB"})");
  EXPECT_FALSE(s.version5);
  EXPECT_EQ(s.client_id + s.username + s.password + s.channel, "meannpc");
  EXPECT_THAT(s.topics, testing::ElementsAre("a/#"));
  EXPECT_EQ(s.qos, 0);
  EXPECT_EQ(s.keepalive, 7s);
  EXPECT_EQ(s.session_expiry, 1h);
  EXPECT_EQ(s.tls.ca, "/state/ca.pem");
  EXPECT_EQ(s.tls.certificate, "/c.pem");
  EXPECT_EQ(s.tls.key, "/state/k.pem");
  EXPECT_FALSE(s.tls.verify);
  EXPECT_EQ(s.connect_timeout, 2s);
  EXPECT_EQ(s.reconnect_min, 30ms);
  EXPECT_EQ(s.reconnect_max, 4s);
  EXPECT_EQ(s.max_inflight, 9);
  EXPECT_EQ(s.queue_bytes, 1u << 20);
}

TEST(MqttSettings, Defaults) {
  const Settings s = read(R"({"url":"mqtt://a"})"), other = read(R"({"url":"mqtt://a"})");
  EXPECT_TRUE(s.version5 && s.tls.verify && s.qos == 1 && s.tls.ca.empty());
  EXPECT_THAT(s.client_id, testing::MatchesRegex("dragoman-[0-9a-f]{12}"));
  EXPECT_NE(s.client_id, other.client_id);
}

TEST(MqttSettings, WhatIsRefused) {
  for (const char* more :
       {R"("topics":["a/#/b"])", R"("topics":["a+"])", R"("topics":["$share/g/a"])", R"("certificate":"c.pem")",
        R"("key":"k.pem")", R"("session_expiry":"1h")", R"("reconnect_min":"2s","reconnect_max":"1s")", R"("qos":2)",
        R"("version":"4")", R"("client_id":"a\nb")", R"("keepalive":"1s")", R"("max_inflight":0)", R"("zzz":1)"})
    EXPECT_NE(refusal(std::string(R"({"url":"mqtt://a",)") + more + "}"), "taken") << more;
}

}  // namespace
}  // namespace mqtt
