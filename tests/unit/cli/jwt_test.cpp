// SPDX-License-Identifier: Apache-2.0
#include "cli/jwt.hpp"

#include <gtest/gtest.h>

namespace dragoman::cli {
namespace {

constexpr const char* claims = R"({"sub":"1234567890","name":"John Doe","iat":1516239022})";

TEST(Jwt, SignsAsOthersDo) {
  EXPECT_EQ(make_jwt("HS256", "your-256-bit-secret", claims),
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
            "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
            "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c");
}

TEST(Jwt, EachAlgorithmHasItsLength) {
  const auto signature = [](const char* algorithm) {
    const std::string token = make_jwt(algorithm, "x", "{}");
    return token.size() - token.rfind('.') - 1;
  };
  EXPECT_EQ(signature("HS256"), 43u);
  EXPECT_EQ(signature("HS384"), 64u);
  EXPECT_EQ(signature("HS512"), 86u);
  EXPECT_THROW(make_jwt("none", "x", "{}"), std::runtime_error);
  EXPECT_EQ(secret_bytes("none"), 0u);
}

}  // namespace
}  // namespace dragoman::cli
