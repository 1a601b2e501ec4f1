// SPDX-License-Identifier: Apache-2.0
// Lavaboom digest sections 3, 5 and 8; the numbers are those of its section 9.
#include "protocol.hpp"

#include <gtest/gtest.h>

#include "examples.hpp"

namespace lavaboom {
namespace {

template <class T>
T parse(std::string_view text, const Settings& settings = {}) {
  const Message message = parse_message(text, settings);
  if (const auto* wanted = std::get_if<T>(&message)) return *wanted;
  ADD_FAILURE() << "alternative " << message.index() << " of " << text;
  return {};
}

// rest: further members, each with a comma in front.
Request request(const std::string& rest, const Settings& settings = {}) {
  return parse<Request>(R"({"type":"request","id":"1","path":"/a")" + rest + "}", settings);
}
Refused refused(const std::string& rest, const Settings& settings = {}) {
  return parse<Refused>(R"({"type":"request","id":"1","path":"/a")" + rest + "}", settings);
}

TEST(LavaboomMessage, ExamplesOfTheDocument) {
  const Request r = parse<Request>(request_example);
  EXPECT_EQ(r.id, R"("123")");
  EXPECT_EQ(r.method, "GET");
  EXPECT_EQ(r.path, "/");
  EXPECT_TRUE(r.headers.empty());
  EXPECT_TRUE(r.body.empty());
  EXPECT_EQ(parse<Subscribe>(subscribe_example).token, "valid token");
  parse<Unsubscribe>(unsubscribe_example);
}

// 6.
TEST(LavaboomMessage, WhatTheBrowserClientSends) {
  const Request r = parse<Request>(
      R"({"type":"request","id":"1","method":"GET","path":"/keys?user=john","headers":{"Authorization":"Bearer T","X-Lavaboom-Token":"T"},"body":"null"})");
  EXPECT_EQ(r.headers, (Headers{{"Authorization", "Bearer T"}, {"X-Lavaboom-Token", "T"}}));
  EXPECT_EQ(r.path, "/keys?user=john");
  EXPECT_EQ(r.body, "");
}

TEST(LavaboomMessage, IdsAreEchoedAsTheyCame) {
  const auto id = [](const std::string& sent) {
    return parse<Request>(R"({"type":"request","path":"/","id": )" + sent + " }").id;
  };
  for (const char* text :
       {R"("1")", "7", "1.50", "123456789012345678901234567890", "null", "true", R"("\u00e9\n")", R"([1, {"a":2}])"})
    EXPECT_EQ(id(text), text);
  EXPECT_EQ(parse<Request>(R"({"type":"request","path":"/"})").id, R"("")");
}

// 8.
TEST(LavaboomMessage, MethodsAreUpperCased) {
  EXPECT_EQ(request(R"(,"method":"get")").method, "GET");
  EXPECT_EQ(request(R"(,"method":"Propfind")").method, "PROPFIND");
  for (const char* none : {"", R"(,"method":"")", R"(,"method":null)"}) EXPECT_EQ(request(none).method, "GET");
}

TEST(LavaboomMessage, MethodsThatAreRefused) {
  for (const char* method : {R"("GE T")", R"("GET\r\n")", R"("ž")", R"("a/b")", R"("connect")", "5", "[]"}) {
    const Refused r = refused(std::string(R"(,"method":)") + method);
    EXPECT_EQ(r.status, 400) << method;
    EXPECT_EQ(r.id, R"("1")");
    EXPECT_FALSE(r.message.empty());
  }
  Settings four;
  four.allowed_methods = {"GET", "POST"};
  EXPECT_EQ(request(R"(,"method":"post")", four).method, "POST");
  EXPECT_EQ(refused(R"(,"method":"PATCH")", four).status, 400);
  four.allowed_methods = {"CONNECT"};
  EXPECT_EQ(refused(R"(,"method":"CONNECT")", four).status, 400);
}

// 18, 19.
TEST(LavaboomMessage, PathsThatAreRefused) {
  for (const char* path :
       {R"("@evil")", R"("http://evil/")", R"("/a\r\nX: y")", R"("/\u0000")", R"("/ws/info")", R"("")", "null", "7"}) {
    const Refused r = refused(std::string(R"(,"path":)") + path);
    EXPECT_EQ(r.status, 400) << path;
    EXPECT_EQ(r.id, R"("1")");
  }
  EXPECT_EQ(parse<Refused>(R"({"type":"request"})").id, R"("")");
  EXPECT_EQ(request(R"(,"path":"//evil")").path, "//evil");
}

// 9.
TEST(LavaboomMessage, BodiesArriveAsTheyWere) {
  const Request r = request(
      R"(,"method":"POST","headers":{"Content-Type":"application/json;charset=utf-8"},"body":"{\"a\":\"\u017e\ud83d\ude00\"}\n")");
  EXPECT_EQ(r.headers, (Headers{{"Content-Type", "application/json;charset=utf-8"}}));
  EXPECT_EQ(r.body, "{\"a\":\"ž😀\"}\n");
  EXPECT_EQ(request(R"(,"method":"POST","body":"null")").body, "null");
  EXPECT_EQ(request(R"(,"method":"PUT","body":null)").body, "");
  for (const char* body : {"5", "{}", "true"})
    EXPECT_EQ(refused(std::string(R"(,"method":"POST","body":)") + body).status, 400) << body;
}

// 12.
TEST(LavaboomMessage, TheBodyNullOfAGetIsDropped) {
  Settings forward;
  forward.forward_get_body = true;
  for (const std::string method : {"GET", "head", "DELETE"}) {
    const std::string rest = R"(,"method":")" + method + R"(","body":)";
    EXPECT_EQ(request(rest + R"("null")").body, "");
    EXPECT_EQ(request(rest + R"("")").body, "");
    EXPECT_EQ(request(rest + R"(" null")").body, " null");
    EXPECT_EQ(request(rest + R"("{}")").body, "{}");
    EXPECT_EQ(request(rest + R"("null")", forward).body, "null");
  }
}

// 10.
TEST(LavaboomMessage, HeaderValuesBecomeText) {
  EXPECT_EQ(
      request(R"(,"headers":{"A":"x","B":5,"C":1.50,"D":true,"E":null,"F":{"x":1},"G":["y",6,null,[1],false],
                       "H":[],"I":""})")
          .headers,
      (Headers{
          {"A", "x"}, {"B", "5"}, {"C", "1.50"}, {"D", "true"}, {"G", "y"}, {"G", "6"}, {"G", "false"}, {"I", ""}}));
  EXPECT_EQ(request(R"(,"headers":{"a":"1","B":"2","A":"3"})").headers, (Headers{{"B", "2"}, {"A", "3"}}));
  EXPECT_TRUE(request(R"(,"headers":null)").headers.empty());
  for (const char* headers : {"[]", "5", R"("A: b")"})
    EXPECT_EQ(refused(std::string(R"(,"headers":)") + headers).status, 400) << headers;
}

// 11.
TEST(LavaboomMessage, HeadersOfTheConnectionAreNeverKept) {
  for (const char* name : {"Host",
                           "host",
                           "Connection",
                           "Keep-Alive",
                           "Transfer-Encoding",
                           "TRANSFER-ENCODING",
                           "Content-Length",
                           "Content_Length",
                           "Upgrade",
                           "TE",
                           "Trailer",
                           "Proxy-Authorization",
                           "proxy-x",
                           "Sec-WebSocket-Key",
                           "Accept-Encoding",
                           "X-Forwarded-For",
                           "X_Forwarded_For",
                           "x-forwarded-host",
                           "Forwarded",
                           "X-Real-IP",
                           "Expect"})
    EXPECT_EQ(request(std::string(R"(,"headers":{"X-Ok":"1",")") + name + R"(":"2"})").headers,
              (Headers{{"X-Ok", "1"}}))
        << name;
}

// 19: the same through headers.
TEST(LavaboomMessage, HeadersCannotInjectOthers) {
  EXPECT_EQ(
      request(R"(,"headers":{"A":"x\r\nHost: evil","B\r\nHost":"x","C":"\u0000","D ":"x","":"x","E:":"x","F":"a\tb",
                       "ž":"x","G":["\n","ok"],"H":"ž"})")
          .headers,
      (Headers{{"G", "ok"}, {"H", "ž"}}));
}

TEST(LavaboomMessage, HeadersAreBounded) {
  const auto many = [](std::size_t count, const std::string& name) {
    std::string array = "0";
    for (std::size_t i = 1; i < count; ++i) array += ",0";
    return R"(,"headers":{")" + name + R"(":[)" + array + "]}";
  };
  EXPECT_EQ(request(many(most_header_lines, "A")).headers.size(), most_header_lines);
  EXPECT_EQ(refused(many(most_header_lines + 1, "A")).status, 413);
  EXPECT_EQ(refused(many(3, std::string(most_header_bytes / 2, 'a'))).status, 413);
  std::string members;
  for (std::size_t i = 0; i <= most_header_lines; ++i) members += (i ? ",\"x" : "\"x") + std::to_string(i) + "\":null";
  EXPECT_EQ(refused(R"(,"headers":{)" + members + "}").status, 413);
}

// 25.
TEST(LavaboomMessage, TokensThatCannotBeValidAreEmpty) {
  EXPECT_EQ(parse<Subscribe>(R"({"type":"subscribe","token":"k5TuCXomSMEeCdXw1aXl"})").token, "k5TuCXomSMEeCdXw1aXl");
  for (const std::string& rest :
       {std::string(), std::string(R"(,"token":"")"), std::string(R"(,"token":null)"), std::string(R"(,"token":5)"),
        std::string(R"(,"token":"a\r\nHost: b")"), R"(,"token":")" + std::string(longest_token + 1, 'a') + "\""})
    EXPECT_EQ(parse<Subscribe>(R"({"type":"subscribe")" + rest + "}").token, "") << rest;
}

// 39.
TEST(LavaboomMessage, UnknownTypes) {
  EXPECT_EQ(parse<Unknown>(R"({"type":"ping","id":7})").id, "7");
  EXPECT_EQ(parse<Unknown>(R"({"type":"Request","id":"a"})").id, R"("a")");
  for (const char* text : {"{}", R"({"type":null})", R"({"type":""})", R"({"TYPE":"request"})"})
    EXPECT_EQ(parse<Unknown>(text).id, "") << text;
}

// 37.
TEST(LavaboomMessage, WhatIsNoMessage) {
  for (const char* text : {"", "hello", "null", "[]", R"("{}")", R"({"type":"request")", R"({"type":5})",
                           R"({"type":["request"]})", R"({"type":"request","path":"/"} x)"})
    parse<Invalid>(text);
}

TEST(LavaboomMessage, DeletingItsTokenEndsASubscription) {
  const auto ends = [](const std::string& method, const std::string& path, const std::string& authorization,
                       int status) {
    const Request r{R"("1")", method, path, {{"authorization", authorization}}, {}};
    return ends_token(r, status, "T1");
  };
  EXPECT_TRUE(ends("DELETE", "/tokens", "Bearer T1", 200));
  EXPECT_TRUE(ends("DELETE", "/tokens?x", "bearer T1", 204));
  EXPECT_TRUE(ends("DELETE", "/tokens/T1", "Bearer T2", 200));
  EXPECT_FALSE(ends("DELETE", "/tokens", "Bearer T2", 200));
  EXPECT_FALSE(ends("DELETE", "/tokens", "T1", 200));
  EXPECT_FALSE(ends("DELETE", "/tokens", "Bearer T1", 401));
  EXPECT_FALSE(ends("GET", "/tokens", "Bearer T1", 200));
  EXPECT_FALSE(ends("DELETE", "/tokens/T2", "Bearer T1", 200));
  EXPECT_FALSE(ends("DELETE", "/tokensT1", "Bearer T1", 200));
  EXPECT_FALSE(ends_token({R"("")", "DELETE", "/tokens", {{"Authorization", "Bearer "}}, {}}, 200, ""));
}

}  // namespace
}  // namespace lavaboom
