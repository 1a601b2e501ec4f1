// SPDX-License-Identifier: Apache-2.0
#include "event_body.hpp"

#include <gtest/gtest.h>

namespace kazoo {
namespace {

std::string data_of(std::string_view body) {
  const auto facts = read_event(body);
  return facts ? facts->data : "nothing";
}

TEST(KazooEventBody, NamesAreLowerCaseWithUnderscoresAtEveryDepth) {
  EXPECT_EQ(data_of(R"({"Call-ID":"c1","Node":"n","Custom-Channel-Vars":{"Account-ID":"a"}})"),
            R"({"call_id":"c1","custom_channel_vars":{"account_id":"a"}})");
  EXPECT_EQ(data_of(R"({"A-B":[{"C-D":1,"E":null},null,[{"F-":"G-H"}]]})"),
            R"({"a_b":[{"c_d":1},null,[{"f_":"G-H"}]]})");
}

TEST(KazooEventBody, InternalMembersAreRemovedAtTheTopOnly) {
  EXPECT_EQ(data_of(R"({"Server-ID":"s","System-Log-ID":"l","Raw-Headers":{},"AMQP-Broker-Zone":"z","App-Name":"n",
                       "App-Version":"1","Event-Category":"c","Msg-ID":"m","Sub":{"Node":1}})"),
            R"({"app_name":"n","app_version":"1","event_category":"c","msg_id":"m","sub":{"node":1}})");
}

TEST(KazooEventBody, ValuesKeepTheirText) {
  EXPECT_EQ(data_of(R"({"a":1.10,"b":12345678901234567890123,"c":"\u00e9","d":true,"e":{},"f":[]})"),
            R"({"a":1.10,"b":12345678901234567890123,"c":"\u00e9","d":true,"e":{},"f":[]})");
}

TEST(KazooEventBody, OfNamesThatBecomeEqualTheLastCounts) {
  EXPECT_EQ(data_of(R"({"A-B":1,"c":2,"a_b":3})"), R"({"c":2,"a_b":3})");
  EXPECT_EQ(data_of(R"({"A-B":1,"a_b":null})"), "{}");
}

TEST(KazooEventBody, OnlyObjects) {
  for (const char* body : {"", "[]", "1", "{", "{\"a\":\"\xff\"}"}) EXPECT_FALSE(read_event(body)) << body;
}

TEST(KazooEventBody, Facts) {
  const auto facts =
      read_event(R"({"Call-ID":"a.b@c","Event-Name":"E","Account-ID":"m","Custom-Channel-Vars":{"Account-ID":"a"}})");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->account, "a");
  EXPECT_EQ(facts->message_account, "m");
  EXPECT_EQ(facts->name, "E");
  EXPECT_EQ(facts->call, "a%2Eb%40c");
  EXPECT_EQ(call_routing_key(*facts), "call.a.E.a%2Eb%40c");
  EXPECT_EQ(event_head("s", "k") + event_tail(*read_event(R"({"Event-Name":"E"})"), "r"),
            R"({"action":"event","subscribed_key":"s","subscription_key":"k","name":"E","routing_key":"r",)"
            R"("data":{"event_name":"E"}})");
  EXPECT_EQ(event_tail(*read_event("{}"), "\""), R"(,"routing_key":"\"","data":{}})");
}

}  // namespace
}  // namespace kazoo
