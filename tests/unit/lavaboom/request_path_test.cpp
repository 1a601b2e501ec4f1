// SPDX-License-Identifier: Apache-2.0
// Lavaboom digest section 5; the numbers are those of its section 9.
#include "request_path.hpp"

#include <gtest/gtest.h>

namespace lavaboom {
namespace {

std::optional<std::string> check(std::string_view path, std::string_view prefix = "/ws") {
  std::string_view why;
  const auto checked = check_path(path, prefix, why);
  EXPECT_NE(checked.has_value(), !why.empty()) << path;
  return checked;
}

// 18, 20.
TEST(LavaboomPath, WhatBeginsWithASlashStaysAsItIs) {
  for (const char* path : {"/", "/keys?user=a%20b", "//evil", "/a//b/../c", "/a?x=%zz&y=/ws", "/wsx", "/ws.html",
                           "/a%2Fb", "/a@b:c;d", "/?", "/\\evil"})
    EXPECT_EQ(check(path), path);
}

// 18.
TEST(LavaboomPath, WhatCouldNameAHostIsRefused) {
  for (const char* path : {"", "@evil", "@evil/", "evil", "http://evil/", "*", "?a", ":80/", ".evil/", "\\\\evil"})
    EXPECT_FALSE(check(path)) << path;
}

// 19.
TEST(LavaboomPath, BlanksAndControlCharactersAreRefused) {
  for (const std::string path : {"/a\r\nX: y", "/a\n", "/a\r", "/a b", "/a\tb", "/a\x7f", "/?q=\x01"})
    EXPECT_FALSE(check(path)) << path;
  EXPECT_FALSE(check(std::string_view("/a\0b", 4)));
}

TEST(LavaboomPath, OtherBytesAreEscapedAndFragmentsStay) {
  EXPECT_EQ(check("/ž?q=€"), "/%C5%BE?q=%E2%82%AC");
  EXPECT_EQ(check("/a?b#c"), "/a?b");
  EXPECT_EQ(check("/#?b"), "/");
  for (const char* path : {"/%", "/%2", "/%zz", "/a%2?b"}) EXPECT_FALSE(check(path)) << path;
}

TEST(LavaboomPath, TheSockJsEndpointIsOutOfReach) {
  for (const char* path : {"/ws", "/ws/", "/ws?x", "/ws#", "/ws/info", "/ws/../a", "//ws/info", "/./ws",
                           "/a/../ws/info", "/../ws", "/%77s/info", "/%2fws", "/a/%2e%2e/ws"})
    EXPECT_FALSE(check(path)) << path;
  EXPECT_TRUE(check("/ws", "/api/ws"));
  EXPECT_FALSE(check("/api/ws/info", "/api/ws"));
}

TEST(LavaboomPath, Segments) {
  EXPECT_EQ(path_segment("aZ0-._~"), "aZ0-._~");
  EXPECT_EQ(path_segment("../a b?#%\r\nž"), "..%2Fa%20b%3F%23%25%0D%0A%C5%BE");
  for (const char* id : {"", ".", ".."}) EXPECT_FALSE(path_segment(id)) << id;
}

}  // namespace
}  // namespace lavaboom
