// SPDX-License-Identifier: Apache-2.0
// The examples are those of CloudEvents 1.0.2 (JSON format sections 3.2 and 4, HTTP binding section 3.2 and 3.3).
#include <gmock/gmock.h>

#include "base/rfc3339.hpp"
#include "publish_support.hpp"

namespace dragoman::event {
namespace {

constexpr const char* structured = "application/cloudevents+json; charset=UTF-8";
constexpr const char* batch = "application/cloudevents-batch+json";

std::string with(const std::string& more) {
  return R"({"specversion":"1.0","type":"t","source":"/s","id":"1")" + more + "}";
}

TEST(CloudEventsJson, ExampleWithXmlText) {
  const auto input = taken(structured, R"({
    "specversion" : "1.0",
    "type" : "com.example.someevent",
    "source" : "/mycontext",
    "subject": null,
    "id" : "C234-1234-1234",
    "time" : "2018-04-05T17:31:00Z",
    "comexampleextension1" : "value",
    "comexampleothervalue" : 5,
    "datacontenttype" : "text/xml",
    "data" : "<much wow=\"xml\"/>"
  })");
  EXPECT_FALSE(input.batch);
  const Event& e = *input.events.at(0);
  EXPECT_EQ(e.key, "com.example.someevent");
  EXPECT_EQ(e.channel, "");
  EXPECT_EQ(e.id, "C234-1234-1234");
  EXPECT_EQ(e.time_ms, base::parse_rfc3339("2018-04-05T17:31:00Z"));
  EXPECT_EQ(e.content_type, "text/xml");
  EXPECT_EQ(e.body, "<much wow=\"xml\"/>");
  ASSERT_EQ(e.attributes.size(), 3u);
  EXPECT_EQ(attribute(e, "source"), "/mycontext");
  EXPECT_EQ(attribute(e, "comexampleextension1"), "value");
  EXPECT_EQ(attribute(e, "comexampleothervalue"), "5");
}

TEST(CloudEventsJson, ExampleWithBinaryData) {
  const EventPtr e = taken(structured, R"({
    "specversion" : "1.0", "type" : "com.example.someevent", "source" : "/mycontext", "id" : "D234-1234-1234",
    "time" : "2018-04-05T17:31:00Z", "datacontenttype" : "application/vnd.apache.thrift.binary",
    "data_base64" : "AAH+/w=="
  })")
                         .events.at(0);
  EXPECT_EQ(e->body, std::string("\x00\x01\xfe\xff", 4));
  EXPECT_EQ(e->content_type, "application/vnd.apache.thrift.binary");
}

TEST(CloudEventsJson, ExampleWithJsonObjectKeepsItsBytes) {
  const EventPtr e = taken(structured, R"({
    "specversion" : "1.0", "type" : "com.example.someevent", "source" : "/mycontext", "id" : "C234-1234-1234",
    "datacontenttype" : "application/json",
    "data" : {
        "appinfoA" : "abc",
        "appinfoB" : 123.0,
        "appinfoC" : true
    }
  })")
                         .events.at(0);
  EXPECT_EQ(e->body,
            "{\n        \"appinfoA\" : \"abc\",\n        \"appinfoB\" : 123.0,\n        \"appinfoC\" : true\n    }");
}

TEST(CloudEventsJson, DataWithoutTypeIsJson) {
  const EventPtr number = taken(structured, with(R"(,"data":1.5)")).events.at(0);
  EXPECT_EQ(number->body, "1.5");
  EXPECT_EQ(number->content_type, "application/json");
  EXPECT_EQ(taken(structured, with(R"(,"data":"text")")).events.at(0)->body, "\"text\"");
  EXPECT_EQ(taken(structured, with(R"(,"data":null)")).events.at(0)->body, "null");
  EXPECT_EQ(taken(structured, with("")).events.at(0)->body, "");
  EXPECT_EQ(
      taken(structured, with(R"(,"datacontenttype":"application/vnd.a+json;x=1","data":"text")")).events.at(0)->body,
      "\"text\"");
  EXPECT_EQ(taken(structured, with(R"(,"datacontenttype":"text/json","data":[ ])")).events.at(0)->body, "[ ]");
}

TEST(CloudEventsJson, Base64OfEveryLength) {
  EXPECT_EQ(taken(structured, with(R"(,"data_base64":"")")).events.at(0)->body, "");
  EXPECT_EQ(taken(structured, with(R"(,"data_base64":"Zg==")")).events.at(0)->body, "f");
  EXPECT_EQ(taken(structured, with(R"(,"data_base64":"Zm8=")")).events.at(0)->body, "fo");
  EXPECT_EQ(taken(structured, with(R"(,"data_base64":"Zm9v")")).events.at(0)->body, "foo");
}

TEST(CloudEventsJson, ChannelAndTypedExtensions) {
  const EventPtr e =
      taken(structured, with(R"(,"channel":"xivo","yes":true,"no":false,"low":-2147483648,"high":2147483647,)"
                             R"("dataschema":"http://x/y","subject":"s","traceparent":"00-a","unset":null)"))
          .events.at(0);
  EXPECT_EQ(e->channel, "xivo");
  EXPECT_EQ(attribute(*e, "channel"), "(none)");
  EXPECT_EQ(attribute(*e, "yes"), "true");
  EXPECT_EQ(attribute(*e, "no"), "false");
  EXPECT_EQ(attribute(*e, "low"), "-2147483648");
  EXPECT_EQ(attribute(*e, "high"), "2147483647");
  EXPECT_EQ(attribute(*e, "dataschema"), "http://x/y");
  EXPECT_EQ(attribute(*e, "subject"), "s");
  EXPECT_EQ(attribute(*e, "traceparent"), "00-a");
  EXPECT_EQ(attribute(*e, "unset"), "(none)");
}

TEST(CloudEventsJson, ExampleOfABatch) {
  const auto input = taken(batch, R"([
    { "specversion" : "1.0", "type" : "com.example.someevent", "source" : "/mycontext/4", "id" : "B234-1234-1234",
      "time" : "2018-04-05T17:31:00Z", "comexampleextension1" : "value", "comexampleothervalue" : 5,
      "datacontenttype" : "application/vnd.apache.thrift.binary", "data_base64" : "AAA=" },
    { "specversion" : "1.0", "type" : "com.example.someotherevent", "source" : "/mycontext/9", "id" : "C234-1234-1234",
      "time" : "2018-04-05T17:31:05Z", "comexampleextension1" : "value", "comexampleothervalue" : 5,
      "datacontenttype" : "application/json", "data" : { "appinfoA" : "abc", "appinfoB" : 123, "appinfoC" : true } }
  ])");
  EXPECT_TRUE(input.batch);
  ASSERT_EQ(input.events.size(), 2u);
  EXPECT_EQ(input.events[0]->id, "B234-1234-1234");
  EXPECT_EQ(input.events[0]->body, std::string(2, '\0'));
  EXPECT_EQ(input.events[1]->key, "com.example.someotherevent");
  EXPECT_EQ(input.events[1]->body, R"({ "appinfoA" : "abc", "appinfoB" : 123, "appinfoC" : true })");
}

TEST(CloudEventsJson, SmallestBatches) {
  EXPECT_TRUE(taken(batch, "[]").batch);
  EXPECT_TRUE(taken(batch, " [ ] ").events.empty());
  const auto one = taken(batch, "[" + with("") + "]");
  EXPECT_TRUE(one.batch);
  EXPECT_EQ(one.events.size(), 1u);
}

}  // namespace
}  // namespace dragoman::event
