// SPDX-License-Identifier: Apache-2.0
// Numbers in comments are those of the checkable statements of the SockJS contract.
#include "codec/sockjs_payload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "codec/sockjs_frame.hpp"
#include "codec/utf8.hpp"

namespace dragoman::codec {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Parsed {
  SockjsPayload result;
  std::vector<std::string> out;
};

Parsed parse(std::string_view body, SockjsMode mode, SockjsLimits limits = {}) {
  Parsed p{SockjsPayload::ok, {"left over"}};
  p.result = parse_sockjs_payload(body, mode, limits, p.out);
  if (p.result != SockjsPayload::ok) {
    EXPECT_THAT(p.out, IsEmpty()) << body;
  }
  return p;
}

std::vector<std::string> http(std::string_view body) {
  const Parsed p = parse(body, SockjsMode::http);
  EXPECT_EQ(p.result, SockjsPayload::ok) << body;
  return p.out;
}

std::vector<std::string> websocket(std::string_view body) {
  const Parsed p = parse(body, SockjsMode::websocket);
  EXPECT_EQ(p.result, SockjsPayload::ok) << body;
  return p.out;
}

TEST(SockjsPayload, Arrays) {
  EXPECT_THAT(http(R"(["a"])"), ElementsAre("a"));
  EXPECT_THAT(http(" [ \"a\" ,\n\"\" , \"c\\\"\\n\" ]\r\n"), ElementsAre("a", "", "c\"\n"));
  EXPECT_THAT(http("[]"), IsEmpty());
  const std::string large(100000, 'x');
  EXPECT_THAT(http("[\"" + large + "\",\"y\"]"), ElementsAre(large, "y"));
  EXPECT_THAT(http("[\"" + large + "\\n" + large + "\"]"), ElementsAre(large + "\n" + large));
}

// 41, 42
TEST(SockjsPayload, WebSocket) {
  EXPECT_THAT(websocket(""), IsEmpty());
  EXPECT_THAT(websocket("[]"), IsEmpty());
  EXPECT_THAT(websocket(R"("a")"), ElementsAre("a"));
  EXPECT_THAT(websocket(R"("")"), ElementsAre(""));
  EXPECT_THAT(websocket(R"(["a","b"])"), ElementsAre("a", "b"));
  for (const char* s : {R"(["a)", R"("a)", "null", "1", "true", "{}", R"({"a":"b"})", "a", "[1]", " "})  // 43
    EXPECT_EQ(parse(s, SockjsMode::websocket).result, SockjsPayload::broken) << s;
}

// 55
TEST(SockjsPayload, Broken) {
  for (const char* s : {R"(["x)",
                        "[",
                        "[\"a\"",
                        "[\"a\",]",
                        "[,]",
                        "\"a",
                        "{\"a\":",
                        "[\"a\"]x",
                        "[\"a\"][\"b\"]",
                        "nul",
                        "x",
                        " ",
                        "[\"\\x\"]",
                        "[\"\\u12\"]",
                        "[\"\\u12g4\"]",
                        "[\"\\",
                        "\\u",
                        "['a']",
                        "[\"a\nb\"]",
                        "\xef\xbb\xbf[]",
                        "[\"\\ud800\"",
                        "\\ud800",
                        "[\"a\"/**/]"})
    EXPECT_EQ(parse(s, SockjsMode::http).result, SockjsPayload::broken) << s;
  EXPECT_EQ(parse(std::string_view("[\"\0\"]", 5), SockjsMode::http).result, SockjsPayload::broken);
  EXPECT_EQ(sockjs_payload_error(SockjsPayload::broken), "Broken JSON encoding.");
}

// 55, 57
TEST(SockjsPayload, Expected) {
  for (const char* s : {"", R"({"a":1})", R"("s")", "null", "1", "-1", "1.5", "true", "{}", R"({"a":["b",1,{}]})"})
    EXPECT_EQ(parse(s, SockjsMode::http).result, SockjsPayload::empty) << s;
  EXPECT_EQ(sockjs_payload_error(SockjsPayload::empty), "Payload expected.");
  EXPECT_EQ(sockjs_payload_error(SockjsPayload::ok), "");
}

