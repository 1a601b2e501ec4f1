// SPDX-License-Identifier: Apache-2.0
// Numbers in comments are those of the checkable statements of the SockJS contract.
#include "codec/sockjs_request.hpp"

#include <gtest/gtest.h>

#include "codec/sockjs_payload.hpp"

namespace dragoman::codec {
namespace {

SockjsTarget target(std::string_view path) {
  return parse_sockjs_path(path).target;
}

TEST(SockjsPath, FixedTargets) {
  for (const char* s : {"", "/", "?t=1", "/?t=1"}) EXPECT_EQ(target(s), SockjsTarget::greeting) << s;
  for (const char* s : {"/info", "/info/", "/info?t=1"}) EXPECT_EQ(target(s), SockjsTarget::info) << s;
  for (const char* s : {"/websocket", "/websocket/"}) EXPECT_EQ(target(s), SockjsTarget::raw_websocket) << s;
}

// 2
TEST(SockjsPath, NotFound) {
  for (const char* s : {"/a", "/a.html", "//", "///", "/a/a", "/a/a/", "/a/", "x", "info", "/info//", "/INFO",
                        "/websocket//", "/xhr", "/a/xhr", "/info/a"})
    EXPECT_EQ(target(s), SockjsTarget::not_found) << s;
}

// 3
TEST(SockjsPath, Iframe) {
  for (const char* s : {"/iframe.html", "/iframe-a.html", "/iframe-.html", "/iframe-0.1.2.html",
                        "/iframe-0.1.2abc-dirty.2144.html", "/iframe_.html"}) {
    EXPECT_EQ(target(s), SockjsTarget::iframe) << s;
    EXPECT_EQ(target(std::string(s) + "?t=/1"), SockjsTarget::iframe) << s;
    EXPECT_TRUE(is_sockjs_iframe(s + 1));
  }
}

// 7
TEST(SockjsPath, NoIframe) {
  for (const char* s :
       {"/iframe.htm", "/iframe", "/IFRAME.HTML", "/IFRAME", "/iframe.HTML", "/iframe.xml", "/iframe-/.html",
        "/xiframe.html", "/iframe-A.html", "/iframe-%61.html", "/iframehtml", "/iframe.htmlx"})
    EXPECT_EQ(target(s), SockjsTarget::not_found) << s;
}

// 19
TEST(SockjsPath, Sessions) {
  for (const std::string id : {"a", "_", "1", "abcdefgh_i-j%20"}) {
    const std::string text = "/000/" + id + "/xhr";
    const SockjsPath path = parse_sockjs_path(text);
    EXPECT_EQ(path.target, SockjsTarget::session) << id;
    EXPECT_EQ(path.server, "000");
    EXPECT_EQ(path.session, id);
    EXPECT_EQ(path.transport, SockjsTransport::xhr);
  }
  EXPECT_EQ(parse_sockjs_path("/websocket/info/jsonp/?c=x").session, "info");
}

TEST(SockjsPath, Transports) {
  using T = SockjsTransport;
  const std::pair<const char*, T> all[] = {{"websocket", T::websocket},         {"xhr", T::xhr},
                                           {"xhr_streaming", T::xhr_streaming}, {"xhr_send", T::xhr_send},
                                           {"htmlfile", T::htmlfile},           {"jsonp", T::jsonp},
                                           {"eventsource", T::eventsource},     {"jsonp_send", T::jsonp_send}};
  for (const auto& [name, transport] : all) {
    for (const std::string tail : {"", "/", "?t=1", "/?t=1"}) {
      const std::string text = std::string("/a/b/") + name + tail;
      EXPECT_EQ(target(text), SockjsTarget::session) << text;
      EXPECT_EQ(parse_sockjs_path(text).transport, transport) << text;
    }
    EXPECT_EQ(target(std::string("/a/b/") + name + "//"), SockjsTarget::not_found) << name;
    EXPECT_EQ(target(std::string("/a/b/") + name + "x"), SockjsTarget::not_found) << name;
  }
}

// 20
TEST(SockjsPath, BadSessions) {
  for (const char* s : {"//xhr", "/a./a/xhr", "/a/a./xhr", "/././xhr", "///xhr", "//a/xhr", "/a//xhr", "/a/b/c/xhr",
                        "/../a/xhr", "/a/b/XHR", "/a/b/xhr.", "/a/b/"})
    EXPECT_EQ(target(s), SockjsTarget::not_found) << s;
}

std::string callback(std::string_view query, std::size_t longest = 32) {
  std::string_view error;
  const auto name = sockjs_callback(query, error, longest);
  EXPECT_EQ(error.empty(), name.has_value()) << query;
  return name ? *name : "error: " + std::string(error);
}

// 66, 67
TEST(SockjsCallback, Names) {
  for (const char* s : {"", "t=1", "c=", "c", "x=c", "=c", "&&", "cc=1"})
    EXPECT_EQ(callback(s), "error: \"callback\" parameter required") << s;
  for (const char* s :
       {"c=%20", "c=*", "c=abc(", "c=abc%28", "c=+", "c=%", "c=%6", "c=%zz", "c=a%00", "c=\xc3\xa9", "c=a=b"})
    EXPECT_EQ(callback(s), "error: invalid \"callback\" parameter") << s;
  EXPECT_EQ(callback("c=_jp.a1"), "_jp.a1");
  EXPECT_EQ(callback("c=%63allback"), "callback");
  EXPECT_EQ(callback("t=1&callback=a-B_.9"), "a-B_.9");
  EXPECT_EQ(callback("callback=x&c=y&c=z"), "y");
}

TEST(SockjsCallback, Length) {
  EXPECT_EQ(callback("c=" + std::string(32, 'x')), std::string(32, 'x'));
  EXPECT_EQ(callback("c=" + std::string(33, 'x')), "error: invalid \"callback\" parameter");
  EXPECT_EQ(callback("c=" + std::string(100, 'x'), 100), std::string(100, 'x'));
}

// 56, 69, 70
TEST(SockjsJsonp, Bodies) {
  constexpr std::string_view form = "application/x-www-form-urlencoded";
  EXPECT_EQ(sockjs_jsonp_body(form, "d=%5B%22x%22%5D"), R"(["x"])");
  EXPECT_EQ(sockjs_jsonp_body("Application/X-WWW-Form-URLencoded ; charset=UTF-8", "a=b&d=%5B%22x+y%22%5D&d=z"),
            R"(["x y"])");
  EXPECT_EQ(sockjs_jsonp_body("text/plain", R"(["%61bc"])"), R"(["%61bc"])");
  EXPECT_EQ(sockjs_jsonp_body("text/plain;charset=UTF-8", "d=x"), "d=x");
  EXPECT_EQ(sockjs_jsonp_body("", "[]"), "[]");
  EXPECT_EQ(sockjs_jsonp_body(form, R"(d=["100%","%6"])"), R"(["100%","%6"])");
  EXPECT_EQ(sockjs_jsonp_body("application/json", "[]"), "");
  for (const char* s : {"", "d=", "p=p", "d", "&"}) EXPECT_EQ(sockjs_jsonp_body(form, s), "") << s;
}

// 69, 70
TEST(SockjsJsonp, Results) {
  const auto send = [](std::string_view type, std::string_view body, std::vector<std::string>& out) {
    return parse_sockjs_payload(sockjs_jsonp_body(type, body), SockjsMode::http, {}, out);
  };
  constexpr std::string_view form = "application/x-www-form-urlencoded";
  std::vector<std::string> out;
  for (const char* s : {"", "d=", "p=p"}) EXPECT_EQ(send(form, s, out), SockjsPayload::empty) << s;
  EXPECT_EQ(send(form, "d=%5B%22x", out), SockjsPayload::broken);
  EXPECT_EQ(send(form, "d=%5B%5D", out), SockjsPayload::ok);
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(send("text/plain", R"(["%61bc"])", out), SockjsPayload::ok);
  EXPECT_EQ(out, std::vector<std::string>{"%61bc"});
}

// 71
TEST(SockjsCookie, Value) {
  EXPECT_EQ(sockjs_cookie(""), "dummy");
  EXPECT_EQ(sockjs_cookie("JSESSIONID=abcdef"), "abcdef");
  EXPECT_EQ(sockjs_cookie("a=b; JSESSIONID=x-1.y=; c=d"), "x-1.y=");
  EXPECT_EQ(sockjs_cookie("JSESSIONID=1; JSESSIONID=2"), "1");
  for (const char* s :
       {"XJSESSIONID=a", "jsessionid=a", "JSESSIONID", "JSESSIONID=", "JSESSIONID=a b", "JSESSIONID=a\r\nX: y",
        "JSESSIONID=\"q\"", "JSESSIONID=a,b", "JSESSIONID=\xc3\xa9", ";;", "JSESSIONID=a\x7f"})
    EXPECT_EQ(sockjs_cookie(s), "dummy") << s;
  EXPECT_EQ(sockjs_cookie("JSESSIONID=" + std::string(257, 'x')), "dummy");
}

}  // namespace
}  // namespace dragoman::codec
