// SPDX-License-Identifier: Apache-2.0
// Lavaboom digest sections 4 and 8; the numbers are those of its section 9.
#include "writer.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "examples.hpp"
#include "header_rules.hpp"

namespace lavaboom {
namespace {

boost::json::value value(const std::string& text) {
  return boost::json::parse(text);
}

// 6, 14, 15, 46.
TEST(LavaboomWriter, TheExampleOfTheDocument) {
  const std::string body = R"({"message":"Lavaboom API","docs_url":"http://lavaboom.readme.io/","version":"v0"})";
  const auto text =
      response(R"("123")", 200, {{"content-type", "application/json; charset=utf-8"}}, body, ResultType::response);
  EXPECT_EQ(value(text), value(response_example));
  EXPECT_EQ(response("7", 302, {{"Location", "/x"}}, "", ResultType::response),
            R"({"type":"response","id":7,"status":302,"headers":{"Location":["/x"]},"body":""})");
}

// 7.
TEST(LavaboomWriter, ResultType) {
  EXPECT_EQ(response(R"("")", 404, {}, "{}", ResultType::result),
            R"({"type":"result","id":"","status":404,"headers":{},"body":"{}"})");
  EXPECT_TRUE(failure(R"("")", 502, "x", ResultType::result).starts_with(R"({"type":"result",)"));
}

// 13.
TEST(LavaboomWriter, HeadersAreUnitedUnderCanonicalNames) {
  EXPECT_EQ(response(R"("1")", 200,
                     {{"set-cookie", "a=1"}, {"x-b", "\"\xff"}, {"Set-Cookie", "b=2"}, {"ETAG", "x"}, {"a b", ""}}, "",
                     ResultType::response),
            R"({"type":"response","id":"1","status":200,"headers":{"Etag":["x"],"Set-Cookie":["a=1","b=2"],)"
            "\"X-B\":[\"\\\"\xef\xbf\xbd\"],\"a b\":[\"\"]},\"body\":\"\"}");
  EXPECT_EQ(canonical_name("x-lavaboom-TOKEN"), "X-Lavaboom-Token");
  EXPECT_EQ(canonical_name("a--b-1c"), "A--B-1c");
  EXPECT_EQ(canonical_name("a\xff"), "a\xff");
  EXPECT_EQ(canonical_name(""), "");
}

TEST(LavaboomWriter, HeadersOfTheConnectionAreNotShown) {
  EXPECT_EQ(response(R"("1")", 200,
                     {{"connection", "close, x-hop ,,"},
                      {"X-Hop", "1"},
                      {"Keep-Alive", "1"},
                      {"Transfer-Encoding", "chunked"},
                      {"Content-Length", "5"},
                      {"Upgrade", "h2c"},
                      {"Trailer", "X"},
                      {"TE", "x"},
                      {"Proxy-Authenticate", "x"},
                      {"X-End", "1"}},
                     "", ResultType::response),
            R"({"type":"response","id":"1","status":200,"headers":{"X-End":["1"]},"body":""})");
}

// 23.
TEST(LavaboomWriter, BodiesAreTextWhateverTheyWere) {
  const auto body = [](std::string_view sent) {
    return std::string(value(response(R"("1")", 200, {}, sent, ResultType::response)).at("body").as_string());
  };
  EXPECT_EQ(body("žluť 😀 \"\\\n"), "žluť 😀 \"\\\n");
  EXPECT_EQ(body("a\x80\xf0\x9f\x98z"), "a\xef\xbf\xbd\xef\xbf\xbdz");
  EXPECT_EQ(body(std::string_view("\0\x1f", 2)), std::string("\0\x1f", 2));
}

// 16, 17, 18: the form of what the gateway answers itself.
TEST(LavaboomWriter, Failures) {
  for (const int status : {400, 413, 502, 503, 504}) {
    const auto v = value(failure("[1]", status, "The \"backend\" is down", ResultType::response));
    EXPECT_EQ(v.at("type"), "response");
    EXPECT_EQ(v.at("id"), value("[1]"));
    EXPECT_EQ(v.at("status"), status);
    EXPECT_EQ(v.at("headers"), value(R"({"Content-Type":["application/json; charset=utf-8"]})"));
    EXPECT_EQ(value(std::string(v.at("body").as_string())),
              value(R"({"success":false,"message":"The \"backend\" is down"})"));
  }
}

// 24, 25, 26, 27, 33, 37.
TEST(LavaboomWriter, ShortMessages) {
  EXPECT_EQ(value(subscribed()), value(subscribed_example));
  EXPECT_EQ(value(unsubscribed()), value(unsubscribed_example));
  EXPECT_EQ(error(invalid_token), R"({"type":"error","error":"Invalid token"})");
  EXPECT_EQ(error(invalid_message), R"({"type":"error","error":"Invalid message"})");
  EXPECT_EQ(error("x", "7"), R"({"type":"error","error":"x","id":7})");
}

// 33, 34.
TEST(LavaboomWriter, Unsubscribe) {
  const std::string refusal = R"({"type":"error","error":"Not subscribed"})";
  Settings settings;
  EXPECT_EQ(unsubscribe_replies(true, settings), std::vector<std::string>{unsubscribed()});
  EXPECT_EQ(unsubscribe_replies(false, settings), std::vector<std::string>{refusal});
  settings.double_reply = true;
  EXPECT_EQ(unsubscribe_replies(true, settings), std::vector<std::string>{unsubscribed()});
  EXPECT_EQ(unsubscribe_replies(false, settings), (std::vector<std::string>{refusal, unsubscribed()}));
}

// 39.
TEST(LavaboomWriter, UnknownTypes) {
  Settings settings;
  EXPECT_EQ(unknown_replies({R"("a")"}, settings),
            std::vector<std::string>{R"({"type":"error","error":"Unknown message type","id":"a"})"});
  EXPECT_EQ(unknown_replies({""}, settings),
            std::vector<std::string>{R"({"type":"error","error":"Unknown message type"})"});
  settings.ignore_unknown_types = true;
  EXPECT_TRUE(unknown_replies({R"("a")"}, settings).empty());
}

// 28, 35.
TEST(LavaboomWriter, Events) {
  const UserEvent delivery{EventKind::delivery, "e1", "o", "Hello world", "t1", std::vector<std::string>{"l1", "l\"2"}};
  EXPECT_EQ(event_message(delivery, false),
            R"({"type":"delivery","id":"e1","name":"Hello world","thread":"t1","labels":["l1","l\"2"]})");
  UserEvent receipt = delivery;
  receipt.kind = EventKind::receipt;
  EXPECT_TRUE(event_message(receipt, false).starts_with(R"({"type":"receipt","id":"e1",)"));
}

TEST(LavaboomWriter, MinimalEventsAreThoseOfTheDocument) {
  UserEvent event{EventKind::delivery, "delivered email id", "o", "Hello world", "t", std::nullopt};
  EXPECT_EQ(value(event_message(event, true)), value(delivery_example));
  event.kind = EventKind::receipt;
  event.id = "received email id";
  EXPECT_EQ(value(event_message(event, true)), value(receipt_example));
}

// 36.
TEST(LavaboomWriter, WhatIsMissingInAnEventIsEmpty) {
  EXPECT_EQ(event_message({EventKind::receipt, "e", "o", std::nullopt, std::nullopt, std::nullopt}, false),
            R"({"type":"receipt","id":"e","name":"","thread":"","labels":[]})");
}

}  // namespace
}  // namespace lavaboom
