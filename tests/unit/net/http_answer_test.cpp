// SPDX-License-Identifier: Apache-2.0
#include "net/http_answer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace dragoman::net {
namespace {

using State = HttpAnswerParser::State;

struct Result {
  State state = State::need_more;
  std::string why;
  HttpAnswer answer;
  bool reusable = false;
};

// Feeds bytes in two pieces, and then the end of the connection unless it was complete.
Result parse_cut(std::string_view bytes, std::size_t cut, std::size_t body_bytes = 100, bool to_head = false) {
  HttpAnswerParser parser(body_bytes, to_head);
  Result out;
  for (const std::string_view piece : {bytes.substr(0, cut), bytes.substr(std::min(cut, bytes.size()))}) {
    if (out.state != State::need_more || piece.empty()) continue;
    out.state = parser.feed(piece);
  }
  if (out.state == State::need_more) out.state = parser.end();
  out.why = parser.why();
  if (out.state != State::complete) return out;
  out.reusable = parser.reusable();
  out.answer = parser.take();
  return out;
}

// Whatever the cut, the verdict is the same.
Result parse(std::string_view bytes, std::size_t body_bytes = 100, bool to_head = false) {
  Result whole = parse_cut(bytes, bytes.size(), body_bytes, to_head);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    const Result pieces = parse_cut(bytes, cut, body_bytes, to_head);
    EXPECT_EQ(pieces.state, whole.state) << bytes << " cut at " << cut << ": " << pieces.why;
    EXPECT_EQ(pieces.answer.body, whole.answer.body) << bytes << " cut at " << cut;
    EXPECT_EQ(pieces.answer.headers, whole.answer.headers) << bytes << " cut at " << cut;
  }
  return whole;
}

std::string refused(std::string_view bytes, std::size_t body_bytes = 100) {
  const Result result = parse(bytes, body_bytes);
  EXPECT_EQ(result.state, State::broken) << bytes;
  return result.why;
}

std::string head(std::string_view fields) {
  return "HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n";
}

TEST(HttpAnswer, Length) {
  const Result r =
      parse(head("Content-Type: text/plain\r\nX:  two words \r\nx: again\r\nContent-Length: 3\r\n") + "abc");
  ASSERT_EQ(r.state, State::complete) << r.why;
  EXPECT_EQ(r.answer.status, 200u);
  EXPECT_EQ(r.answer.body, "abc");
  EXPECT_EQ(r.answer.headers, (HttpFields{{"Content-Type", "text/plain"}, {"X", "two words"}, {"x", "again"}}));
  EXPECT_TRUE(r.reusable);
}

TEST(HttpAnswer, Chunked) {
  const Result r = parse(head("Transfer-Encoding: chunked\r\n") + "1;a=b;c=\"d\"\r\na\r\n02\r\nbc\r\n0\r\n\r\n");
  ASSERT_EQ(r.state, State::complete) << r.why;
  EXPECT_EQ(r.answer.body, "abc");
  EXPECT_TRUE(r.reusable);
}

TEST(HttpAnswer, TrailersAreNoHeaders) {
  const Result r =
      parse(head("Transfer-Encoding: chunked\r\nA: 1\r\n") + "3\r\nabc\r\n0\r\nA: 2\r\nSet-Cookie: evil\r\n\r\n");
  ASSERT_EQ(r.state, State::complete) << r.why;
  EXPECT_EQ(r.answer.headers, (HttpFields{{"A", "1"}}));
}

