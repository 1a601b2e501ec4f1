// SPDX-License-Identifier: Apache-2.0
#include "admin/bearer_token.hpp"

#include <gtest/gtest.h>

namespace dragoman::admin {
namespace {

TEST(BearerToken, MatchesTheTokenOnly) {
  const BearerToken token("s3cret");
  for (const char* good : {"Bearer s3cret", "bearer s3cret", "BEARER  s3cret"})
    EXPECT_TRUE(token.matches(good)) << good;
  for (const char* bad : {"", "Bearer", "Bearer ", "Bearer s3cre", "Bearer s3cret ", "Bearer s3cretx", "Bearer S3cret",
                          "Basic s3cret", "s3cret", "Bearers3cret", " Bearer s3cret"})
    EXPECT_FALSE(token.matches(bad)) << bad;
}

TEST(BearerToken, AnEmptyTokenMatchesNothing) {
  const BearerToken token("");
  EXPECT_FALSE(token.matches("Bearer "));
  EXPECT_FALSE(token.matches(""));
}

}  // namespace
}  // namespace dragoman::admin
