// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <dragoman/sdk/host.hpp>

#include "config/schema.hpp"
#include "settings_schema.hpp"

namespace amqp {
namespace {

// As the host does it: checked, with defaults. Throws what the admin would read.
Settings read(const std::string& text) {
  boost::json::value value = boost::json::parse(text);
  std::vector<dragoman::config::Error> errors;
  dragoman::config::Schema::parse(settings_schema).check(value, "settings", dragoman::config::Locations(), errors);
  if (!errors.empty()) throw dragoman::sdk::ConfigError("schema");
  return parse_settings(boost::json::serialize(value), "/state");
}

bool refused(const std::string& more, const std::string& url = "amqp://a") {
  try {
    read(std::string(R"({"url":")").append(url).append("\"").append(more).append("}"));
    return false;
  } catch (const dragoman::sdk::ConfigError&) {
    return true;
  }
}

TEST(AmqpSettings, VirtualHosts) {
  const auto vhost = [](const std::string& path) {
    return read("{\"url\":\"amqp://broker" + path + "\"}").endpoints.at(0).path;
  };
  EXPECT_EQ(vhost(""), "/");
  EXPECT_EQ(vhost("/"), "/");
  EXPECT_EQ(vhost("/%2F"), "/");
  EXPECT_EQ(vhost("/a%2fb%25"), "a/b%");
  EXPECT_EQ(vhost(":5000/test"), "test");
  for (const char* path : {"/a/b", "/%", "/%2", "/%zz", "/%00", "/a?b"})
    EXPECT_TRUE(refused("", std::string("amqp://broker") + path)) << path;
  EXPECT_EQ(read(R"({"url":"amqps://b.example/x"})").endpoints.at(0).text(), "amqps://b.example:5671");
}

TEST(AmqpSettings, EveryOptionIsRead) {
  using namespace std::chrono_literals;
  const Settings s = read(R"({"url":["amqp://a","amqps://b"],"username":"ann","password":"p",
    "exchanges":{"h":{"type":"headers","declare":true,"durable":false,"auto_delete":true,
      "match":[{"name":"x","n":1,"yes":true}]}},
    "queue":"q","queue_channel":"c","queue_declare":false,"queue_durable":true,"queue_expires":"1h","prefetch":7,"message_bytes":"2MiB",
    "overflow":"drop","persistent":false,"heartbeat":"3s","ca":"ca.pem","certificate":"/c.pem","key":"k.pem",
    "verify":false,"connect_timeout":"2s","reconnect_min":"30ms","reconnect_max":"4s","publish_timeout":"5s",
    "max_inflight":9,"queue_bytes":"1MiB"})");
  EXPECT_EQ(s.endpoints.size(), 2u);
  EXPECT_EQ(s.username + s.password + s.queue + s.queue_channel, "annpqc");
  const Exchange& h = s.exchange("h");
  EXPECT_TRUE(h.type == ExchangeType::headers && h.declare && !h.durable && h.auto_delete);
  EXPECT_THAT(h.match, testing::ElementsAre(testing::UnorderedElementsAre(testing::Pair("name", Argument("x")),
                                                                          testing::Pair("n", Argument(std::int64_t{1})),
                                                                          testing::Pair("yes", Argument(true)))));
  EXPECT_TRUE(!s.queue_declare && s.queue_durable && s.drop && !s.persistent && !s.tls.verify);
  EXPECT_EQ(s.queue_expires, 1h);
  EXPECT_EQ(s.prefetch, 7);
  EXPECT_EQ(s.message_bytes, 2u << 20);
  EXPECT_EQ(s.heartbeat, 3s);
  EXPECT_EQ(s.tls.ca + s.tls.certificate + s.tls.key, "/state/ca.pem/c.pem/state/k.pem");
  EXPECT_EQ(s.connect_timeout, 2s);
  EXPECT_EQ(s.reconnect_min, 30ms);
  EXPECT_EQ(s.reconnect_max, 4s);
  EXPECT_EQ(s.publish_timeout, 5s);
  EXPECT_EQ(s.max_inflight, 9u);
  EXPECT_EQ(s.queue_bytes, 1u << 20);
}

TEST(AmqpSettings, AnExchangeThatIsNotNamed) {
  const Settings s = read(R"({"url":"amqp://a"})");
  EXPECT_TRUE(s.exchange("x").type == ExchangeType::topic && !s.exchange("x").declare);
}

TEST(AmqpSettings, WhatIsRefused) {
  EXPECT_FALSE(refused(""));
  for (const char* more :
       {R"("exchanges":{"":{}})", R"("exchanges":{"x":{"type":"other"}})", R"("exchanges":{"x":{"match":[{"a":1}]}})",
        R"("exchanges":{"x":{"type":"headers","match":[{"a":[]}]}})", R"("queue_expires":"1h")",
        R"("queue_channel":"c")", R"("queue_declare":false)", R"("prefetch":0)", R"("overflow":"wat")",
        R"("certificate":"c.pem")", R"("reconnect_min":"2s","reconnect_max":"1s")", R"("zzz":1)"})
    EXPECT_TRUE(refused(std::string(",").append(more))) << more;
}

}  // namespace
}  // namespace amqp
