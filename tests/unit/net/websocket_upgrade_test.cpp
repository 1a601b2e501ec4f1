// SPDX-License-Identifier: Apache-2.0
#include "net/websocket_upgrade.hpp"

#include <gtest/gtest.h>

namespace dragoman::net {
namespace {

HttpRequest good() {
  HttpRequest r;
  r.method = "GET";
  r.target = r.path = "/";
  r.headers = {{"Host", "h"},
               {"upgrade", "h2c, WebSocket"},
               {"CONNECTION", "keep-alive, Upgrade"},
               {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
               {"Sec-WebSocket-Version", "13"},
               {"Sec-WebSocket-Extensions", "permessage-deflate"},
               {"Sec-WebSocket-Protocol", "chat"}};
  return r;
}

HttpRequest with(std::string name, std::string value) {
  HttpRequest r = good();
  for (auto& h : r.headers)
    if (h.first == name) {
      h.second = value;
      return r;
    }
  r.headers.emplace_back(name, value);
  return r;
}

TEST(WebSocketUpgrade, TheAnswer) {
  const Upgrade u = judge_upgrade(good(), true);
  ASSERT_EQ(u.kind, Upgrade::Kind::accept);
  EXPECT_EQ(u.deflate_bits, 15);
  EXPECT_EQ(
      u.response,
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
      "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
      "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n\r\n");
  EXPECT_EQ(judge_upgrade(good(), false).deflate_bits, 0) << "only when the mount says so";
}

TEST(WebSocketUpgrade, Refusals) {
  const auto status = [](const HttpRequest& r) {
    const Upgrade u = judge_upgrade(r, true);
    return u.kind == Upgrade::Kind::accept ? 101 : u.status;
  };
  EXPECT_EQ(status(good()), 101);
  EXPECT_EQ(status(with("upgrade", "h2c")), 426);
  EXPECT_EQ(status(with("CONNECTION", "close")), 426);
  EXPECT_EQ(status(with("Sec-WebSocket-Version", "8")), 400);
  EXPECT_EQ(status(with("Sec-WebSocket-Key", "short")), 400);
  EXPECT_EQ(status(with("Content-Length", "1")), 400);
  EXPECT_EQ(status(with("Content-Length", "0")), 101);
  EXPECT_EQ(status(with("Transfer-Encoding", "chunked")), 400);
  HttpRequest r = good();
  r.method = "POST";
  EXPECT_EQ(status(r), 400);
  r = good();
  r.version = 10;
  EXPECT_EQ(status(r), 400);
  for (const char* twice : {"Sec-WebSocket-Key", "Sec-WebSocket-Version"}) {
    r = good();
    r.headers.emplace_back(twice, *r.find(twice));
    EXPECT_EQ(status(r), 400) << twice;
  }
}

}  // namespace
}  // namespace dragoman::net
