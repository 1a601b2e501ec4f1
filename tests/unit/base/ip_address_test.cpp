// SPDX-License-Identifier: Apache-2.0
#include "base/ip_address.hpp"

#include <gtest/gtest.h>

namespace dragoman::base {
namespace {

std::string endpoint(std::string_view text) {
  const auto parsed = IpEndpoint::parse(text);
  return parsed ? parsed->text() : "none";
}

bool contains(std::string_view network, std::string_view address) {
  return IpNetwork::parse(network).value().contains(IpAddress::parse(address).value());
}

TEST(IpAddress, Notations) {
  for (const char* same : {"192.0.2.1", "0.0.0.0", "2001:db8::1", "::", "::1"})
    EXPECT_EQ(IpAddress::parse(same).value().text(), same);
  EXPECT_EQ(IpAddress::parse("2001:DB8:0:0:0:0:0:1").value().text(), "2001:db8::1");
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1"), IpAddress::parse("192.0.2.1"));
  EXPECT_EQ(IpAddress::parse("::ffff:c000:201").value().text(), "192.0.2.1");
  for (const char* bad : {"", " ", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.4 ", "0x7f.0.0.1", ":",
                          ":::", "1::2::3", "fe80::1%eth0", "[::1]", "localhost", "unix", "1.2.3.4/32"})
    EXPECT_FALSE(IpAddress::parse(bad)) << bad;
  EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
  EXPECT_FALSE(IpAddress::parse(std::string(5000, ':')));
}

TEST(IpAddress, Endpoints) {
  EXPECT_EQ(endpoint("192.0.2.1"), "192.0.2.1:0");
  EXPECT_EQ(endpoint("192.0.2.1:80"), "192.0.2.1:80");
  EXPECT_EQ(endpoint("2001:db8::1"), "[2001:db8::1]:0");
  EXPECT_EQ(endpoint("[2001:db8::1]"), "[2001:db8::1]:0");
  EXPECT_EQ(endpoint("[2001:db8::1]:65535"), "[2001:db8::1]:65535");
  EXPECT_EQ(endpoint("[::ffff:192.0.2.1]:80"), "192.0.2.1:80");
  for (const char* bad :
       {"", ":", ":80", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:080", "192.0.2.1:8x", "192.0.2.1:-1",
        "[192.0.2.1]:80", "[::1", "::1]", "[::1]80", "[::1]:", "[::1]:x", "[]", "[]:80", "unix", "unknown"})
    EXPECT_EQ(endpoint(bad), "none") << bad;
}

TEST(IpAddress, Networks) {
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(contains("192.0.2.128/25", "192.0.2.128"));
  EXPECT_FALSE(contains("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(contains("192.0.2.1", "192.0.2.1"));
  EXPECT_TRUE(contains("192.0.2.1/32", "192.0.2.1"));
  EXPECT_FALSE(contains("192.0.2.1", "192.0.2.0"));
  EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(contains("::1", "::1"));
  EXPECT_TRUE(contains("0.0.0.0/0", "203.0.113.9"));
  EXPECT_TRUE(contains("::/0", "2001:db8::1"));
}

TEST(IpAddress, NetworksAndMappedAddresses) {
  EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(contains("::ffff:10.0.0.0/104", "10.1.2.3"));
  EXPECT_FALSE(contains("::/0", "10.1.2.3")) << "who allows all of IPv6 has not said IPv4";
  EXPECT_FALSE(contains("0.0.0.0/0", "::1"));
  EXPECT_FALSE(contains("::/1", "::ffff:1.2.3.4"));
}

TEST(IpAddress, WhatIsNoNetwork) {
  for (const char* bad :
       {"", "/", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.1/8", "::/129",
        "2001:db8::1/64", "10.0.0.0/255.0.0.0", "[::1]", "10.0.0.0:80", "unix", "*"})
    EXPECT_FALSE(IpNetwork::parse(bad)) << bad;
}

}  // namespace
}  // namespace dragoman::base
