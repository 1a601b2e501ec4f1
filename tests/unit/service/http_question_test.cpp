// SPDX-License-Identifier: Apache-2.0
#include "service/http/question.hpp"

#include <gtest/gtest.h>

#include "service/http/answer_reading.hpp"

namespace dragoman::service::http {
namespace {

config::HttpQuestion asking(std::string path) {
  config::HttpQuestion out;
  out.path = std::move(path);
  return out;
}

TEST(HttpQuestion, ATokenIsOneSegment) {
  const Question q(asking("/0.1/token/{token}"), 100);
  const auto target = [&](std::string_view token) {
    const auto request = q.request(token);
    return request ? request->target : "none";
  };
  EXPECT_EQ(target("aZ09-._~"), "/0.1/token/aZ09-._~");
  EXPECT_EQ(target("../../x"), "/0.1/token/..%2F..%2Fx");
  EXPECT_EQ(target("a b?c#d%"), "/0.1/token/a%20b%3Fc%23d%25");
  EXPECT_EQ(target("\xc3\xa9\r\n"), "/0.1/token/%C3%A9%0D%0A");
  EXPECT_EQ(target(std::string_view("\0", 1)), "/0.1/token/%00");
  for (const char* bad : {"", ".", ".."}) EXPECT_EQ(target(bad), "none") << bad;
  EXPECT_FALSE(Question(asking("/a/.{token}/b"), 100).request("."));
  EXPECT_TRUE(Question(asking("/a/x{token}"), 100).request(".."));
}

TEST(HttpQuestion, WhatIsAroundTheTokenStays) {
  config::HttpQuestion config = asking("/t");
  config.query = {{"a&b", "c d"}, {"t", "{token}{token}"}};
  config.headers = {{"Authorization", "Bearer {token}"}};
  const Question q(config, 100);
  const auto request = q.request("x&y");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->target, "/t?a%26b=c%20d&t=x%26yx%26y");
  EXPECT_EQ(request->headers, (net::HttpFields{{"Authorization", "Bearer x&y"}}));
  EXPECT_EQ(request->timeout_ms, 100u);
  for (const std::string_view bad : {"a\r\nb", "a\nb", "\x7f"}) EXPECT_FALSE(q.request(bad));
}

TEST(HttpQuestion, StatusesMean) {
  const Question q(asking("/{token}"), 100);
  for (const unsigned status : {200u, 204u}) EXPECT_EQ(q.meaning(status), Answer::accepted);
  for (const unsigned status : {401u, 403u, 404u}) EXPECT_EQ(q.meaning(status), Answer::denied);
  for (const unsigned status : {201u, 302u, 400u, 429u, 500u, 503u}) EXPECT_EQ(q.meaning(status), Answer::neither);
}

TEST(HttpAnswer, Times) {
  constexpr std::int64_t noon = 1893067200000;  // 2029-12-27T12:00:00Z
  for (const char* text :
       {"2029-12-27T12:00:00Z", "2029-12-27T12:00:00", "2029-12-27 12:00:00", "2029-12-27T12:00:00.000000",
        "2029-12-27 12:00:00.000", "2029-12-27T13:00:00+01:00", "2029-12-27 13:00:00.000+01:00"})
    EXPECT_EQ(read_time(text), noon) << text;
  EXPECT_EQ(read_time("2029-12-27T12:00:00.25"), noon + 250);
  for (const char* text : {"", "soon", "2029-12-27", "2029-12-27T12:00", "2029-12-27T12:00:0", "2029-12-27T12:00:00.",
                           "2029-13-27T12:00:00", "2029-12-27T12:00:00 ", "1893067200"})
    EXPECT_EQ(read_time(text), std::nullopt) << text;
}

TEST(HttpAnswer, Identity) {
  config::HttpAuthConfig rules;
  EXPECT_EQ(read_answer(rules, "anything"), Identity()) << "nothing is asked of it";
  rules.identity.user = {"/data/metadata/uuid", "/data/auth_id"};
  rules.identity.grants = {"/data/acl"};
  rules.expires = {"/data/until"};
  rules.claims = {"/data/metadata"};
  rules.leeway_ms = 500;
  const auto full =
      read_answer(rules, R"({"data": {"auth_id": "x", "acl": ["a", "b.#"], "until": 100, "metadata": {"uuid": "u"}}})");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->user, "u");
  EXPECT_EQ(full->grants, (std::vector<std::string>{"a", "b.#"}));
  EXPECT_EQ(full->expires_ms, 100'500);
  EXPECT_EQ(full->claims, R"({"uuid":"u"})");
  const auto bare = read_answer(rules, R"({"data": {"auth_id": "x"}})");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->user, "x");
  EXPECT_EQ(bare->claims, "{}");
  EXPECT_EQ(bare->expires_ms, 0);
  rules.leeway_ms = 0;
  EXPECT_EQ(read_answer(rules, R"({"data": {"until": 0}})")->expires_ms, 1) << "0 would be: never";
  for (const char* bad : {"", "[]", "null", "{", R"({"data": {"metadata": 1}})", R"({"data": {"acl": [""]}})",
                          R"({"data": {"until": -1}})", R"({"data": {"until": 1e300}})", R"({"data": {"until": []}})",
                          R"({"data": {}, "data": {}})"})
    EXPECT_FALSE(read_answer(rules, bad)) << bad;
}

}  // namespace
}  // namespace dragoman::service::http
