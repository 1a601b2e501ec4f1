// SPDX-License-Identifier: Apache-2.0
#include "message.hpp"

#include <gmock/gmock.h>

#include <dragoman/sdk/host.hpp>
#include <limits>

namespace amqp {
namespace {

using dragoman::sdk::raw;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

amqp_table_entry_t header(std::string_view name, std::uint8_t kind) {
  amqp_table_entry_t out{};
  out.key = bytes(name);
  out.value.kind = kind;
  return out;
}

Incoming read(std::vector<amqp_table_entry_t> headers, amqp_basic_properties_t properties = {}) {
  properties._flags |= AMQP_BASIC_HEADERS_FLAG;
  properties.headers = {static_cast<int>(headers.size()), headers.data()};
  Incoming out;
  read_properties(properties, out);
  return out;
}

TEST(AmqpMessage, KindsOfHeaders) {
  auto u64 = header("u64", AMQP_FIELD_KIND_U64), f64 = header("f64", AMQP_FIELD_KIND_F64),
       i8 = header("i8", AMQP_FIELD_KIND_I8), table = header("table", AMQP_FIELD_KIND_TABLE),
       text = header("Text", AMQP_FIELD_KIND_UTF8), blob = header("bytes", AMQP_FIELD_KIND_BYTES),
       flag = header("flag", AMQP_FIELD_KIND_BOOLEAN), none = header("none", AMQP_FIELD_KIND_VOID);
  u64.value.value.u64 = std::numeric_limits<std::uint64_t>::max();
  f64.value.value.f64 = 0.1;
  i8.value.value.i8 = -3;
  text.value.value.bytes = blob.value.value.bytes = bytes("x");
  flag.value.value.boolean = 1;
  EXPECT_THAT(read({u64, f64, i8, table, text, blob, flag, none}).attributes,
              ElementsAre(Pair("u64", "18446744073709551615"), Pair("f64", "0.1"), Pair("i8", "-3"), Pair("text", "x"),
                          Pair("flag", "true")));
}

TEST(AmqpMessage, Time) {
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_TIMESTAMP_FLAG;
  properties.timestamp = 1700000000;
  EXPECT_EQ(read({}, properties).time_ms, 1700000000000);
  auto precise = header("timestamp_in_ms", AMQP_FIELD_KIND_I64);
  precise.value.value.i64 = 1700000000123;
  const Incoming both = read({precise}, properties);
  EXPECT_EQ(both.time_ms, 1700000000123);
  EXPECT_THAT(both.attributes, IsEmpty());
  precise.value.value.i64 = -1;
  properties.timestamp = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(read({precise}, properties).time_ms, 0);
}

TEST(AmqpMessage, AnEventAsAMessage) {
  const dgm_field fields[] = {{raw("source"), raw("test")}, {raw("amqp.reply_to"), raw("q")}};
  dgm_event event{};
  event.channel = raw("events");
  event.key = raw("a.b");
  event.id = raw("event-1");
  event.content_type = raw("text/plain");
  event.body = raw("body");
  event.time_ms = 1700000000123;
  event.attributes = fields;
  event.attribute_count = 2;
  const auto message = read_event(event);
  ASSERT_TRUE(message);
  const Properties properties(*message, true);
  EXPECT_EQ(properties.get().delivery_mode, 2);
  // There and back.
  Incoming again;
  read_properties(properties.get(), again);
  EXPECT_EQ(again.id + again.content_type, "event-1text/plain");
  EXPECT_EQ(again.time_ms, event.time_ms);
  EXPECT_THAT(again.attributes, ElementsAre(Pair("amqp.reply_to", "q"), Pair("source", "test")));
}

TEST(AmqpMessage, WhatNoMessageCanSay) {
  const std::string longer(256, 'x');
  const auto possible = [](auto change) {
    dgm_event event{};
    event.channel = raw("events");
    change(event);
    return read_event(event).has_value();
  };
  EXPECT_TRUE(possible([](dgm_event&) {}));
  EXPECT_FALSE(possible([&](dgm_event& e) { e.channel = raw(longer); }));
  EXPECT_FALSE(possible([&](dgm_event& e) { e.key = raw(longer); }));
  EXPECT_FALSE(possible([&](dgm_event& e) { e.id = raw(longer); }));
  EXPECT_FALSE(possible([&](dgm_event& e) { e.content_type = raw(longer); }));
  EXPECT_FALSE(possible([&](dgm_event& e) { e.key = raw("\xff"); }));
  const dgm_field long_name{raw(longer), raw("v")}, long_id{raw("amqp.correlation_id"), raw(longer)},
      long_value{raw("name"), raw(longer)};
  const auto with = [&](const dgm_field& field) {
    return possible([&](dgm_event& e) {
      e.attributes = &field;
      e.attribute_count = 1;
    });
  };
  EXPECT_FALSE(with(long_name));
  EXPECT_FALSE(with(long_id));
  EXPECT_TRUE(with(long_value));
}

TEST(AmqpMessage, Arguments) {
  const Arguments arguments{{"text", std::string("t")}, {"flag", true}, {"number", std::int64_t{-7}}};
  Table table(arguments);
  const amqp_table_t made = table.get();
  ASSERT_EQ(made.num_entries, 3);
  EXPECT_EQ(made.entries[0].value.kind, AMQP_FIELD_KIND_UTF8);
  EXPECT_EQ(view(made.entries[0].value.value.bytes), "t");
  EXPECT_EQ(made.entries[1].value.kind, AMQP_FIELD_KIND_BOOLEAN);
  EXPECT_EQ(made.entries[1].value.value.boolean, 1);
  EXPECT_EQ(made.entries[2].value.value.i64, -7);
}

}  // namespace
}  // namespace amqp
