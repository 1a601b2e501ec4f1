// SPDX-License-Identifier: Apache-2.0
// Honeytrap digest section 4; the numbers are those of its section 12.
#include "protocol.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "examples.hpp"

namespace honeytrap {
namespace {

Request parse(std::string_view text, bool lenient = true) {
  return parse_request(text, lenient);
}

std::string error(std::int64_t request, std::string_view text, ErrorPayload form = ErrorPayload::object) {
  std::string out;
  append_error_response(out, request, text, form);
  return out;
}

std::string frame(MessageType type, std::initializer_list<std::string_view> events,
                  EmptyPayload empty = EmptyPayload::array, EventKeys keys = EventKeys::document) {
  std::string out;
  PayloadWriter writer(type, empty, keys);
  writer.begin(out);
  for (const auto event : events) writer.add(out, event);
  writer.end(out);
  return out;
}

// 17.
TEST(HoneytrapRequest, TheTwoRequests) {
  EXPECT_EQ(parse(R"({"type":1})").type, MessageType::fetch_sessions);
  EXPECT_EQ(parse(R"({"type":3})").type, MessageType::fetch_events);
  EXPECT_EQ(parse(" {\"payload\":{\"x\":[1,{}]} , \"type\" : 3 }\n").type, MessageType::fetch_events);
  EXPECT_EQ(parse(R"({"type":1,"payload":{"x":1}})").type, MessageType::fetch_sessions);
  EXPECT_EQ(parse(R"({"type":1,"type":3})").number, 3);
}

// 11, 12, 13, 14.
TEST(HoneytrapRequest, UnknownIntegersAreEchoed) {
  for (const std::int64_t number :
       {std::int64_t{20}, std::int64_t{0}, std::int64_t{2}, std::int64_t{4}, std::int64_t{5}, std::int64_t{6},
        std::int64_t{7}, std::int64_t{-1}, std::int64_t{9223372036854775807}}) {
    const Request request = parse("{\"type\":" + std::to_string(number) + "}");
    EXPECT_FALSE(request.type);
    EXPECT_EQ(request.number, number);
    EXPECT_EQ(request.error, "Unknown Request Type");
  }
  for (const char* text : {"{}", R"({"TYPE":1})", R"({"payload":{"type":1}})"}) {
    EXPECT_FALSE(parse(text).type) << text;
    EXPECT_EQ(parse(text).number, 0) << text;
    EXPECT_EQ(parse(text).error, "Unknown Request Type") << text;
  }
}

// 15.
TEST(HoneytrapRequest, WhatIsNoRequestIsRefusedWithZero) {
  for (const char* text : {"",
                           " ",
                           "{bad",
                           "[1]",
                           "\"x\"",
                           "1",
                           "null",
                           "true",
                           R"({"type":"1"})",
                           R"({"type":1.5})",
                           R"({"type":1.0})",
                           R"({"type":1e0})",
                           R"({"type":null})",
                           R"({"type":true})",
                           R"({"type":[1]})",
                           R"({"type":9223372036854775808})",
                           R"({"type":99999999999999999999999999})",
                           R"({"type":1}{"type":3})",
                           R"({"type":1} x)",
                           R"({"type":01})",
                           R"({type:1})",
                           R"({'type':1})",
                           "{\"type\":1,\"a\":\"\xff\"}",
                           "\xef\xbb\xbf{\"type\":1}",
                           R"({"type":1)",
                           R"({"type":1,,})",
                           R"({,})",
                           R"({"type":1,"a":[,]})",
                           R"({,"type":1})",
                           R"({"type":1},)",
                           R"({"type":1 /* c */})"}) {
    const Request request = parse(text);
    EXPECT_FALSE(request.type) << text;
    EXPECT_EQ(request.number, 0) << text;
    EXPECT_FALSE(request.error.empty()) << text;
  }
  EXPECT_FALSE(parse(std::string_view("{\"type\":1}\0", 11)).type);
}

// 16.
TEST(HoneytrapRequest, OneCommaMoreIsNoErrorWhenLenient) {
  EXPECT_EQ(parse(R"({"type": 1,})").type, MessageType::fetch_sessions);
  EXPECT_EQ(parse(R"({"type": 3, "a": [1, [2 , ] ,] , "b": {"c": {"d": 1 , }}, })").type, MessageType::fetch_events);
  for (const char* text : {R"({"type": 1,})", R"({"type": 1,"a":[1,]})", R"({"type": 1,"a":{"b":1,}})"}) {
    EXPECT_TRUE(parse(text).type) << text;
    EXPECT_FALSE(parse(text, false).type) << text;
    EXPECT_EQ(parse(text, false).number, 0) << text;
  }
  EXPECT_EQ(parse(R"({"type":1,"a":",}"})", false).type, MessageType::fetch_sessions);
}

TEST(HoneytrapRequest, TheExamplesOfTheDocumentParse) {
  EXPECT_EQ(parse(fetch_sessions_example).type, MessageType::fetch_sessions);
  EXPECT_EQ(parse(fetch_events_example).type, MessageType::fetch_events);
  EXPECT_EQ(parse(error_example).number, 7);
  for (const int type : {2, 4, 5, 6})
    for (const std::string& event : {session_example, event_example}) {
      EXPECT_EQ(parse(example_frame(type, event)).number, type);
      EXPECT_EQ(parse(example_frame(type, event)).error, "Unknown Request Type");
    }
}

TEST(HoneytrapRequest, SizeAndDepthAreBounded) {
  const auto padded = [](std::size_t size) {
    const std::string text = R"({"type":1,"a":""})";
    return text.substr(0, text.size() - 2) + std::string(size - text.size(), 'x') + "\"}";
  };
  EXPECT_TRUE(parse(padded(largest_request)).type);
  EXPECT_FALSE(parse(padded(largest_request + 1)).type);
  const auto deep = [](std::size_t n) { return R"({"type":1,"a":)" + std::string(n, '[') + std::string(n, ']') + "}"; };
  EXPECT_TRUE(parse(deep(31)).type);
  EXPECT_FALSE(parse(deep(32)).type);
  EXPECT_FALSE(parse(std::string(60'000, '[')).type);
}

// 12, 19.
TEST(HoneytrapReply, ErrorResponses) {
  EXPECT_EQ(error(20, "Unknown Request Type"), R"({"type":7,"payload":{"request":20,"error":"Unknown Request Type"}})");
  EXPECT_EQ(error(3, "disk \"full\"\n"), R"({"type":7,"payload":{"request":3,"error":"disk \"full\"\n"}})");
  EXPECT_EQ(error(20, "Unknown Request Type", ErrorPayload::string), R"({"type":7,"payload":"Unknown Request Type"})");
  EXPECT_EQ(error(0, "\xff\x01"), "{\"type\":7,\"payload\":{\"request\":0,\"error\":\"\xef\xbf\xbd\\u0001\"}}");
}

// 4, 5, 8.
TEST(HoneytrapReply, TypeThenPayload) {
  EXPECT_EQ(reply_type(MessageType::fetch_sessions), MessageType::fetch_sessions_reply);
  EXPECT_EQ(reply_type(MessageType::fetch_events), MessageType::fetch_events_reply);
  EXPECT_EQ(frame(MessageType::fetch_sessions_reply, {}), R"({"type":2,"payload":[]})");
  EXPECT_EQ(frame(MessageType::fetch_events_reply, {}), R"({"type":4,"payload":[]})");
  EXPECT_EQ(frame(MessageType::fetch_events_reply, {}, EmptyPayload::null), R"({"type":4,"payload":null})");
  EXPECT_EQ(frame(MessageType::fetch_sessions_reply, {R"({"type":1})", R"({"type":2})"}, EmptyPayload::null),
            R"({"type":2,"payload":[{"type":1},{"type":2}]})");
  EXPECT_EQ(frame(MessageType::fetch_sessions_reply, {R"({"type":5,"hostAddr":"a"})"}, EmptyPayload::array,
                  EventKeys::source),
            R"({"type":2,"payload":[{"host_addr":"a","event_type":5}]})");
}

TEST(HoneytrapReply, MayBeSentPieceByPiece) {
  PayloadWriter writer(MessageType::fetch_events_reply, EmptyPayload::array, EventKeys::document);
  std::string sent, piece;
  writer.begin(piece);
  for (int i = 0; i < 3; ++i) {
    sent += std::exchange(piece, {});
    EXPECT_TRUE(writer.add(piece, "{\"type\":" + std::to_string(i) + "}"));
  }
  writer.end(piece);
  EXPECT_EQ(sent + piece, R"({"type":4,"payload":[{"type":0},{"type":1},{"type":2}]})");
}

TEST(HoneytrapReply, WhatIsNoEventIsLeftOut) {
  for (const EventKeys keys : {EventKeys::document, EventKeys::source})
    EXPECT_EQ(
        frame(MessageType::new_events, {"", "x", R"({"a":1})", "{", "[]", R"({"b":2})"}, EmptyPayload::array, keys),
        R"({"type":6,"payload":[{"a":1},{"b":2}]})");
}

// 20, 21, 22.
TEST(HoneytrapPush, CodesFollowTheTable) {
  EXPECT_EQ(push_type(EventClass::session, false), MessageType::new_sessions);
  EXPECT_EQ(push_type(EventClass::event, false), MessageType::new_events);
  EXPECT_EQ(push_type(EventClass::session, true), MessageType::new_events);
  EXPECT_EQ(push_type(EventClass::event, true), MessageType::new_sessions);
  EXPECT_EQ(frame(push_type(EventClass::session, false), {R"({"type":5})"}), R"({"type":5,"payload":[{"type":5}]})");
}

}  // namespace
}  // namespace honeytrap
