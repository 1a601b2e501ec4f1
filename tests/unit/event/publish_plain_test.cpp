// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "base/clock.hpp"
#include "publish_support.hpp"

namespace dragoman::event {
namespace {

using testing::MatchesRegex;

TEST(PublishPlain, TakesEveryMember) {
  const auto input =
      taken("application/json",
            R"({"channel":"xivo","key":"calls.call.created","attributes":{"name":"call_created","n":1.50,"b":true},)"
            R"("body":{"name":"call_created","data":{}},"id":"e-1","time":"1970-01-01T00:00:01.5Z",)"
            R"("content_type":"application/vnd.x+json"})");
  EXPECT_FALSE(input.batch);
  ASSERT_EQ(input.events.size(), 1u);
  const Event& e = *input.events[0];
  EXPECT_EQ(e.channel, "xivo");
  EXPECT_EQ(e.key, "calls.call.created");
  EXPECT_EQ(e.body, R"({"name":"call_created","data":{}})");
  EXPECT_EQ(e.id, "e-1");
  EXPECT_EQ(e.time_ms, 1500);
  EXPECT_EQ(e.content_type, "application/vnd.x+json");
  EXPECT_EQ(e.origin, 0u);
  ASSERT_EQ(e.attributes.size(), 3u);
  EXPECT_EQ(attribute(e, "name"), "call_created");
  EXPECT_EQ(attribute(e, "n"), "1.50");
  EXPECT_EQ(attribute(e, "b"), "true");
}

TEST(PublishPlain, FillsInWhatIsMissing) {
  const auto before = base::unix_ms();
  const EventPtr a = taken("application/json", R"({"body":1})").events[0];
  const EventPtr b = taken("application/json; charset=UTF-8", R"({"body":""})").events[0];
  EXPECT_EQ(a->channel, "");
  EXPECT_EQ(a->key, "");
  EXPECT_EQ(a->content_type, "application/json");
  EXPECT_GE(a->time_ms, before);
  EXPECT_LE(a->time_ms, base::unix_ms());
  EXPECT_THAT(a->id, MatchesRegex("[0-9a-f]{32}"));
  EXPECT_NE(a->id, b->id);
  EXPECT_EQ(b->body, "");
}

TEST(PublishPlain, AStringBodyIsTheBytes) {
  EXPECT_EQ(taken("application/json", "{\"body\":\"{ \\\"a\\\" :\\t1}\\u00e9\\u0000\"}").events[0]->body,
            std::string("{ \"a\" :\t1}\xc3\xa9\0", 13));
}

TEST(PublishPlain, AJsonBodyKeepsItsBytes) {
  for (const char* body : {"{ \"b\" : 1.0,\n \"a\": 1e2, \"b\": [ ] }", "18446744073709551616", "\"\"", "null", "false",
                           "[ 1 , 2 ]", "{\"x\":\"\\u00e9\\/\"}"}) {
    const std::string text = std::string(" { \"key\" : \"k\" , \"body\" : ") + body + " } \n";
    const EventPtr event = taken("application/json", text).events[0];
    EXPECT_EQ(event->body, std::string(body) == "\"\"" ? "" : body);
    EXPECT_EQ(event->key, "k");
  }
}

TEST(PublishPlain, TakesTheLongestNames) {
  const std::string longest(255, 'k');
  const EventPtr event =
      taken("application/json", "{\"channel\":\"" + longest + "\",\"key\":\"" + longest + "\",\"body\":0}").events[0];
  EXPECT_EQ(event->key, longest);
  EXPECT_EQ(event->channel, longest);
}

TEST(PublishPlain, HeaderNamesHaveAnyCase) {
  EXPECT_EQ(taken(HeaderList{{"CONTENT-type", "Application/JSON"}}, R"({"body":7})").events[0]->body, "7");
}

}  // namespace
}  // namespace dragoman::event
