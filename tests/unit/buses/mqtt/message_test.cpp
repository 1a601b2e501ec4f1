// SPDX-License-Identifier: Apache-2.0
#include "message.hpp"

#include <gmock/gmock.h>
#include <mqtt_protocol.h>

#include <cstring>
#include <dragoman/sdk/host.hpp>

namespace mqtt {
namespace {

using dragoman::sdk::raw;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

struct Message {
  mosquitto_message m{};
  std::string topic, payload;
  Message(std::string t, std::string p) : topic(std::move(t)), payload(std::move(p)) {
    m.topic = topic.data();
    m.payload = payload.data();
    m.payloadlen = static_cast<int>(payload.size());
  }
};

std::optional<Incoming> read(std::string topic, std::string payload, const Properties& properties = nullptr) {
  const Message message(std::move(topic), std::move(payload));
  return read_message(message.m, properties.get(), "iot");
}

Properties user(std::initializer_list<std::pair<const char*, std::string>> pairs) {
  mosquitto_property* list = nullptr;
  for (const auto& [name, value] : pairs)
    EXPECT_EQ(mosquitto_property_add_string_pair(&list, MQTT_PROP_USER_PROPERTY, name, value.c_str()), 0);
  return Properties(list);
}

TEST(Message, KindsOfPayload) {
  const std::pair<std::string, const char*> kinds[] = {
      {"{\"a\":1}", "application/json"},  {" \n[1,2]\r\n", "application/json"},
      {"", "application/octet-stream"},   {"{", "application/octet-stream"},
      {"on", "application/octet-stream"}, {std::string("\0\xff", 2), "application/octet-stream"}};
  for (const auto& [payload, type] : kinds) {
    const auto event = read("a/b", payload);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->content_type, type) << payload;
    EXPECT_EQ(event->body, payload);
    EXPECT_EQ(event->key, "a.b");
    EXPECT_THAT(event->id, SizeIs(32));
    EXPECT_THAT(event->attributes, IsEmpty());
  }
  EXPECT_NE(read("a", "")->id, read("a", "")->id);
}

TEST(Message, Properties) {
  mosquitto_property* list =
      user({{"X-Note", "gr\xc3\xbc\xc3\x9f"}, {"ID", "event-1"}, {"id", "event-2"}, {"x-note", "again"}}).release();
  ASSERT_EQ(mosquitto_property_add_string(&list, MQTT_PROP_CONTENT_TYPE, "text/plain"), 0);
  const auto event = read("a", "{}", Properties(list));
  EXPECT_EQ(event->id, "event-1");
  EXPECT_EQ(event->content_type, "text/plain");
  EXPECT_THAT(event->attributes, ElementsAre(Pair("x-note", "gr\xc3\xbc\xc3\x9f")));
}

TEST(Message, Retained) {
  Message message("a", "x");
  message.m.retain = true;
  const Properties forged = user({{"retained", "perhaps"}});
  EXPECT_THAT(read_message(message.m, forged.get(), "iot")->attributes, ElementsAre(Pair("retained", "true")));
  message.m.retain = false;
  EXPECT_THAT(read_message(message.m, forged.get(), "iot")->attributes, IsEmpty());
}

TEST(Message, PropertiesPastTheLimitsAreLeftOut) {
  mosquitto_property* list =
      user({{"", "v"}, {"long", std::string(1025, 'v')}, {"id", std::string(256, 'i')}}).release();
  for (int i = 0; i < 100; ++i)
    mosquitto_property_add_string_pair(&list, MQTT_PROP_USER_PROPERTY, ("n" + std::to_string(i)).c_str(), "v");
  const auto event = read("a", "x", Properties(list));
  EXPECT_THAT(event->attributes, SizeIs(64));
  EXPECT_THAT(event->id, SizeIs(32));
}

TEST(Message, WhatIsNoEvent) {
  EXPECT_FALSE(read(std::string(4097, 'a'), "x"));
  EXPECT_FALSE(read("a\xff", "x"));
  EXPECT_TRUE(read(std::string(4096, 'a'), "x"));
}

TEST(Message, AnEventAsAMessage) {
  const dgm_field fields[] = {{raw("source"), raw("test")}};
  dgm_event event{};
  event.channel = raw("iot");
  event.key = raw("a.b");
  event.id = raw("event-1");
  event.content_type = raw("text/plain");
  event.body = raw("body");
  event.attributes = fields;
  event.attribute_count = 1;
  const auto message = read_event(event, "iot");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->key, "a/b");
  // There and back.
  const auto again = read(message->key, message->body, properties_of(*message));
  EXPECT_EQ(again->id, "event-1");
  EXPECT_EQ(again->key, "a.b");
  EXPECT_EQ(again->body, "body");
  EXPECT_EQ(again->content_type, "text/plain");
  EXPECT_THAT(again->attributes, ElementsAre(Pair("source", "test")));

  EXPECT_FALSE(read_event(event, ""));
  event.key = raw("a.#");
  EXPECT_FALSE(read_event(event, "iot"));
  event.key = raw("a");
  event.content_type = raw("a\nb");
  EXPECT_FALSE(read_event(event, "iot"));
}

}  // namespace
}  // namespace mqtt
