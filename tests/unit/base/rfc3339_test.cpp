// SPDX-License-Identifier: Apache-2.0
#include "base/rfc3339.hpp"

#include <gtest/gtest.h>

namespace dragoman::base {
namespace {

TEST(Rfc3339, ReadsTheExamplesOfTheRfc) {
  EXPECT_EQ(parse_rfc3339("1985-04-12T23:20:50.52Z"), 482196050520);
  EXPECT_EQ(parse_rfc3339("1996-12-19T16:39:57-08:00"), 851042397000);
  EXPECT_EQ(parse_rfc3339("1990-12-31T23:59:60Z"), 662688000000);
  EXPECT_EQ(parse_rfc3339("1990-12-31T15:59:60-08:00"), 662688000000);
  EXPECT_EQ(parse_rfc3339("1937-01-01T12:00:27.87+00:20"), -1041337172130);
}

TEST(Rfc3339, ReadsEdges) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_rfc3339("1970-01-01t00:00:00z"), 0);
  EXPECT_EQ(parse_rfc3339("2000-02-29T00:00:00.0009999999999999999999Z"), 951782400000);
  EXPECT_EQ(parse_rfc3339("9999-12-31T23:59:59.999Z"), 253402300799999);
  EXPECT_EQ(parse_rfc3339("0000-01-01T00:00:00Z"), -62167219200000);
}

TEST(Rfc3339, RefusesTheRest) {
  for (const char* text : {"",
                           "2024",
                           "2024-01-01",
                           "2024-01-01 00:00:00Z",
                           "2024-01-01T00:00:00",
                           "2024-13-01T00:00:00Z",
                           "2024-00-01T00:00:00Z",
                           "2023-02-29T00:00:00Z",
                           "2024-01-01T24:00:00Z",
                           "2024-01-01T00:60:00Z",
                           "2024-01-01T00:00:61Z",
                           "2024-01-01T00:00:00.Z",
                           "2024-01-01T00:00:00+0100",
                           "2024-01-01T00:00:00+24:00",
                           "2024-01-01T00:00:00Z ",
                           " 2024-01-01T00:00:00Z",
                           "-024-01-01T00:00:00Z",
                           "2024-1-1T0:0:0Z",
                           "2024-01-01T00:00:00ZZ",
                           "2024-01-01T00:00:0aZ"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(Rfc3339, WritesWhatItReads) {
  for (const char* text : {"1985-04-12T23:20:50.520Z", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z",
                           "2024-02-29T12:30:00Z", "9999-12-31T23:59:59.001Z"})
    EXPECT_EQ(format_rfc3339(parse_rfc3339(text).value()), text);
}

}  // namespace
}  // namespace dragoman::base
