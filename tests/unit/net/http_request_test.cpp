// SPDX-License-Identifier: Apache-2.0
#include "net/http_request.hpp"

#include <gtest/gtest.h>

#include "net/http_response.hpp"

namespace dragoman::net {
namespace {

// Feeds bytes in two pieces and gives the status: 0 needs more, 200 complete, otherwise the refusal.
int judge(std::string_view bytes, std::size_t cut, HttpRequest* request = nullptr,
          HttpRequestLimits limits = {4096, 100, 20}) {
  HttpRequestParser parser(limits);
  std::string input;
  for (const std::string_view piece : {bytes.substr(0, cut), bytes.substr(cut)}) {
    input += piece;
    const HttpParseResult r = parser.feed(input);
    input.erase(0, r.consumed);
    if (r.status == HttpParse::error) return r.http_status;
    if (r.status == HttpParse::complete) {
      if (request) *request = parser.take();
      return 200;
    }
  }
  return 0;
}

TEST(HttpRequest, EveryByteSplit) {
  const std::string text =
      "POST /a/b?x=1&y HTTP/1.1\r\nHost: h\r\nX-One:  two words \r\nx-one: again\r\nContent-Length: 5\r\n\r\nhello";
  for (std::size_t i = 0; i <= text.size(); ++i) {
    HttpRequest r;
    ASSERT_EQ(judge(text, i, &r), 200) << i;
    EXPECT_EQ(r.method, "POST");
    EXPECT_EQ(r.path, "/a/b");
    EXPECT_EQ(r.query, "x=1&y");
    EXPECT_EQ(r.body, "hello");
    EXPECT_EQ(r.count("X-ONE"), 2u);
    EXPECT_EQ(*r.find("x-ONE"), "two words");
    EXPECT_TRUE(r.keep_alive);
  }
}

TEST(HttpRequest, Refusals) {
  struct Row {
    const char* what;
    std::string text;
    int status;
  };
  const auto get = [](const std::string& headers) { return "GET / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n"; };
  for (const auto& row : std::vector<Row>{
           {"plain", get(""), 200},
           {"chunked", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200},
           {"two lengths", get("Content-Length: 0\r\nContent-Length: 0\r\n"), 400},
           {"conflicting lengths", get("Content-Length: 1\r\nContent-Length: 2\r\n"), 400},
           {"list of lengths", get("Content-Length: 1, 1\r\n"), 400},
           {"negative length", get("Content-Length: -1\r\n"), 400},
           {"length and chunked", get("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"), 400},
           {"chunked and length", get("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"), 400},
           {"gzip", get("Transfer-Encoding: gzip\r\n"), 501},
           {"gzip, chunked", get("Transfer-Encoding: gzip, chunked\r\n"), 501},
           {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
           {"two hosts", get("Host: i\r\n"), 400},
           {"1.0 without host", "GET / HTTP/1.0\r\n\r\n", 200},
           {"1.0 chunked", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
           {"2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
           {"folded", get("A: b\r\n c\r\n"), 400},
           {"blank before the colon", get("A : b\r\n"), 400},
           {"no colon", get("A\r\n"), 400},
           {"bare LF", "GET / HTTP/1.1\nHost: h\n\n", 400},
           {"bare LF in a header", get("A: b\nC: d\r\n"), 400},
           {"bare CR in a header", get("A: b\rC: d\r\n"), 400},
           {"NUL in a header", get(std::string("A: b\0c\r\n", 8)), 400},
           {"control character", get("A: b\x01\r\n"), 400},
           {"too large", get("A: " + std::string(5000, 'a') + "\r\n"), 431},
           {"too large, no end", "GET / HTTP/1.1\r\nA: " + std::string(5000, 'a'), 431},
           {"too many headers", get([] {
              std::string s;
              for (int i = 0; i < 30; ++i) s += "A: b\r\n";
              return s;
            }()),
            431},
           {"body too large", get("Content-Length: 101\r\n"), 413},
           {"body too large, and no Host", "POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n", 400},
           {"chunked body too large",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + std::string(255, 'a') +
                "\r\n0\r\n\r\n",
            413},
           {"endless line before a chunk",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0;" + std::string(5000, 'a'), 431},
           {"endless trailer",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: " + std::string(5000, 'a'), 431},
           {"no target", "GET  HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           {"rubbish", "\x16\x03\x01\r\n\r\n", 400},
       })
    for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, row.text.size() / 2})
      EXPECT_EQ(judge(row.text, cut), row.status) << row.what << ", cut " << cut;
}

TEST(HttpRequest, HostIsAHostAndPerhapsAPort) {
  for (const char* host :
       {"h", "h:80", "h:", "", ":80", "127.0.0.1:1", "[::1]", "[fe80::1]:8080", "a_b.example", "x%41"})
    EXPECT_EQ(judge(std::string("GET / HTTP/1.1\r\nHost: ") + host + "\r\n\r\n", 0), 200) << host;
  for (const char* host :
       {"a b",    "a/b", "a,b", "http://h", "u@h",  "@h",  "h:x", "h:1:2", "::1",  "[::1",    "[::g]",
        "[::1]x", "a?b", "a#b", "a\\b",     "a\"b", "<h>", "%",   "x%4",   "h\t1", "\xc3\xa9"})
    for (const char* version : {"1.1", "1.0"})
      EXPECT_EQ(judge(std::string("GET / HTTP/") + version + "\r\nHost: " + host + "\r\n\r\n", 0),
                host == std::string_view("a,b") ? 200 : 400)
          << host;
}

TEST(HttpRequest, ThePartOfARequestWithTooLargeABody) {
  for (const char* more : {"Content-Length: 101\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nff\r\n"}) {
    HttpRequestParser parser({4096, 100, 20});
    const auto r = parser.feed("POST http://h/a?b HTTP/1.1\r\nHost: h\r\n" + std::string(more) + std::string(255, 'a'));
    EXPECT_EQ(r.http_status, 413);
    const HttpRequest head = parser.take();
    EXPECT_EQ(head.method + head.path + head.query, "POST/ab");
    EXPECT_EQ(head.headers.size(), 2u);
  }
}

TEST(HttpRequest, PipelinedRequestsAreLeftForTheNextCall) {
  HttpRequestParser parser(HttpRequestLimits{});
  std::string input =
      "\r\nGET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET http://h:1/2?q HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET";
  for (const char* path : {"/1", "/2"}) {
    const auto r = parser.feed(input);
    ASSERT_EQ(r.status, HttpParse::complete);
    input.erase(0, r.consumed);
    EXPECT_EQ(parser.take().path, path);
    EXPECT_TRUE(parser.idle());
  }
  EXPECT_EQ(input, "GET");
}

TEST(HttpRequest, TrailersAreNoHeaders) {
  HttpRequest r;
  ASSERT_EQ(judge("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
                  "Authorization: Bearer forged\r\n\r\n",
                  0, &r),
            200);
  EXPECT_EQ(r.body, "a");
  EXPECT_EQ(r.headers.size(), 2u);
  EXPECT_FALSE(r.find("Authorization"));
}

TEST(HttpResponse, NothingForgesAHeader) {
  HttpResponse r;
  r.headers = {{"Good", "1"}, {"Bad", "1\r\nSet-Cookie: x"}, {"Wor\nse", "2"}};
  r.body = "hi";
  EXPECT_EQ(serialize(r), "HTTP/1.1 200 OK\r\nGood: 1\r\nContent-Length: 2\r\n\r\nhi");
  r.headers.clear();
  r.head_only = true;
  r.keep_alive = false;
  EXPECT_EQ(serialize(r), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
}

}  // namespace
}  // namespace dragoman::net
