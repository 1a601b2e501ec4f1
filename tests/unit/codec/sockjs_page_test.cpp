// SPDX-License-Identifier: Apache-2.0
// Numbers in comments are those of the checkable statements of the SockJS contract.
#include "codec/sockjs_page.hpp"

#include <gtest/gtest.h>

namespace dragoman::codec {
namespace {

TEST(SockjsPage, Greeting) {
  EXPECT_EQ(sockjs_greeting, "Welcome to SockJS!\n");
  EXPECT_EQ(sockjs_greeting.size(), 19u);
}

// 4
TEST(SockjsPage, Iframe) {
  EXPECT_EQ(sockjs_iframe_page("/lib/sockjs.js"), R"(<!DOCTYPE html>
<html>
<head>
  <meta http-equiv="X-UA-Compatible" content="IE=edge" />
  <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
  <script src="/lib/sockjs.js"></script>
  <script>
    document.domain = document.domain;
    SockJS.bootstrap_iframe();
  </script>
</head>
<body>
  <h2>Don't panic!</h2>
  <p>This is a SockJS hidden iframe. It's used for cross domain magic.</p>
</body>
</html>)");
}

// 6
TEST(SockjsPage, Etag) {
  EXPECT_EQ(sockjs_etag(""), "\"e3b0c44298fc1c149afbf4c8996fb924\"");
  EXPECT_EQ(sockjs_etag(sockjs_iframe_page("/a")), sockjs_etag(sockjs_iframe_page("/a")));
  EXPECT_NE(sockjs_etag(sockjs_iframe_page("/a")), sockjs_etag(sockjs_iframe_page("/b")));
}

TEST(SockjsPage, ScriptUrl) {
  for (const char* s : {"/sockjs.min.js", "http://a/b", "https://cdn.example/s.js?v=1.6.1#x"})
    EXPECT_TRUE(valid_sockjs_script_url(s)) << s;
  for (const char* s :
       {"", "sockjs.js", "javascript:x", "httpx://a", "/a\"b", "/a b", "/a<b", "/a>b", "/a'b", "/a\n", "/\xc3\xa9"})
    EXPECT_FALSE(valid_sockjs_script_url(s)) << s;
  EXPECT_FALSE(valid_sockjs_script_url("/" + std::string(2048, 'x')));
}

// 9, 11
TEST(SockjsPage, Info) {
  EXPECT_EQ(sockjs_info(true, false, 2881145012),
            R"({"websocket":true,"origins":["*:*"],"cookie_needed":false,"entropy":2881145012})");
  EXPECT_EQ(sockjs_info(false, true, 0), R"({"websocket":false,"origins":["*:*"],"cookie_needed":true,"entropy":0})");
  EXPECT_NE(sockjs_info(true, true, 0xffffffff).find("\"entropy\":4294967295}"), std::string::npos);
}

}  // namespace
}  // namespace dragoman::codec
