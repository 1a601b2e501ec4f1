// SPDX-License-Identifier: Apache-2.0
#include "api_path.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kazoo {
namespace {

TEST(KazooApiPath, WhatItIsAbout) {
  for (const char* path : {"/websockets", "/websockets/"}) {
    const auto parsed = parse_api_path(path);
    ASSERT_TRUE(parsed) << path;
    EXPECT_EQ(parsed->account, "");
  }
  for (const char* path : {"/accounts/a1/websockets", "/accounts/a1/websockets/"}) {
    const auto parsed = parse_api_path(path);
    ASSERT_TRUE(parsed) << path;
    EXPECT_EQ(parsed->account, "a1");
    EXPECT_EQ(parsed->socket, "");
  }
  for (const auto& [given, socket] :
       std::vector<std::pair<std::string, std::string>>{{"192.0.2.1:5", "192.0.2.1:5"},
                                                        {"192.0.2.1%3A5", "192.0.2.1:5"},
                                                        {"192.0.2.1%3a5", "192.0.2.1:5"},
                                                        {"2001:db8::1:5", "2001:db8::1:5"},
                                                        {"%zz%4", "%zz%4"},
                                                        {"%ff", "%ff"}}) {
    const auto parsed = parse_api_path("/accounts/a%31/websockets/" + given);
    ASSERT_TRUE(parsed) << given;
    EXPECT_EQ(parsed->account, "a1");
    EXPECT_EQ(parsed->socket, socket);
  }
}

TEST(KazooApiPath, OfNothingThatIsHere) {
  for (const char* path : {"", "/", "//", "/user_auth", "/accounts", "/accounts/a1", "/accounts//websockets",
                           "/accounts/a1/users", "/accounts/a1/websockets/x/y", "/websockets/x", "//websockets"})
    EXPECT_FALSE(parse_api_path(path)) << path;
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
  EXPECT_EQ(error_name("method not allowed"), "method_not_allowed");
}

}  // namespace
}  // namespace kazoo
