// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <dragoman/sdk/host.hpp>

#include "config/schema.hpp"
#include "settings_schema.hpp"

namespace redis {
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

TEST(RedisSettings, Urls) {
  const auto endpoint = [](const std::string& url) { return read("{\"url\":\"" + url + "\"}").endpoints.at(0); };
  EXPECT_EQ(endpoint("redis://server").text(), "redis://server:6379");
  EXPECT_EQ(endpoint("rediss://[::1]:7").text(), "rediss://[::1]:7");
  EXPECT_TRUE(endpoint("rediss://server").tls);
  EXPECT_EQ(endpoint("unix:///run/redis.sock").text(), "unix:///run/redis.sock");
  EXPECT_EQ(endpoint("unix:///run/redis.sock").path, "/run/redis.sock");
  EXPECT_TRUE(endpoint("unix:///run/redis.sock").local());
  for (const char* url : {"redis://server/1", "unix://run", "unix:/run", "redis://", "http://server"})
    EXPECT_NE(refusal(std::string("{\"url\":\"") + url + "\"}"), "taken") << url;
}

TEST(RedisSettings, EveryOptionIsRead) {
  using namespace std::chrono_literals;
  const Settings s =
      read(R"({"url":["redis://a","unix:///b"],"username":"ann","password":"p","database":3,"channel":"c",
    "streams":["s","t"],"start":"beginning","stream_length":5,"keepalive":"7s","ca":"ca.pem","certificate":"/c.pem",
    "key":"k.pem","verify":false,"connect_timeout":"2s","reconnect_min":"1s","reconnect_max":"3s",
    "queue_bytes":"1MiB"})");
  EXPECT_EQ(s.endpoints.size(), 2u);
  EXPECT_EQ(s.username, "ann");
  EXPECT_EQ(s.password, "p");
  EXPECT_EQ(s.database, 3);
  EXPECT_EQ(s.channel, "c");
  EXPECT_THAT(s.streams, testing::ElementsAre("s", "t"));
  EXPECT_TRUE(s.from_beginning);
  EXPECT_EQ(s.stream_length, 5);
  EXPECT_EQ(s.keepalive, 7s);
  EXPECT_EQ(s.tls.ca, "/state/ca.pem");
  EXPECT_EQ(s.tls.certificate, "/c.pem");
  EXPECT_FALSE(s.tls.verify);
  EXPECT_EQ(s.connect_timeout, 2s);
  EXPECT_EQ(s.reconnect_min, 1s);
  EXPECT_EQ(s.reconnect_max, 3s);
  EXPECT_EQ(s.queue_bytes, 1u << 20);
  const Settings other = read(R"({"url":"redis://a","prefix":"p:","patterns":["a.#"]})");
  EXPECT_EQ(other.prefix, "p:");
  EXPECT_THAT(other.patterns, testing::ElementsAre("a.#"));
}

TEST(RedisSettings, WhatCannotWork) {
  EXPECT_THAT(refusal(R"({"url":"redis://a","username":"geheim"})"), testing::StartsWith("settings.username needs"));
  EXPECT_THAT(refusal(R"({"url":"redis://a","streams":["a"],"prefix":"p"})"), testing::StartsWith("settings.streams"));
  EXPECT_THAT(refusal(R"({"url":"redis://a","streams":["a\nb"]})"), testing::StartsWith("settings.streams"));
  EXPECT_THAT(refusal(R"({"url":"redis://a","patterns":["\u0000"]})"), testing::StartsWith("settings.patterns"));
  EXPECT_THAT(refusal(R"({"url":"redis://a","reconnect_min":"2s","reconnect_max":"1s"})"),
              testing::StartsWith("settings.reconnect_max"));
  EXPECT_NE(refusal(R"({"url":"redis://a","streams":["a","a"]})"), "taken");
  EXPECT_NE(refusal(R"({"url":"redis://a","database":-1})"), "taken");
}

}  // namespace
}  // namespace redis
