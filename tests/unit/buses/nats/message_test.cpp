// SPDX-License-Identifier: Apache-2.0
#include "message.hpp"

#include <gmock/gmock.h>

#include <dragoman/sdk/host.hpp>

namespace nats {
namespace {

using dragoman::sdk::raw;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

using Headers = std::vector<std::pair<const char*, std::string>>;

std::optional<Arrival> read(const std::string& subject, const std::string& body, const Headers& headers = {},
                            const char* reply = nullptr, bool of_stream = false) {
  open_library();
  natsMsg* made = nullptr;
  EXPECT_EQ(natsMsg_Create(&made, subject.c_str(), reply, body.data(), static_cast<int>(body.size())), NATS_OK);
  const MessagePtr message(made);
  for (const auto& [name, value] : headers) EXPECT_EQ(natsMsgHeader_Add(made, name, value.c_str()), NATS_OK);
  return read_message(made, "iot", of_stream);
}

TEST(NatsMessage, AnEvent) {
  const auto event =
      read("a.b", "{}", {{"Nats-Msg-Id", "i"}, {"Content-Type", "text/plain"}, {"X-One", "eins"}})->message;
  EXPECT_EQ(event.channel + ' ' + event.key + ' ' + event.id + ' ' + event.content_type, "iot a.b i text/plain");
  EXPECT_THAT(event.attributes, ElementsAre(Pair("x-one", "eins")));
  EXPECT_EQ(event.time_ms, 0);
  const auto bare = read("a", "[1]")->message;
  EXPECT_EQ(bare.content_type, "application/json");
  EXPECT_THAT(bare.id, SizeIs(32));
}

TEST(NatsMessage, HeadersPastTheLimitsAreLeftOut) {
  Headers headers{{"Nats-Msg-Id", std::string(300, 'i')}, {"long", std::string(1025, 'v')}, {"odd", "\xff"}};
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back("n" + std::to_string(100 + i));
  for (const std::string& name : names) headers.emplace_back(name.c_str(), "v");
  const auto event = read("a", "x", headers)->message;
  EXPECT_THAT(event.id, SizeIs(32));
  EXPECT_THAT(event.attributes, SizeIs(64));
  EXPECT_EQ(event.attributes.front().first, "n100");
}

TEST(NatsMessage, SubjectsThatAreNoKeys) {
  EXPECT_FALSE(read(std::string(4097, 'x'), "x"));
  EXPECT_FALSE(read("\xff", "x"));
  EXPECT_FALSE(read("a\x01", "x"));
}

TEST(NatsMessage, OfAStreamItIsTheSameWheneverItComes) {
  const char* reply = "$JS.ACK.S.C.2.42.7.1700000000123456789.0";
  const auto one = read("a", "x", {}, reply, true), two = read("a", "x", {}, reply, true);
  EXPECT_EQ(one->message.id, "42-1700000000123");
  EXPECT_EQ(one->message.id, two->message.id);
  EXPECT_EQ(one->message.time_ms, 1700000000123);
  EXPECT_EQ(one->sequence, 42u);
  EXPECT_EQ(one->acknowledge, reply);
  EXPECT_EQ(read("a", "x", {{"Nats-Msg-Id", "i"}}, reply, true)->message.id, "i");
  EXPECT_THAT(read("a", "x", {}, reply, false)->acknowledge, IsEmpty());
}

TEST(NatsMessage, WhereItIsFrom) {
  const auto newer = origin_of("$JS.ACK._.hash.S.C.1.5.6.7000000.0.random");
  EXPECT_EQ(newer->sequence, 5u);
  EXPECT_EQ(newer->time_ms, 7);
  EXPECT_TRUE(origin_of("$JS.ACK._.hash.S.C.1.5.6.7000000.0"));
  for (const char* subject : {"", "a", "$JS.ACK.S.C.1.5.6.7", "$JS.ACK.S.C.1.x.6.7.0", "$JS.ACK.S.C.1.5.6.-7.0",
                              "$JS.ACK.S.C.1.99999999999999999999.6.7.0", "_INBOX.S.C.D.1.5.6.7.0"})
    EXPECT_FALSE(origin_of(subject)) << subject;
}

dgm_event event(std::string_view key, const std::vector<dgm_field>& fields = {}) {
  dgm_event out{};
  out.size = sizeof out;
  out.channel = raw("iot");
  out.key = raw(key);
  out.id = raw("i");
  out.content_type = raw("text/plain");
  out.body = raw("x");
  out.attributes = fields.data();
  out.attribute_count = fields.size();
  return out;
}

TEST(NatsMessage, WhatIsPublishedIsReadAgain) {
  const std::vector<dgm_field> fields{
      {raw("one"), raw("eins")}, {raw("Content-Type"), raw("other")}, {raw("empty"), raw("")}};
  const auto out = read_event(event("a.b", fields), "iot");
  ASSERT_TRUE(out);
  const MessagePtr message = make_message(*out, "reply", true);
  const auto back = read_message(message.get(), "iot", false)->message;
  EXPECT_EQ(back.key + ' ' + back.id + ' ' + back.content_type + ' ' + back.body, "a.b i text/plain x");
  EXPECT_THAT(back.attributes, ElementsAre(Pair("empty", ""), Pair("one", "eins")));
  const MessagePtr bare = make_message(*out, nullptr, false);
  EXPECT_THAT(read_message(bare.get(), "iot", false)->message.attributes, IsEmpty());
}

TEST(NatsMessage, WhatCannotBePublished) {
  EXPECT_FALSE(read_event(event("a"), "other"));
  EXPECT_FALSE(read_event(event("a.*"), "iot"));
  for (const char* name : {"", "a b", "a:b", "\xc3\xa4"}) {
    const std::vector<dgm_field> fields{{raw(name), raw("v")}};
    EXPECT_FALSE(read_event(event("a", fields), "iot")) << name;
  }
  const std::vector<dgm_field> fields{{raw("a"), raw("v\r\nother: w")}};
  EXPECT_FALSE(read_event(event("a", fields), "iot"));
}

TEST(NatsMessage, AnswersOfAStream) {
  EXPECT_EQ(refusal_in(R"({"stream":"S","seq":1})"), "");
  EXPECT_EQ(refusal_in(R"({"stream":"S","seq":1,"duplicate":true})"), "");
  EXPECT_EQ(refusal_in(R"({"error":{"code":503,"description":"full"}})"), "\"full\"");
  for (const char* text : {"", "{", "[]", "{}", R"({"error":1,"stream":"S"})", R"({"error":{"description":1}})"})
    EXPECT_EQ(refusal_in(text), "its answer is not understood") << text;
}

}  // namespace
}  // namespace nats
