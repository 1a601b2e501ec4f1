// SPDX-License-Identifier: Apache-2.0
#include "cli/event_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/refusal.hpp"
#include "event/publish_door.hpp"

namespace dragoman::cli {
namespace {

using testing::HasSubstr;

event::EventPtr published(const EventLine& line) {
  const std::string type = line.cloud_event ? "application/cloudevents-batch+json" : "application/json";
  auto parsed = event::parse_publish({{"Content-Type", type}}, request_text({line}, 0, 1));
  if (const auto* error = std::get_if<event::PublishError>(&parsed)) throw Failure(error->body);
  return std::get<event::PublishInput>(parsed).events.at(0);
}

std::string what_is_wrong_with(const std::string& text) {
  try {
    read_event_line(1, text);
  } catch (const BadLine& error) {
    return error.what();
  }
  return "nothing";
}

TEST(EventLine, ACloudEventIsSentAsItIs) {
  const std::string text =
      R"({"specversion":"1.0","id":"7","source":"/s","type":"k","channel":"c","data": {"n": 1.0} })";
  const EventLine line = read_event_line(3, text);
  EXPECT_TRUE(line.cloud_event);
  EXPECT_EQ(line.number, 3u);
  EXPECT_EQ(line.text, text);
  EXPECT_EQ(published(line)->body, R"({"n": 1.0})");
}

TEST(EventLine, APlainEventGetsAnIdThatStays) {
  const EventLine line = read_event_line(1, R"(  { "key":"k","body": {"n": 1.0} })");
  EXPECT_FALSE(line.cloud_event);
  const event::EventPtr event = published(line);
  EXPECT_EQ(event->id.size(), 32u);
  EXPECT_EQ(published(line)->id, event->id);
  EXPECT_EQ(event->key, "k");
  EXPECT_EQ(event->body, R"({"n": 1.0})");
}

TEST(EventLine, AnIdOfItsOwnIsKept) {
  for (const char* text : {R"({"id":"mine","body":1})", R"({"\u0069d":"mine","body":1})"}) {
    const EventLine line = read_event_line(1, text);
    EXPECT_EQ(line.text, text);
    EXPECT_EQ(published(line)->id, "mine");
  }
}

TEST(EventLine, SaysWhatIsWrong) {
  EXPECT_EQ(what_is_wrong_with("{"), "the JSON ends too early");
  EXPECT_EQ(what_is_wrong_with("[]"), "an event is a JSON object, not an array");
  EXPECT_EQ(what_is_wrong_with(R"({"key":"k"})"), "/body: body is missing");
  EXPECT_EQ(what_is_wrong_with(R"({"specversion":"1.0","id":"1","source":"/"})"),
            "/type: this required attribute is missing");
  EXPECT_THAT(what_is_wrong_with("{\"a\\u001b\":1}"), HasSubstr("a\\x1b"));
}

TEST(EventLine, ACloudEventLeavesALevelForItsBatch) {
  const auto nested = [](std::size_t levels) {
    return R"({"specversion":"1.0","id":"1","source":"/","type":"t","data":)" + std::string(levels, '[') +
           std::string(levels, ']') + "}";
  };
  EXPECT_NO_THROW(published(read_event_line(1, nested(30))));
  EXPECT_THAT(what_is_wrong_with(nested(31)), HasSubstr("deeper than 31 levels"));
}

TEST(BodyEnvelope, BodiesArriveByteForByte) {
  const BodyEnvelope envelope("c", "k\"", {{"a", "1"}, {"b", "x\\"}});
  for (const char* body : {R"({"n": 1.0, "t":"\u00e9"} )", R"("text")", "17", "null"}) {
    const event::EventPtr event = published(envelope.event(1, body));
    EXPECT_EQ(event->body, body);
    EXPECT_EQ(event->channel, "c");
    EXPECT_EQ(event->key, "k\"");
    ASSERT_EQ(event->attributes.size(), 2u);
    EXPECT_EQ(event->attributes[1].value, "x\\");
  }
  EXPECT_THROW(envelope.event(1, "{"), BadLine);
  EXPECT_THROW(envelope.event(1, "\"\xff\""), BadLine);
  EXPECT_THROW(BodyEnvelope(std::string(256, 'x'), "", {}), Failure);
}

TEST(NextRequest, RunsOfCloudEventsAndSinglePlainOnes) {
  const std::vector<EventLine> events{{1, true, "1"},  {2, true, "2"},  {3, true, "3"},
                                      {4, false, "4"}, {5, false, "5"}, {6, true, "6"}};
  EXPECT_EQ(next_request(events, 0, 10), 3u);
  EXPECT_EQ(next_request(events, 0, 2), 2u);
  EXPECT_EQ(next_request(events, 3, 10), 1u);
  EXPECT_EQ(next_request(events, 5, 10), 1u);
  EXPECT_EQ(next_request(events, 6, 10), 0u);
  EXPECT_EQ(request_text(events, 0, 3), "[1,2,3]");
  EXPECT_EQ(request_text(events, 3, 1), "4");
  EXPECT_EQ(request_text(events, 5, 1), "[6]");
}

TEST(Refusal, Sentences) {
  EXPECT_EQ(sentence_of({400, R"({"error":"no","path":"/key","index":3})", 0}), "the gateway answered 400: /key: no");
  EXPECT_EQ(refused_index(R"({"error":"no","index":3})"), 3u);
  for (const char* body : {R"({"index":-1})", R"({"index":"3"})", R"({"error":"no"})", "[]", "", "x"})
    EXPECT_EQ(refused_index(body), std::nullopt) << body;
  EXPECT_THAT(refusal_sentence("<html>\x1b[2J"), HasSubstr("\\x1b"));
  EXPECT_EQ(refusal_sentence("{\"error\":\"a\\u001b[2Jb\\nc\"}"), "a\\x1b[2Jb\\nc");
}

}  // namespace
}  // namespace dragoman::cli
