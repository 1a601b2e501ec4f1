// SPDX-License-Identifier: Apache-2.0
// Upstreams as they are typed, and the notation of their URLs.
#include <gmock/gmock.h>

#include "loading.hpp"

namespace dragoman::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::vector<UpstreamConfig> load_upstreams(const std::string& yaml) {
  std::vector<Error> errors;
  const auto loaded = load_text("admin: {token: t}\nupstreams:\n" + yaml, "dir/f", sealed(), errors);
  EXPECT_THAT(texts(errors), IsEmpty());
  return loaded ? loaded->upstreams : std::vector<UpstreamConfig>();
}

TEST(Upstreams, DefaultsAreThoseOfTheSchema) {
  const auto all = load_upstreams("  a: {url: http://h}\n");
  ASSERT_EQ(all.size(), 1u);
  const UpstreamConfig& read = all[0];
  const UpstreamConfig made;
  EXPECT_EQ(read.verify, made.verify);
  EXPECT_EQ(read.connect_timeout_ms, made.connect_timeout_ms);
  EXPECT_EQ(read.timeout_ms, made.timeout_ms);
  EXPECT_EQ(read.connections, made.connections);
  EXPECT_EQ(read.idle_ms, made.idle_ms);
  EXPECT_EQ(read.queue, made.queue);
  EXPECT_EQ(read.max_body, made.max_body);
  EXPECT_EQ(read.methods, made.methods);
  EXPECT_EQ(read.paths, made.paths);
  EXPECT_TRUE(read.answers.empty() && read.added_headers.empty() && read.removed_headers.empty());
}

TEST(Upstreams, EveryKey) {
  const auto all = load_upstreams(
      "  a:\n    url: https://h:8443/base/\n    ca: ca.pem\n    connect_timeout: 1s\n    timeout: 2s\n"
      "    connections: 3\n    idle: 0\n    queue: 5\n    max_body: 6KiB\n    methods: [GET]\n    paths: [/x]\n"
      "    request_headers: {add: {X-Token: \"${env:SECRET}\"}, remove: [Cookie]}\n"
      "    response_headers: {remove: [Server]}\n");
  ASSERT_EQ(all.size(), 1u);
  const UpstreamConfig& a = all[0];
  EXPECT_TRUE(a.url->tls);
  EXPECT_EQ(a.url->host, "h");
  EXPECT_EQ(a.url->port, 8443);
  EXPECT_EQ(a.url->base, "/base");
  EXPECT_EQ(a.ca, "dir/ca.pem");
  EXPECT_EQ(a.connect_timeout_ms, 1000u);
  EXPECT_EQ(a.timeout_ms, 2000u);
  EXPECT_EQ(a.connections, 3u);
  EXPECT_EQ(a.idle_ms, 0u);
  EXPECT_EQ(a.queue, 5u);
  EXPECT_EQ(a.max_body, 6144u);
  EXPECT_THAT(a.methods, ElementsAre("GET"));
  EXPECT_THAT(a.paths, ElementsAre("/x"));
  EXPECT_THAT(a.added_headers, ElementsAre(Pair("X-Token", secret)));
  EXPECT_THAT(a.removed_headers, ElementsAre("Cookie"));
  EXPECT_THAT(a.removed_answer_headers, ElementsAre("Server"));
}

TEST(Upstreams, StaticAnswers) {
  const auto all = load_upstreams(
      "  a:\n    static:\n"
      "      - {method: GET, path: /users, body: {items: [1, null, \"x\"], total: 1}}\n"
      "      - {path: /text*, status: 503, headers: {Retry-After: \"5\"}, body: \"later\"}\n"
      "      - {path: /own, headers: {content-type: text/json}, body: [true]}\n"
      "      - {path: /nothing, body: null}\n");
  ASSERT_EQ(all.size(), 1u);
  const auto& answers = all[0].answers;
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_FALSE(all[0].url);
  EXPECT_EQ(answers[0].method, "GET");
  EXPECT_EQ(answers[0].body, R"({"items":[1,null,"x"],"total":1})");
  EXPECT_THAT(answers[0].headers, ElementsAre(Pair("Content-Type", "application/json")));
  EXPECT_EQ(answers[1].path, "/text");
  EXPECT_TRUE(answers[1].prefix);
  EXPECT_EQ(answers[1].status, 503u);
  EXPECT_EQ(answers[1].body, "later");
  EXPECT_THAT(answers[1].headers, ElementsAre(Pair("Retry-After", "5")));
  EXPECT_THAT(answers[2].headers, ElementsAre(Pair("content-type", "text/json")));
  EXPECT_EQ(answers[2].body, "[true]");
  EXPECT_EQ(answers[3].body, "null");
}

TEST(HttpUrls, Good) {
  const auto plain = parse_http_url("http://localhost");
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->tls);
  EXPECT_EQ(plain->port, 80);
  EXPECT_EQ(plain->base, "");
  EXPECT_EQ(plain->authority(), "localhost");
  const auto v6 = parse_http_url("https://[::1]:8443/a/b%20c//");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->base, "/a/b%20c");
  EXPECT_EQ(v6->authority(), "[::1]:8443");
  EXPECT_EQ(parse_http_url("https://h")->authority(), "h");
  EXPECT_EQ(parse_http_url("https://h:80")->authority(), "h:80");
  EXPECT_EQ(parse_http_url("http://h/")->base, "");
}

TEST(HttpUrls, Bad) {
  for (const char* text : {"",
                           "h",
                           "ftp://h",
                           "HTTP://h",
                           "http://",
                           "http:///x",
                           "http://:80",
                           "http://h:",
                           "http://h:0",
                           "http://h:65536",
                           "http://h:8x",
                           "http://h:-1",
                           "http://u@h",
                           "http://u:p@h",
                           "http://h?q",
                           "http://h/?q",
                           "http://h/#f",
                           "http://h h",
                           "http://h/a b",
                           "http://h\r\nx",
                           "http://h/a\r\nb",
                           "http://[::1",
                           "http://[::1]x",
                           "http://[]",
                           "http://[v1]",
                           "http://h/..",
                           "http://h/a/../b",
                           "http://h/./a",
                           "http://h/%2",
                           "http://h/%zz",
                           "http://h/\\",
                           "http://a..b",
                           "http://.a",
                           "http://h/\xc3\xa9",
                           "http://::1/"})
    EXPECT_FALSE(parse_http_url(text)) << text;
  EXPECT_FALSE(parse_http_url(std::string_view("http://h\0x", 10)));
}

}  // namespace
}  // namespace dragoman::config
