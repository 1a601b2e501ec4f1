// SPDX-License-Identifier: Apache-2.0
#include "key_encoding.hpp"

#include <gtest/gtest.h>

namespace kazoo {
namespace {

TEST(KazooKeyEncoding, Segments) {
  EXPECT_EQ(encode_key("aZ09-~_"), "aZ09-~_");
  EXPECT_EQ(encode_key("a.b@c d"), "a%2Eb%40c+d");
  EXPECT_EQ(encode_key("\xc3\xa9%"), "%C3%A9%25");
  EXPECT_EQ(encode_key("*"), "*");
  EXPECT_EQ(encode_key("#"), "#");
  EXPECT_EQ(encode_key("a*"), "a%2A");
}

TEST(KazooKeyEncoding, Once) {
  EXPECT_EQ(encode_key_once("a%2Eb%40c+d"), "a%2Eb%40c+d");
  EXPECT_EQ(encode_key_once("a@b"), "a%40b");
  EXPECT_EQ(encode_key_once("50%"), "50%25");
  EXPECT_EQ(encode_key_once("a%2"), "a%252");
  EXPECT_EQ(encode_key_once("*"), "*");
}

TEST(KazooKeyEncoding, Databases) {
  const std::string account = "4b31dd1d32ce6d249897c06332375d65";
  EXPECT_EQ(account_database(account), "account%2F4b%2F31%2Fdd1d32ce6d249897c06332375d65");
  EXPECT_EQ(month_database(account, "202403"), "account%2F4b%2F31%2Fdd1d32ce6d249897c06332375d65-202403");
  EXPECT_EQ(month_database("*", "202403"), "*");
  EXPECT_TRUE(is_account_id(account));
  for (const char* no : {"", "*", "#", "4b31", "4b31dd1d32ce6d249897c06332375d6g", "4b31dd1d32ce6d249897c06332375d65a"})
    EXPECT_FALSE(is_account_id(no)) << no;
}

TEST(KazooKeyEncoding, Months) {
  EXPECT_EQ(month_of(0), "197001");
  EXPECT_EQ(month_of(1709251199), "202402");  // the last second of February 2024, UTC
  EXPECT_EQ(month_of(1709251200), "202403");
  EXPECT_EQ(month_of(1709251199, 1), "202403");
  EXPECT_EQ(month_of(1735689599, 1), "202501");  // the last second of 2024
}

}  // namespace
}  // namespace kazoo
