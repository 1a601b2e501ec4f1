// SPDX-License-Identifier: Apache-2.0
#include "codec/websocket_handshake.hpp"

#include <gtest/gtest.h>

namespace dragoman::codec {
namespace {

TEST(WebSocketHandshake, ExampleOfTheStandard) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketHandshake, Keys) {
  EXPECT_TRUE(valid_key("dGhlIHNhbXBsZSBub25jZQ=="));
  for (const char* bad : {"", "abc", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBsZSBub25j ZQ=",
                          "dGhlIHNhbXBsZSBub25jZ!=="})
    EXPECT_FALSE(valid_key(bad)) << bad;
}

TEST(WebSocketHandshake, OffersOfPermessageDeflate) {
  const auto taken = [](std::vector<std::string_view> offers) { return negotiate_deflate(offers).has_value(); };
  for (const char* good :
       {"permessage-deflate", "PERMESSAGE-DEFLATE", "permessage-deflate; client_max_window_bits",
        "permessage-deflate;client_max_window_bits=10",
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; server_max_window_bits=15", "permessage-deflate; server_max_window_bits=\"15\"",
        "foo, permessage-deflate", "permessage-deflate; server_max_window_bits=10",
        "permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=7, permessage-deflate"})
    EXPECT_TRUE(taken({good})) << good;
  for (const char* bad :
       {"", "foo", "permessage-deflate; unknown", "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7", "permessage-deflate; server_max_window_bits=016",
        "permessage-deflate; client_max_window_bits=7", "permessage-deflate; client_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover", "permessage-deflate;",
        "permessage-deflate, ,", "permessage-deflate; x=\"", "permessage-deflate/1"})
    EXPECT_FALSE(taken({bad})) << bad;
  EXPECT_TRUE(taken({"foo", "permessage-deflate"})) << "two headers";
  EXPECT_FALSE(taken({}));
}

// RFC 7692 7.1.2.1: a window that the client wants of the server is taken by naming it.
TEST(WebSocketHandshake, AnswersToOffersOfPermessageDeflate) {
  const std::string bare = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  const auto answer = [](std::string_view offer) { return negotiate_deflate({offer}).value(); };
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits").extension, bare);
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits").window_bits, 15);
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=15").extension, bare + "; server_max_window_bits=15");
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=\"9\"").extension, bare + "; server_max_window_bits=9");
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=9").window_bits, 9);
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=6, permessage-deflate").extension, bare);
}

}  // namespace
}  // namespace dragoman::codec
