// SPDX-License-Identifier: Apache-2.0
#include "socket_listing.hpp"

#include <gtest/gtest.h>

#include "common/json_text.hpp"

namespace kazoo {
namespace {

using Names = std::pair<std::string, std::string>;
const std::optional<std::string> none;

TEST(KazooSocketListing, Names) {
  EXPECT_EQ(socket_names("203.0.113.7:51514", 9), Names("203.0.113.7", "203.0.113.7:51514"));
  EXPECT_EQ(socket_names("[2001:db8::1]:50000", 9), Names("2001:db8::1", "2001:db8::1:50000"));
  EXPECT_EQ(socket_names("203.0.113.7:0", 9), Names("203.0.113.7", "203.0.113.7:9"));
  EXPECT_EQ(socket_names("unix", 9), Names("unix", "unix:9"));
}

TEST(KazooSocketListing, GregorianSeconds) {
  EXPECT_GT(gregorian_now(), 63'000'000'000);
  EXPECT_LT(gregorian_now(), 100'000'000'000);
}

TEST(KazooSocketListing, Json) {
  EXPECT_EQ(socket_json({"i", "s", "d", 5, {"a"}, none, none}),
            R"({"bindings":["a"],"websocket_session_id":"i","timestamp":5,"destination":"d","source":"s"})");
  const std::optional<std::string> name = "\"n\"", metadata = R"({"x":1})";
  EXPECT_EQ(socket_json({"i", "s", "d", 5, {}, name, metadata}),
            R"({"bindings":[],"websocket_session_id":"i","timestamp":5,"destination":"d","source":"s",)"
            R"("name":"n","metadata":{"x":1}})");
}

TEST(KazooSocketListing, IsNeverTooLong) {
  const std::optional<std::string> longest = "\"" + std::string(8000, 'x') + "\"",
                                   longer = longest->substr(0, 8000) + std::string(9000, 'x') + "\"";
  const std::string text =
      socket_json({"i", "s", "d", 5, std::vector<std::string>(5000, "0123456789"), longest, longer});
  EXPECT_LT(text.size(), 60u << 10);
  const auto json = dialects::parse_json(text);
  ASSERT_TRUE(json);
  EXPECT_TRUE(json->find("name"));
  EXPECT_FALSE(json->find("metadata"));
  const auto& shown = json->find("bindings")->elements;
  EXPECT_EQ(shown.back().text, "... " + std::to_string(5000 - (shown.size() - 1)) + " more");
}

}  // namespace
}  // namespace kazoo
