// SPDX-License-Identifier: Apache-2.0
#include "rfc3339.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace honeytrap {
namespace {

TEST(HoneytrapTime, Reads) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_rfc3339("2017-04-06T01:00:00.1239Z"), 1'491'440'400'123);
  EXPECT_EQ(parse_rfc3339("2017-04-06t03:00:00.123456789+02:00"), 1'491'440'400'123);
  EXPECT_EQ(parse_rfc3339("2017-04-05T23:30:00-01:30"), 1'491'440'400'000);
  EXPECT_EQ(parse_rfc3339("0001-01-01T00:00:00Z"), -62'135'596'800'000);
  for (const char* bad :
       {"", "06-04-2013", "06-04-2013 01:11:10:32", "2017-04-06", "2017-04-06T01:00:00", "2017-04-06T01:00:00.Z",
        "2017-02-29T01:00:00Z", "2017-13-01T00:00:00Z", "2017-04-06T24:00:00Z", "2017-04-06T01:60:00Z",
        "2017-04-06T01:00:00Zx", "2017-04-06T01:00:00+0100", "2017-04-06T01:00:00+24:00", "2017-04-06 01:00:00Z"})
    EXPECT_EQ(parse_rfc3339(bad), std::nullopt) << bad;
}

TEST(HoneytrapTime, Writes) {
  EXPECT_EQ(format_rfc3339(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339(1'491'440'400'123), "2017-04-06T01:00:00.123Z");
  EXPECT_EQ(format_rfc3339(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_rfc3339(std::numeric_limits<std::int64_t>::max()), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(format_rfc3339(std::numeric_limits<std::int64_t>::min()), "0000-01-01T00:00:00.000Z");
}

}  // namespace
}  // namespace honeytrap
