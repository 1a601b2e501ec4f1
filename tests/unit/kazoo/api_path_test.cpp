// SPDX-License-Identifier: Apache-2.0
#include "api_path.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kazoo {
namespace {

TEST(KazooApiPath, WhatItIsAbout) {
  EXPECT_EQ(parse_api_path("/websockets").account, "");
  EXPECT_EQ(parse_api_path("/accounts/a1/websockets").account, "a1");
  EXPECT_FALSE(parse_api_path("/accounts/a1/websockets").socket);
  for (const char* path : {"/accounts/a1/websockets/192.0.2.1:5", "/accounts/a1/websockets/192.0.2.1%3A5",
                           "/accounts/a%31/websockets/192.0.2.1%3a5"}) {
    const ApiPath parsed = parse_api_path(path);
    EXPECT_EQ(parsed.account, "a1");
    EXPECT_EQ(parsed.socket, "192.0.2.1:5");
  }
  EXPECT_EQ(parse_api_path("/accounts/a/websockets/2001:db8::1:5").socket, "2001:db8::1:5");
  EXPECT_EQ(parse_api_path("/accounts/a/websockets/%zz%4").socket, "%zz%4");
  EXPECT_EQ(parse_api_path("/accounts/a/websockets/%ff").socket, "%ff");
}

struct Sent {
  std::string query, body;
  std::vector<dgm_field> headers;
  std::string token() const {
    dgm_http_request r{};
    r.size = sizeof r;
    r.query = {query.data(), query.size()};
    r.body = {body.data(), body.size()};
    r.headers = headers.data();
    r.header_count = headers.size();
    return request_token(dragoman::sdk::HttpRequest(r));
  }
  Sent& header(std::string_view name, std::string_view value) {
    headers.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
    return *this;
  }
};

TEST(KazooApiPath, TokenOfARequest) {
  EXPECT_EQ(Sent{}.token(), "");
  EXPECT_EQ(Sent{}.header("x-auth-token", "t").token(), "t");
  EXPECT_EQ(Sent{}.header("Authorization", "bearer t").token(), "t");
  EXPECT_EQ(Sent{}.header("Authorization", "Basic t").token(), "");
  EXPECT_EQ((Sent{"a=b&auth_token=t%2E+x&c", "", {}}.token()), "t. x");
  EXPECT_EQ((Sent{"", R"({"auth_token":"t"})", {}}.token()), "t");
  EXPECT_EQ((Sent{"", R"({"auth_token":5})", {}}.token()), "");
  EXPECT_EQ((Sent{"", "{", {}}.token()), "");
  EXPECT_EQ((Sent{"auth_token=q", "", {}}.header("X-Auth-Token", "h").token()), "h");
}

TEST(KazooApiPath, Texts) {
  EXPECT_EQ(iso_time(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso_time(1709294399), "2024-03-01T11:59:59Z");
  EXPECT_EQ(error_name("method not allowed"), "method_not_allowed");
}

}  // namespace
}  // namespace kazoo
