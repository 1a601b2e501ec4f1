// SPDX-License-Identifier: Apache-2.0
// Numbers in comments are those of the checkable statements of the SockJS contract.
#include "codec/sockjs_frame.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "codec/utf8.hpp"

namespace dragoman::codec {
namespace {

using namespace std::string_literals;

std::string literal(std::string_view text) {
  std::string out;
  append_sockjs_string(out, text);
  return out;
}

std::string messages(const std::vector<std::string>& texts) {
  std::vector<std::string> literals;
  for (const auto& t : texts) literals.push_back(literal(t));
  const std::vector<std::string_view> views(literals.begin(), literals.end());
  std::string out;
  append_sockjs_messages(out, views);
  return out;
}

std::string wrap(SockjsTransport transport, std::string_view frame, std::string_view callback = {}) {
  std::string out;
  append_sockjs_envelope(out, transport, frame, callback);
  return out;
}

std::string utf8(std::uint32_t c) {
  std::string s;
  if (c < 0x80) return s += static_cast<char>(c);
  if (c < 0x800) return (s += static_cast<char>(0xc0 | c >> 6)) += static_cast<char>(0x80 | (c & 63));
  if (c < 0x10000) s += static_cast<char>(0xe0 | c >> 12);
  if (c >= 0x10000) (s += static_cast<char>(0xf0 | c >> 18)) += static_cast<char>(0x80 | (c >> 12 & 63));
  return (s += static_cast<char>(0x80 | (c >> 6 & 63))) += static_cast<char>(0x80 | (c & 63));
}

std::string unit(std::uint32_t u) {
  char text[16];
  std::snprintf(text, sizeof text, "\\u%04x", u);
  return text;
}

std::string expected(std::uint32_t c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case 8:
      return "\\b";
    case 9:
      return "\\t";
    case 10:
      return "\\n";
    case 12:
      return "\\f";
    case 13:
      return "\\r";
    default:
      break;
  }
  if (c > 0xffff) return unit(0xd800 + ((c - 0x10000) >> 10)) + unit(0xdc00 + ((c - 0x10000) & 0x3ff));
  const bool escaped = c < 0x20 || (c >= 0x200c && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
                       (c >= 0x2060 && c <= 0x206f) || c >= 0xfff0;
  return escaped ? unit(c) : utf8(c);
}

// 25, 27, 28: every character there is, alone and at every place of a word.
TEST(SockjsString, EveryCharacter) {
  for (std::uint32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    const std::string before = std::string(c % 17, 'x'), after = std::string(c % 13, 'y');
    ASSERT_EQ(literal(utf8(c)), '"' + expected(c) + '"') << std::hex << c;
    ASSERT_EQ(literal(before + utf8(c) + after), '"' + before + expected(c) + after + '"') << std::hex << c;
  }
}

TEST(SockjsString, ByteExact) {
  EXPECT_EQ(literal(""), "\"\"");
  EXPECT_EQ(literal("\xf0\x9f\x98\x80"), "\"\\ud83d\\ude00\"");          // 27
  EXPECT_EQ(literal("\0\n\r"s), "\"\\u0000\\n\\r\"");                    // 28
  EXPECT_EQ(literal("\xe2\x80\xa8\xef\xbf\xbf"), "\"\\u2028\\uffff\"");  // 25
  EXPECT_EQ(literal("</a>/\x7f"), "\"</a>/\x7f\"");
  EXPECT_EQ(literal("say \"hi\" to C:\\temp now"), R"("say \"hi\" to C:\\temp now")");
}

// 29: what comes out is UTF-8 whatever came in.
TEST(SockjsString, MendsWhatIsNotUtf8) {
  EXPECT_EQ(literal("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");
  EXPECT_EQ(literal("a\xff"
                    "b"),
            "\"a\\ufffdb\"");
  EXPECT_EQ(literal("\xe2\x82"), "\"\\ufffd\"");
  EXPECT_EQ(literal("\xf0\x9f\x98z"), "\"\\ufffdz\"");
  EXPECT_EQ(literal("\xc0\xaf\xf5"), "\"\\ufffd\\ufffd\\ufffd\"");
}

// 26
TEST(SockjsString, DecodesToItself) {
  std::mt19937 random(7);
  std::string out, text;
  for (int round = 0; round < 2000; ++round) {
    text.clear();
    for (auto n = random() % 400; n--;) {
      const std::uint32_t c = random() % 3   ? random() % 0x80
                              : random() % 2 ? random() % 0xd800
                                             : 0xe000 + random() % 0x102000;
      text += utf8(c);
    }
    out = "kept";
    append_sockjs_string(out, text);
    ASSERT_TRUE(out.starts_with("kept"));
    ASSERT_TRUE(valid_utf8(out));
    ASSERT_EQ(boost::json::parse(out.substr(4)).as_string(), text);
  }
}

TEST(SockjsFrame, Forms) {
  EXPECT_EQ(sockjs_open, "o");  // 23
  EXPECT_EQ(sockjs_heartbeat, "h");
  EXPECT_EQ(messages({"a"}), R"(a["a"])");
  EXPECT_EQ(messages({"a", "b", "c"}), R"(a["a","b","c"])");  // 24
  EXPECT_EQ(messages({}), "a[]");
  EXPECT_EQ(sockjs_close(3000, "Go away!"), R"(c[3000,"Go away!"])");
  EXPECT_EQ(sockjs_close(2010, "Another connection still open"), R"(c[2010,"Another connection still open"])");
  EXPECT_EQ(sockjs_close(1000, "\""), R"(c[1000,"\""])");
}

TEST(SockjsFrame, AppendsToWhatIsThere) {
  std::string out;
  const std::string_view one = "\"x\"";
  for (int i = 0; i < 1000; ++i) append_sockjs_messages(out, {&one, 1});
  EXPECT_EQ(out.size(), 6000u);
  EXPECT_TRUE(out.ends_with("a[\"x\"]a[\"x\"]"));
}

TEST(SockjsEnvelope, Xhr) {
  EXPECT_EQ(wrap(SockjsTransport::websocket, "o"), "o");
  EXPECT_EQ(wrap(SockjsTransport::xhr, "o"), "o\n");
  EXPECT_EQ(wrap(SockjsTransport::xhr_streaming, "a[\"x\"]"), "a[\"x\"]\n");
  EXPECT_EQ(sockjs_prelude(SockjsTransport::xhr_streaming), std::string(2048, 'h') + "\n");
  EXPECT_EQ(sockjs_prelude(SockjsTransport::xhr), "");
  EXPECT_EQ(sockjs_prelude(SockjsTransport::jsonp, "cb"), "");
  EXPECT_EQ(sockjs_prelude(SockjsTransport::websocket), "");
}

// 62
TEST(SockjsEnvelope, Eventsource) {
  EXPECT_EQ(sockjs_prelude(SockjsTransport::eventsource), "\r\n");
  EXPECT_EQ(wrap(SockjsTransport::eventsource, "o"), "data: o\r\n\r\n");
  EXPECT_EQ(wrap(SockjsTransport::eventsource, messages({"100%"})), "data: a[\"100%25\"]\r\n\r\n");
  EXPECT_EQ(wrap(SockjsTransport::eventsource, "%\r\n\0%41"s), "data: %25%0D%0A%00%2541\r\n\r\n");
}

// 64
TEST(SockjsEnvelope, HtmlfileHead) {
  const std::string expect =
      "<!doctype html>\n<html><head>\n  <meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\" />\n"
      "  <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\" />\n"
      "</head><body><h2>Don't panic!</h2>\n  <script>\n    document.domain = document.domain;\n"
      "    var c = parent.callback;\n    c.start();\n    function p(d) {c.message(d);};\n"
      "    window.onload = function() {c.stop();};\n  </script>";
  const std::string head = sockjs_prelude(SockjsTransport::htmlfile, "callback");
  EXPECT_EQ(head.size(), 1029u);
  EXPECT_EQ(head, expect + std::string(1025 - expect.size(), ' ') + "\r\n\r\n");
  const std::string longest(2000, 'c'), large = sockjs_prelude(SockjsTransport::htmlfile, longest);
  EXPECT_NE(large.find("parent." + longest + ";"), std::string::npos);
  EXPECT_TRUE(large.ends_with("</script>\r\n\r\n"));
}

// 64, 65
TEST(SockjsEnvelope, Htmlfile) {
  EXPECT_EQ(wrap(SockjsTransport::htmlfile, "o"), "<script>\np(\"o\");\n</script>\r\n");
  EXPECT_EQ(wrap(SockjsTransport::htmlfile, messages({"x"})), "<script>\np(\"a[\\\"x\\\"]\");\n</script>\r\n");
  EXPECT_EQ(wrap(SockjsTransport::htmlfile, messages({"</script><!--"})),
            "<script>\np(\"a[\\\"\\u003c/script>\\u003c!--\\\"]\");\n</script>\r\n");
  for (std::size_t n = 0; n < 20; ++n)
    EXPECT_EQ(wrap(SockjsTransport::htmlfile, std::string(n, 'x') + "<"),
              "<script>\np(\"" + std::string(n, 'x') + "\\u003c\");\n</script>\r\n");
}

// 68
TEST(SockjsEnvelope, Jsonp) {
  EXPECT_EQ(wrap(SockjsTransport::jsonp, "o", "callback"), "/**/callback(\"o\");\r\n");
  EXPECT_EQ(wrap(SockjsTransport::jsonp, messages({"x"}), "_jp.a1b2c3d"), "/**/_jp.a1b2c3d(\"a[\\\"x\\\"]\");\r\n");
  EXPECT_EQ(wrap(SockjsTransport::jsonp, messages({"\xf0\x9f\x98\x80"}), "c"),
            "/**/c(\"a[\\\"\\\\ud83d\\\\ude00\\\"]\");\r\n");
}

}  // namespace
}  // namespace dragoman::codec
