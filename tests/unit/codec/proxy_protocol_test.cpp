// SPDX-License-Identifier: Apache-2.0
#include "codec/proxy_protocol.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dragoman::codec {
namespace {

using Client = ProxyHeader::Client;
using Status = ProxyHeaderParser::Status;

// The verdict in words; `behind` must be left alone.
std::string read(const std::string& header, std::size_t step, const std::string& behind = "GET / HTTP/1.1\r\n\r\n") {
  const std::string bytes = header + behind;
  ProxyHeaderParser parser;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto result = parser.feed(std::string_view(bytes).substr(at, step));
    at += result.consumed;
    if (result.status == Status::error) return "error";
    if (result.status == Status::need_more) continue;
    EXPECT_EQ(bytes.substr(at), behind);
    switch (parser.header().client) {
      case Client::address:
        return parser.header().source.text();
      case Client::local_socket:
        return "unix";
      case Client::proxy:
        return "proxy";
      case Client::unknown:
        return "unknown";
    }
  }
  return "need more";
}

std::string verdict(const std::string& header) {
  const std::string whole = read(header, 10'000);
  for (std::size_t step : {1, 2, 3, 7, 16, 40}) EXPECT_EQ(read(header, step), whole) << "in pieces of " << step;
  return whole;
}

std::string v2(unsigned command, unsigned family, const std::string& rest, std::size_t length) {
  std::string out("\r\n\r\n\0\r\nQUIT\n", 12);
  for (const std::size_t value : {std::size_t(command), std::size_t(family), length >> 8, length & 255})
    out.push_back(static_cast<char>(value));
  return out + rest;
}
std::string v2(unsigned command, unsigned family, const std::string& rest) {
  return v2(command, family, rest, rest.size());
}

const std::string tcp4("\xc0\x00\x02\x01\x0a\x00\x00\x01\xc3\x50\x01\xbb", 12);
const std::string tcp6 = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x01" + std::string(15, '\0') +
                         "\x01" + std::string("\xc3\x50\x01\xbb", 4);

TEST(ProxyProtocol, VersionOne) {
  EXPECT_EQ(verdict("PROXY TCP4 192.0.2.1 10.0.0.1 50000 443\r\n"), "192.0.2.1:50000");
  EXPECT_EQ(verdict("PROXY TCP4 255.255.255.255 255.255.255.255 65535 0\r\n"), "255.255.255.255:65535");
  EXPECT_EQ(verdict("PROXY TCP6 2001:db8::1 ::1 50000 443\r\n"), "[2001:db8::1]:50000");
  EXPECT_EQ(verdict("PROXY TCP6 ::ffff:192.0.2.1 ::1 50000 443\r\n"), "192.0.2.1:50000");
  EXPECT_EQ(verdict("PROXY UNKNOWN\r\n"), "unknown");
  EXPECT_EQ(verdict("PROXY UNKNOWN whatever \r stands here\r\n"), "unknown");
}

TEST(ProxyProtocol, VersionOneAtItsLongest) {
  const std::string ffff = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
  const std::string longest = "PROXY UNKNOWN " + ffff + " " + ffff + " 65535 65535\r\n";
  ASSERT_EQ(longest.size(), ProxyHeaderParser::v1_bytes);
  EXPECT_EQ(verdict(longest), "unknown");
  EXPECT_EQ(verdict("PROXY TCP6 " + ffff + " " + ffff + " 65535 65535\r\n"), "[" + ffff + "]:65535");
  EXPECT_EQ(verdict("PROXY UNKNOWN " + std::string(92, 'x') + "\r\n"), "error");
  EXPECT_EQ(verdict(std::string("PROXY UNKNOWN ") + std::string(500, 'x')), "error");
}

TEST(ProxyProtocol, VersionOneRefused) {
  for (const char* line : {"PROXY ",
                           "PROXY TCP4",
                           "PROXY TCP4 192.0.2.1 10.0.0.1 50000",
                           "PROXY TCP4 192.0.2.1 10.0.0.1 50000 443 ",
                           "PROXY TCP4 192.0.2.1 10.0.0.1 50000 443 1",
                           "PROXY TCP4  192.0.2.1 10.0.0.1 50000 443",
                           "PROXY TCP4\t192.0.2.1 10.0.0.1 50000 443",
                           "PROXY tcp4 192.0.2.1 10.0.0.1 50000 443",
                           "PROXY TCP4 192.0.2.1 10.0.0.1 65536 443",
                           "PROXY TCP4 192.0.2.1 10.0.0.1 50000 -1",
                           "PROXY TCP4 192.0.2.1 10.0.0.1 050 443",
                           "PROXY TCP4 192.0.2.1 10.0.0.1  443",
                           "PROXY TCP4 192.0.2.256 10.0.0.1 50000 443",
                           "PROXY TCP4 192.0.2.1 x 50000 443",
                           "PROXY TCP4 2001:db8::1 ::1 50000 443",
                           "PROXY TCP4 ::ffff:192.0.2.1 10.0.0.1 50000 443",
                           "PROXY TCP6 192.0.2.1 10.0.0.1 50000 443",
                           "PROXY TCP6 2001:db8::1 10.0.0.1 50000 443",
                           "PROXY TCP6 fe80::1%eth0 ::1 50000 443",
                           "PROXY UNKNOWNS",
                           "PROXY UDP4 192.0.2.1 10.0.0.1 50000 443",
                           "PROXY\tUNKNOWN",
                           "proxy UNKNOWN",
                           "PROXYUNKNOWN",
                           "GET / HTTP/1.1",
                           "\x16\x03\x01",
                           " PROXY UNKNOWN"})
    EXPECT_EQ(verdict(std::string(line) + "\r\n"), "error") << line;
  EXPECT_EQ(read("PROXY TCP4 192.0.2.1 10.0.0.1 50000 443\n", 10'000), "error") << "no CR";
}

TEST(ProxyProtocol, WhatIsWrongIsSeenAtOnce) {
  for (const char* begin : {"G", "PX", "\rx", "\r\n\r\n\r"}) {
    ProxyHeaderParser parser;
    EXPECT_EQ(parser.feed(begin).status, Status::error) << begin;
  }
}

TEST(ProxyProtocol, VersionTwo) {
  EXPECT_EQ(verdict(v2(0x21, 0x11, tcp4)), "192.0.2.1:50000");
  EXPECT_EQ(verdict(v2(0x21, 0x21, tcp6)), "[2001:db8::1]:50000");
  EXPECT_EQ(verdict(v2(0x21, 0x31, std::string(216, '/'))), "unix");
  EXPECT_EQ(verdict(v2(0x21, 0x00, "")), "unknown");
  EXPECT_EQ(verdict(v2(0x21, 0x00, "whatever")), "unknown");
  EXPECT_EQ(verdict(v2(0x20, 0x00, "")), "proxy");
  EXPECT_EQ(verdict(v2(0x20, 0x11, tcp4)), "proxy") << "the addresses of LOCAL are not meant";
  EXPECT_EQ(verdict(v2(0x20, 0xff, "x")), "proxy");
}

TEST(ProxyProtocol, VersionTwoWithMoreBehindTheAddresses) {
  EXPECT_EQ(verdict(v2(0x21, 0x11, tcp4 + std::string("\x03\x00\x04\x01\x02\x03\x04", 7))), "192.0.2.1:50000");
  const std::string largest = tcp6 + std::string(ProxyHeaderParser::v2_bytes - tcp6.size(), 'x');
  EXPECT_EQ(verdict(v2(0x21, 0x21, largest)), "[2001:db8::1]:50000");
  EXPECT_EQ(verdict(v2(0x21, 0x21, largest + "x")), "error");
  EXPECT_EQ(verdict(v2(0x20, 0x00, "", 0xffff)), "error");
}

TEST(ProxyProtocol, VersionTwoRefused) {
  for (const unsigned command : {0x00u, 0x11u, 0x22u, 0x2fu, 0x31u})
    EXPECT_EQ(verdict(v2(command, 0x11, tcp4)), "error");
  for (const unsigned family : {0x01u, 0x10u, 0x12u, 0x13u, 0x22u, 0x32u, 0x41u})
    EXPECT_EQ(verdict(v2(0x21, family, std::string(216, 'x'))), "error") << family;
  EXPECT_EQ(verdict(v2(0x21, 0x11, tcp4.substr(1))), "error");
  EXPECT_EQ(verdict(v2(0x21, 0x21, tcp6.substr(1))), "error");
  EXPECT_EQ(verdict(v2(0x21, 0x31, std::string(215, 'x'))), "error");
  EXPECT_EQ(read(v2(0x21, 0x11, tcp4, 13), 10'000, ""), "need more");
}

}  // namespace
}  // namespace dragoman::codec
