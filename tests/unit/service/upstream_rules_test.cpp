// SPDX-License-Identifier: Apache-2.0
#include "service/upstream_rules.hpp"

#include <gtest/gtest.h>

namespace dragoman::service {
namespace {

using Verdict = UpstreamVerdict;

UpstreamRules rules(std::vector<std::string> methods = {}, std::vector<std::string> paths = {"/"}) {
  config::UpstreamConfig config;
  config.methods = std::move(methods);
  config.paths = std::move(paths);
  return UpstreamRules(std::move(config));
}

TEST(UpstreamRules, PathsThatHttpDoesNotAllow) {
  const UpstreamRules r = rules();
  for (const char* path : {"/", "/a", "/a?b=c", "//a", "/a//b", "/a%20b", "/?", "/a?../b", "/a?%", "/...", "/.a",
                           "/a..", "/a/..b", "/%c3%a9", "/a;b=c", "/@a", "/http://a/", "/a?b=%00"})
    EXPECT_EQ(r.judge("GET", path), Verdict::allowed) << path;
  for (const char* path :
       {"",        "a",           "@a/",       "http://a/",   "*",       "?a",          "/a b", "/a\tb", "/a\rb",
        "/a\nb",   "/a\x7f",      "/a#b",      "/a?b#c",      "/a?b c",  "/%",          "/%1",  "/%g0",  "/%0g",
        "/a%",     "/..",         "/../a",     "/a/..",       "/a/../b", "/.",          "/./a", "/a/.",  "/%2e%2e/a",
        "/%2E./a", "/a%2f..%2fb", "/a\\..\\b", "/a%5c..%5cb", "/..;/a",  "/a/..;x=y/b", "/.;x", "/a%00"})
    EXPECT_EQ(r.judge("GET", path), Verdict::invalid) << path;
  EXPECT_EQ(r.judge("GET", std::string_view("/a\0b", 4)), Verdict::invalid);
  EXPECT_EQ(r.judge("GET", "/\xc3\xa9"), Verdict::allowed) << "what is not ASCII the server judges";
}

TEST(UpstreamRules, Methods) {
  for (const char* method : {"GET", "get", "PROPFIND", "M-SEARCH", "X!"})
    EXPECT_EQ(rules().judge(method, "/"), Verdict::allowed) << method;
  for (const char* method : {"", "GE T", "GET\r\n", "GET/", "G:"})
    EXPECT_EQ(rules().judge(method, "/"), Verdict::invalid) << method;
  EXPECT_EQ(rules().judge(std::string(64, 'M'), "/"), Verdict::allowed);
  EXPECT_EQ(rules().judge(std::string(65, 'M'), "/"), Verdict::invalid);
  for (const char* method : {"CONNECT", "TRACE"}) EXPECT_EQ(rules().judge(method, "/"), Verdict::denied) << method;
  const UpstreamRules some = rules({"GET", "TRACE", "CONNECT"});
  EXPECT_EQ(some.judge("GET", "/"), Verdict::allowed);
  EXPECT_EQ(some.judge("TRACE", "/"), Verdict::allowed);
  EXPECT_EQ(some.judge("get", "/"), Verdict::denied) << "case counts";
  EXPECT_EQ(some.judge("CONNECT", "/"), Verdict::denied);
}

TEST(UpstreamRules, AllowedPaths) {
  const UpstreamRules r = rules({}, {"/a", "/b/"});
  for (const char* path : {"/a", "/a/", "/a/b", "/a?b", "/b/", "/b/c"})
    EXPECT_EQ(r.judge("GET", path), Verdict::allowed) << path;
  for (const char* path : {"/", "/ab", "/b", "/b?c", "/c", "//a", "/%61", "/A", "/c?/a"})
    EXPECT_EQ(r.judge("GET", path), Verdict::denied) << path;
}

TEST(UpstreamRules, Headers) {
  const auto valid = [](std::string name, std::string value) {
    return UpstreamRules::valid_headers({{"A", "b"}, {std::move(name), std::move(value)}});
  };
  EXPECT_TRUE(valid("X-A", ""));
  EXPECT_TRUE(valid("X-A", "a\tb \xc3\xa9"));
  for (const char* name : {"", "X A", "X:", "X\r", "\xc3\xa9"}) EXPECT_FALSE(valid(name, "v")) << name;
  for (const std::string& value :
       {std::string("a\rb"), std::string("a\nb"), std::string("a\0b", 3), std::string("\x7f")})
    EXPECT_FALSE(valid("A", value));
}

TEST(UpstreamRules, WhatIsAddedCannotBeTakenAway) {
  config::UpstreamConfig config;
  config.added_headers = {{"X-Secret", "ours"}};
  config.removed_headers = {"Cookie"};
  config.removed_answer_headers = {"Server"};
  const UpstreamRules r(std::move(config));
  net::HttpFields headers = {{"Connection", "x-secret, X-Hop ,,"},
                             {"x-hop", "1"},
                             {"COOKIE", "c"},
                             {"x-SECRET", "theirs"},
                             {"TE", "trailers"},
                             {"Upgrade", "x"},
                             {"Proxy-Foo", "x"},
                             {"X", "1"},
                             {"Content-Length", "9"}};
  r.prepare_request(headers);
  EXPECT_EQ(headers, (net::HttpFields{{"X", "1"}, {"X-Secret", "ours"}}));
  net::HttpFields answer = {{"sErVeR", "x"}, {"X", "1"}};
  r.clean_answer(answer);
  EXPECT_EQ(answer, (net::HttpFields{{"X", "1"}}));
}

TEST(UpstreamRules, StaticAnswers) {
  config::UpstreamConfig config;
  config.answers = {{"GET", "/a", false, 201, {{"X", "1"}}, "one"},
                    {"", "/a", false, 202, {}, "two"},
                    {"PUT", "/p/", true, 203, {}, "three"}};
  const UpstreamRules r(std::move(config));
  const auto status = [&](std::string_view method, std::string_view path) {
    return r.static_answer(method, path).status;
  };
  EXPECT_EQ(status("GET", "/a"), 201u);
  EXPECT_EQ(status("GET", "/a?b"), 201u);
  EXPECT_EQ(status("HEAD", "/a"), 201u);
  EXPECT_EQ(r.static_answer("GET", "/a").body, "one");
  EXPECT_EQ(r.static_answer("HEAD", "/a").body, "");
  EXPECT_EQ(r.static_answer("HEAD", "/a").headers, (net::HttpFields{{"X", "1"}}));
  EXPECT_EQ(status("POST", "/a"), 202u);
  EXPECT_EQ(status("PUT", "/p/"), 203u);
  EXPECT_EQ(status("PUT", "/p/q/r"), 203u);
  EXPECT_EQ(status("PUT", "/p"), 404u);
  EXPECT_EQ(status("GET", "/p/"), 404u);
}

}  // namespace
}  // namespace dragoman::service