TEST(SockjsPayload, RefusesElementsThatAreNoStrings) {
  for (const char* s : {"[1]", "[\"a\",null]", "[true]", "[{}]", "[[]]", "[[\"a\"]]", "[1.5]", "[-1]"})
    EXPECT_EQ(parse(s, SockjsMode::http).result, SockjsPayload::broken) << s;
}

TEST(SockjsPayload, Limits) {
  EXPECT_EQ(parse(R"(["a","b"])", SockjsMode::http, {2}).result, SockjsPayload::ok);
  EXPECT_EQ(parse(R"(["a","b","c"])", SockjsMode::http, {2}).result, SockjsPayload::too_many);
  EXPECT_FALSE(sockjs_payload_error(SockjsPayload::too_many).empty());
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "{\"a\":";
  EXPECT_EQ(parse(deep, SockjsMode::http).result, SockjsPayload::broken);
  EXPECT_EQ(parse(R"({"a":{"a":{}}})", SockjsMode::http, {9, 3}).result, SockjsPayload::empty);
  EXPECT_EQ(parse(R"({"a":{"a":{}}})", SockjsMode::http, {9, 2}).result, SockjsPayload::broken);
}

// 25: browsers may send these as they are.
TEST(SockjsPayload, RawSpecials) {
  const std::string raw = "\xe2\x80\xa8\xe2\x80\x8c\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xb0\x7f\xf4\x8f\xbf\xbf";
  EXPECT_THAT(http("[\"" + raw + "\"]"), ElementsAre(raw));
}

TEST(SockjsPayload, RefusesWhatIsNotUtf8) {
  for (const char* s : {"\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80",
                        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\x80", "a\xc3"})
    EXPECT_EQ(parse("[\"" + std::string(s) + "\"]", SockjsMode::http).result, SockjsPayload::broken) << s;
}

// 26
TEST(SockjsPayload, EveryEscape) {
  for (unsigned u = 0; u < 0x10000; ++u) {
    char body[16];
    std::snprintf(body, sizeof body, u % 2 ? "[\"\\u%04x\"]" : "[\"\\u%04X\"]", u);
    const auto got = http(body);
    ASSERT_EQ(got.size(), 1u);
    ASSERT_TRUE(valid_utf8(got[0]));
    if (u >= 0xd800 && u <= 0xdfff) {
      ASSERT_EQ(got[0], "\xef\xbf\xbd");
    } else {
      std::string frame;
      append_sockjs_string(frame, got[0]);
      ASSERT_EQ(http("[" + frame + "]"), got);
    }
  }
}

// 29
TEST(SockjsPayload, LoneSurrogates) {
  const std::string fffd = "\xef\xbf\xbd", smile = "\xf0\x9f\x98\x80";
  EXPECT_THAT(http(R"(["\ud800"])"), ElementsAre(fffd));
  EXPECT_THAT(http(R"(["\udc00x"])"), ElementsAre(fffd + "x"));
  EXPECT_THAT(http(R"(["\ud83d\ude00"])"), ElementsAre(smile));
  EXPECT_THAT(http(R"(["\ud83d\ud83d\ude00\ude00"])"), ElementsAre(fffd + smile + fffd));
  EXPECT_THAT(http(R"(["\ud83d\n\ude00"])"), ElementsAre(fffd + "\n" + fffd));
  EXPECT_THAT(http(R"(["\ud83d\u0041"])"), ElementsAre(fffd + "A"));
  EXPECT_THAT(http(R"(["\\ud800","\\\ud800"])"), ElementsAre("\\ud800", "\\" + fffd));
  EXPECT_THAT(http(R"(["\uD800","\uDBFF\uDFFF"])"), ElementsAre(fffd, "\xf4\x8f\xbf\xbf"));
  EXPECT_THAT(websocket(R"("\udfff")"), ElementsAre(fffd));
  EXPECT_EQ(parse(R"(["\ud83d\u"])", SockjsMode::http).result, SockjsPayload::broken);
  EXPECT_EQ(parse(R"(["\ud83d\uxyzw"])", SockjsMode::http).result, SockjsPayload::broken);
}

}  // namespace
}  // namespace dragoman::codec
