// SPDX-License-Identifier: Apache-2.0
#include "ingest_token.hpp"

#include <gtest/gtest.h>

namespace honeytrap {
namespace {

TEST(HoneytrapIngestToken, BothPushersGetIn) {
  EXPECT_TRUE(may_ingest("s3cret", "Token s3cret"));
  EXPECT_TRUE(may_ingest("s3cret", "Bearer s3cret"));
  EXPECT_TRUE(may_ingest("s3cret", "bearer  s3cret"));
  for (const char* header : {"", "s3cret", "Token", "Token ", "Token s3cre", "Token s3crets", "Token S3cret",
                             "Token s3cret ", "Basic s3cret", "Tokens3cret", "Token s3crets3cret"})
    EXPECT_FALSE(may_ingest("s3cret", header)) << header;
}

TEST(HoneytrapIngestToken, NoTokenNoEntry) {
  for (const char* header : {"", "Token", "Token ", "Bearer x"}) EXPECT_FALSE(may_ingest("", header)) << header;
}

}  // namespace
}  // namespace honeytrap