TEST(HttpAnswer, ToTheEndOfTheConnection) {
  for (const std::string_view line : {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n"}) {
    const Result r = parse(std::string(line) + "abc");
    ASSERT_EQ(r.state, State::complete) << r.why;
    EXPECT_EQ(r.answer.body, "abc");
    EXPECT_FALSE(r.reusable);
  }
}

TEST(HttpAnswer, WithoutBody) {
  for (const std::string_view status : {"204", "304"}) {
    const Result r = parse("HTTP/1.1 " + std::string(status) + " X\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(r.state, State::complete) << r.why;
    EXPECT_EQ(r.answer.body, "");
  }
  EXPECT_EQ(parse(head("Content-Length: 500\r\n"), 100, true).state, State::complete) << "to a HEAD, whatever it says";
  EXPECT_EQ(parse(head("Transfer-Encoding: chunked\r\n"), 100, true).state, State::complete);
  EXPECT_EQ(parse(head("Content-Length: 0\r\n"), 0).state, State::complete);
}

TEST(HttpAnswer, InterimAnswersAreSkipped) {
  const std::string interim = "HTTP/1.1 100 Continue\r\nX: y\r\n\r\n";
  const Result r = parse(interim + "HTTP/1.1 103 Early Hints\r\n\r\n" + head("Content-Length: 2\r\n") + "ab");
  ASSERT_EQ(r.state, State::complete) << r.why;
  EXPECT_EQ(r.answer.headers, HttpFields());
  EXPECT_EQ(r.answer.body, "ab");
  std::string many;
  for (int i = 0; i < 40; ++i) many += interim;
  EXPECT_EQ(parse_cut(many, many.size()).state, State::broken);
  EXPECT_EQ(refused(interim), "it is not whole");
  EXPECT_EQ(refused("HTTP/1.1 101 Switching Protocols\r\n\r\n"), "it changes the protocol");
}

TEST(HttpAnswer, FieldsOfTheConnectionAreDropped) {
  const Result r =
      parse(head("Connection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 1\r\nProxy-Authenticate: 1\r\nTE: "
                 "1\r\nTrailer: 1\r\nUpgrade: 1\r\nX: 1\r\nContent-Length: 0\r\n"));
  ASSERT_EQ(r.state, State::complete) << r.why;
  EXPECT_EQ(r.answer.headers, (HttpFields{{"X", "1"}}));
  EXPECT_FALSE(r.reusable) << "it said close";
}

TEST(HttpAnswer, BytesThatNobodyAskedFor) {
  const Result r = parse_cut(head("Content-Length: 1\r\n") + "aHTTP/1.1 200 OK\r\n\r\n", 1000);
  EXPECT_EQ(r.state, State::complete);
  EXPECT_EQ(r.answer.body, "a");
  EXPECT_FALSE(r.reusable);
}

TEST(HttpAnswer, AmbiguousLengths) {
  for (const char* fields :
       {"Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: 1\r\nContent-Length: 1\r\n",
        "Content-Length: 1, 1\r\n", "Content-Length: -1\r\n", "Content-Length: +1\r\n", "Content-Length: 0x1\r\n",
        "Content-Length: \r\n", "Content-Length: 1 1\r\n", "Content-Length: 18446744073709551617\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: \r\n"})
    refused(head(fields) + "1\r\na\r\n0\r\n\r\n");
  refused("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n");
}

TEST(HttpAnswer, MalformedHeads) {
  for (const char* bytes :
       {"HTTP/1.1 200 OK\nContent-Length: 1\n\na", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.2 200 OK\r\n\r\n",
        "http/1.1 200 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 600 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "SSH-2.0-x\r\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n"})
    refused(bytes);
  for (const char* line : {"X : y", " X: y", "X y", ": y", "X\x01: y", "X: a\x01", "X: a\x7f", "X: a\rb", "X: a\r\n b"})
    refused(head(std::string(line) + "\r\n" + "Content-Length: 1\r\n") + "a");
  refused(head(std::string("X: a\0b\r\n", 8) + "Content-Length: 1\r\n") + "a");
}

TEST(HttpAnswer, BrokenChunks) {
  for (const char* body :
       {"x\r\na\r\n0\r\n\r\n", "-1\r\na\r\n0\r\n\r\n", " 1\r\na\r\n0\r\n\r\n", "0x1\r\na\r\n0\r\n\r\n", "1\na\n0\n\n",
        "1\r\nab\r\n0\r\n\r\n", "1\r\na0\r\n\r\n", "11111111111111111\r\na\r\n0\r\n\r\n", "1\r\na\r\n",
        "1\r\na\r\n0\r\n", "1;\x01\r\na\r\n0\r\n\r\n", "\r\n"})
    refused(head("Transfer-Encoding: chunked\r\n") + body);
}

TEST(HttpAnswer, Truncated) {
  const std::string whole = head("Content-Length: 3\r\n") + "abc";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Result r = parse_cut(std::string_view(whole).substr(0, size), size);
    EXPECT_EQ(r.state, State::broken) << size;
  }
}

TEST(HttpAnswer, BoundOfTheBody) {
  EXPECT_EQ(parse(head("Content-Length: 3\r\n") + "abc", 3).state, State::complete);
  EXPECT_EQ(parse(head("Content-Length: 4\r\n") + "abcd", 3).state, State::too_large);
  EXPECT_EQ(parse(head("Content-Length: 4\r\n"), 3).state, State::too_large) << "at once";
  EXPECT_EQ(parse(head("Transfer-Encoding: chunked\r\n") + "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 3).state, State::complete);
  EXPECT_EQ(parse(head("Transfer-Encoding: chunked\r\n") + "2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n", 3).state,
            State::too_large);
  EXPECT_EQ(parse(head("Transfer-Encoding: chunked\r\n") + "ffffffff\r\nabcd", 3).state, State::too_large);
  EXPECT_EQ(parse(head("") + "abc", 3).state, State::complete);
  EXPECT_EQ(parse(head("") + "abcd", 3).state, State::too_large);
}

TEST(HttpAnswer, BoundsOfTheHead) {
  const auto whole = [](const std::string& bytes) { return parse_cut(bytes, bytes.size()).state; };
  const auto fields = [](int count) {
    std::string out = "Content-Length: 0\r\n";
    for (int i = 1; i < count; ++i) out += "A: b\r\n";
    return head(out);
  };
  EXPECT_EQ(whole(fields(256)), State::complete);
  EXPECT_EQ(whole(fields(257)), State::broken);
  const auto name = [](std::size_t size) { return head(std::string(size, 'n') + ": v\r\nContent-Length: 0\r\n"); };
  EXPECT_EQ(whole(name(4096)), State::complete);
  EXPECT_EQ(whole(name(4097)), State::broken);
  EXPECT_EQ(whole(head("A: " + std::string(60'000, 'v') + "\r\nContent-Length: 0\r\n")), State::complete);
  EXPECT_EQ(whole(head("A: " + std::string(66'000, 'v') + "\r\nContent-Length: 0\r\n")), State::broken);
  EXPECT_EQ(whole("HTTP/1.1 200 OK\r\nA: " + std::string(66'000, 'v')), State::broken) << "before it ends";
  EXPECT_EQ(whole(head("Transfer-Encoding: chunked\r\n") + "1;" + std::string(70'000, 'x')), State::broken);
  EXPECT_EQ(whole(head("Transfer-Encoding: chunked\r\n") + "0\r\nA: " + std::string(70'000, 'x')), State::broken);
}

TEST(HttpAnswer, WhatStarted) {
  HttpAnswerParser parser(10, false);
  EXPECT_FALSE(parser.started());
  EXPECT_EQ(parser.feed("H"), State::need_more);
  EXPECT_TRUE(parser.started());
  HttpAnswerParser silent(10, false);
  EXPECT_EQ(silent.end(), State::broken);
  EXPECT_FALSE(silent.started());
}

}  // namespace
}  // namespace dragoman::net
