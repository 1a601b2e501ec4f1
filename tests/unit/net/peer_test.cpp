// SPDX-License-Identifier: Apache-2.0
#include "net/peer.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace dragoman::net {
namespace {

TEST(AddressKey, StandsForAClient) {
  EXPECT_EQ(address_key("192.0.2.1:50000"), "192.0.2.1");
  EXPECT_EQ(address_key("192.0.2.1:0"), "192.0.2.1");
  EXPECT_EQ(address_key("unix"), "unix");
  EXPECT_EQ(address_key("[2001:db8:1:2:3:4:5:6]:50000"), "2001:db8:1:2::/64");
  EXPECT_EQ(address_key("[2001:db8:1:2::]:1"), "2001:db8:1:2::/64");
  EXPECT_EQ(address_key("[::1]:50000"), "::/64");
  EXPECT_NE(address_key("[2001:db8:1:2::1]:1"), address_key("[2001:db8:1:3::1]:1"));
  EXPECT_EQ(address_key("[::ffff:192.0.2.1]:1"), address_key("192.0.2.1:2"));
}

TEST(AddressSet, Contains) {
  const AddressSet set({"10.0.0.0/8", "192.0.2.1", "::1", "2001:db8::/32"});
  for (const char* in : {"10.1.2.3:80", "192.0.2.1:0", "[::1]:443", "[2001:db8:1::1]:1", "[::ffff:10.1.2.3]:80"})
    EXPECT_TRUE(set.contains(in)) << in;
  for (const char* out : {"11.0.0.0:80", "192.0.2.2:80", "[::2]:80", "[2001:db9::1]:1", "unix", ""})
    EXPECT_FALSE(set.contains(out)) << out;
  EXPECT_TRUE(AddressSet({"unix"}).contains("unix"));
  EXPECT_FALSE(AddressSet({"unix"}).contains("127.0.0.1:1"));
  EXPECT_FALSE(AddressSet().contains("127.0.0.1:1"));
  EXPECT_THROW(AddressSet({"localhost"}), std::invalid_argument);
}

}  // namespace
}  // namespace dragoman::net
