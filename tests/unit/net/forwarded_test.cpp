// SPDX-License-Identifier: Apache-2.0
#include "net/forwarded.hpp"

#include <gtest/gtest.h>

namespace dragoman::net {
namespace {

using Lines = std::vector<std::string>;

const AddressSet trusted({"10.0.0.0/8", "2001:db8:ffff::/48", "unix"});

std::string client(std::string_view header, const Lines& lines) {
  HttpRequest request;
  request.headers.emplace_back("Host", "x");
  for (const auto& line : lines)
    request.headers.emplace_back(header == "Forwarded" ? "forwarded" : "x-forwarded-FOR", line);
  request.headers.emplace_back("X-Other", "203.0.113.9");
  return forwarded_client(request, header, trusted, "10.0.0.1:40000");
}
std::string list(const Lines& lines) {
  return client("X-Forwarded-For", lines);
}
std::string forwarded(const Lines& lines) {
  return client("Forwarded", lines);
}

TEST(Forwarded, AListOfAddresses) {
  EXPECT_EQ(list({"192.0.2.1"}), "192.0.2.1:0");
  EXPECT_EQ(list({"192.0.2.1:5000"}), "192.0.2.1:5000");
  EXPECT_EQ(list({"2001:db8::1"}), "[2001:db8::1]:0");
  EXPECT_EQ(list({"[2001:db8::1]:5000"}), "[2001:db8::1]:5000");
  EXPECT_EQ(list({"::ffff:192.0.2.1"}), "192.0.2.1:0");
  EXPECT_EQ(list({"203.0.113.5, 192.0.2.1"}), "192.0.2.1:0") << "what stands before it is the client's own word";
  EXPECT_EQ(list({"203.0.113.5 ,\t192.0.2.1,,  10.0.0.2 , "}), "192.0.2.1:0");
  EXPECT_EQ(list({"192.0.2.1,2001:db8:ffff::7,10.9.9.9:80"}), "192.0.2.1:0");
  EXPECT_EQ(list({"10.0.0.3, 10.0.0.2"}), "10.0.0.3:0") << "all are trusted: the farthest";
  EXPECT_EQ(list({"203.0.113.5", "192.0.2.1", "10.0.0.2"}), "192.0.2.1:0") << "lines are one list";
}

TEST(Forwarded, NothingOrNothingReadable) {
  EXPECT_EQ(list({}), "10.0.0.1:40000");
  EXPECT_EQ(list({""}), "10.0.0.1:40000");
  EXPECT_EQ(list({" , ,"}), "10.0.0.1:40000");
  for (const char* bad :
       {"unknown", "_hidden", "localhost", "192.0.2.300", "192.0.2.1 10.0.0.2", "192.0.2.1:x", "\"192.0.2.1\"", "-"})
    EXPECT_EQ(list({std::string("192.0.2.1, ") + bad}), "10.0.0.1:40000") << bad;
  EXPECT_EQ(list({"192.0.2.1, unknown, 10.0.0.2"}), "10.0.0.2:0") << "the last good one";
  EXPECT_EQ(list({"192.0.2.1", "unknown", "10.0.0.2"}), "10.0.0.2:0");
}

TEST(Forwarded, OfTheStandard) {
  EXPECT_EQ(forwarded({"for=192.0.2.1"}), "192.0.2.1:0");
  EXPECT_EQ(forwarded({"For=\"192.0.2.1:5000\";proto=https;by=10.0.0.1"}), "192.0.2.1:5000");
  EXPECT_EQ(forwarded({"proto=http ; FOR=\"[2001:db8::1]:5000\""}), "[2001:db8::1]:5000");
  EXPECT_EQ(forwarded({"for=\"[2001:db8::1]\""}), "[2001:db8::1]:0");
  EXPECT_EQ(forwarded({"for=203.0.113.5, for=192.0.2.1;by=\"a,b;for=1.1.1.1\", for=10.0.0.2"}), "192.0.2.1:0");
  EXPECT_EQ(forwarded({"for=192.0.2.1;by=\"say \\\"for=1.1.1.1, for=2.2.2.2\\\" \""}), "192.0.2.1:0");
  EXPECT_EQ(forwarded({"for=203.0.113.5", "for=192.0.2.1", "for=10.0.0.2"}), "192.0.2.1:0");
}

TEST(Forwarded, OfTheStandardNotReadable) {
  for (const char* bad :
       {"for=unknown", "for=_hidden", "for=\"_hidden:80\"", "for=", "for=\"\"", "for", "proto=https", "for=\"192.0.2.1",
        "for=192.0.2.1;for=192.0.2.2", "for =192.0.2.1", "for=[2001:db8::1", "xfor=192.0.2.1", "192.0.2.1"})
    EXPECT_EQ(forwarded({std::string("for=203.0.113.5, ") + bad}), "10.0.0.1:40000") << bad;
}

TEST(Forwarded, AQuoteLeftOpenByTheClientHidesNoProxy) {
  EXPECT_EQ(forwarded({"for=\"x, for=192.0.2.1"}), "192.0.2.1:0");
  EXPECT_EQ(forwarded({"for=203.0.113.5;by=\", for=\"[2001:db8::1]:80\";proto=https"}), "[2001:db8::1]:80");
  EXPECT_EQ(forwarded({"for=203.0.113.5;by=\"\\, for=192.0.2.1;proto=\"https\""}), "192.0.2.1:0");
}

}  // namespace
}  // namespace dragoman::net
