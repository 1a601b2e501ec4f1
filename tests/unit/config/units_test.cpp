// SPDX-License-Identifier: Apache-2.0
#include "config/units.hpp"

#include <gmock/gmock.h>

#include "config/address.hpp"
#include "config/suggest.hpp"

namespace dragoman::config {
namespace {

TEST(Units, Sizes) {
  EXPECT_EQ(parse_size("0B"), 0);
  EXPECT_EQ(parse_size("64KiB"), 65536);
  EXPECT_EQ(parse_size("1MiB"), 1 << 20);
  EXPECT_EQ(parse_size("2GiB"), std::int64_t{2} << 30);
  EXPECT_EQ(parse_size("3kB"), 3000);
  EXPECT_EQ(parse_size("3MB"), 3'000'000);
  EXPECT_EQ(parse_size("8388608GiB"), std::int64_t{1} << 53);
  for (const char* bad :
       {"", "1", "KiB", "-1B", "+1B", "1 KiB", "1kib", "1K", "1.5MiB", "8388609GiB", "99999999999999999999B", "1MiB "})
    EXPECT_EQ(parse_size(bad), std::nullopt) << bad;
}

TEST(Units, Durations) {
  EXPECT_EQ(parse_duration("0s"), 0);
  EXPECT_EQ(parse_duration("500ms"), 500);
  EXPECT_EQ(parse_duration("30s"), 30'000);
  EXPECT_EQ(parse_duration("5m"), 300'000);
  EXPECT_EQ(parse_duration("1h"), 3'600'000);
  EXPECT_EQ(parse_duration("7d"), 604'800'000);
  for (const char* bad : {"", "5", "s", "-1s", "1.5s", "1m30s", "5 s", "5S", "99999999999999999d"})
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
}

TEST(Units, Addresses) {
  const auto same = [](const char* text, Address::Family family, const char* host, std::uint16_t port, bool loopback) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->family, family) << text;
    EXPECT_EQ(address->host, host) << text;
    EXPECT_EQ(address->port, port) << text;
    EXPECT_EQ(address->loopback, loopback) << text;
  };
  same("0.0.0.0:0", Address::Family::ipv4, "0.0.0.0", 0, false);
  same("127.9.9.9:65535", Address::Family::ipv4, "127.9.9.9", 65535, true);
  same("[::]:80", Address::Family::ipv6, "::", 80, false);
  same("[0:0:0:0:0:0:0:1]:80", Address::Family::ipv6, "::1", 80, true);
  same("unix:/run/x.sock", Address::Family::local, "/run/x.sock", 0, true);
  for (const char* bad :
       {"", ":80", "80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:080", "127.0.0.1:+1", "127.1:80",
        "::1:80", "[::1]", "[]:80", "[::1:80", "localhost:80", "unix:", "unix:x", "unix:/", "unix:/run/"})
    EXPECT_FALSE(parse_address(bad)) << bad;
}

TEST(Suggest, NearWordsOnly) {
  const std::vector<std::string> known = {"listen", "limits", "drop_oldest"};
  EXPECT_EQ(suggestion("listn", known), "; did you mean \"listen\"?");
  EXPECT_EQ(suggestion("lsiten", known), "; did you mean \"listen\"?");
  EXPECT_EQ(suggestion("limit", known), "; did you mean \"limits\"?");
  EXPECT_EQ(suggestion("drop", known), "; did you mean \"drop_oldest\"?");
  EXPECT_EQ(suggestion("colour", known), "; expected one of listen, limits, drop_oldest");
  EXPECT_EQ(suggestion("colour", {"x"}), "; expected \"x\"");
  EXPECT_EQ(suggestion("x", {}), "");
  EXPECT_EQ(suggestion(std::string(100'000, 'x'), known), "; expected one of listen, limits, drop_oldest");
}

}  // namespace
}  // namespace dragoman::config
