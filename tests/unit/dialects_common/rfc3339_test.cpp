// SPDX-License-Identifier: Apache-2.0
#include "common/rfc3339.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace dialects {
namespace {

TEST(DialectsTime, Reads) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_rfc3339("2017-04-06T01:00:00.1239Z"), 1'491'440'400'123);
  EXPECT_EQ(parse_rfc3339("2017-04-06T01:00:00.5Z"), 1'491'440'400'500);
  EXPECT_EQ(parse_rfc3339("2017-04-06t03:00:00.123456789+02:00"), 1'491'440'400'123);
  EXPECT_EQ(parse_rfc3339("2017-04-05T23:30:00-01:30"), 1'491'440'400'000);
  EXPECT_EQ(parse_rfc3339("0001-01-01T00:00:00Z"), -62'135'596'800'000);
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), parse_rfc3339("2017-01-01T00:00:00Z"));
  for (const char* bad :
       {"", "06-04-2013", "06-04-2013 01:11:10:32", "2017-04-06", "2017-04-06T", "2017-04-06T01:00:0",
        "2017-04-06T01:00:00", "2017-04-06T01:00:00.Z", "2017-02-29T01:00:00Z", "2017-13-01T00:00:00Z",
        "2017-04-06T24:00:00Z", "2017-04-06T01:60:00Z", "2017-04-06T01:00:61Z", "2017-04-06T01:00:00Zx",
        "2017-04-06T01:00:00+0100", "2017-04-06T01:00:00+24:00", "2017-04-06 01:00:00Z"})
    EXPECT_EQ(parse_rfc3339(bad), std::nullopt) << bad;
}

TEST(DialectsTime, LooseTakesABlankAndNoZone) {
  for (const char* text : {"2017-04-06 01:00:00.50", "2017-04-06T01:00:00.50", "2017-04-06 03:00:00.50+02:00"}) {
    const auto time = read_time(text, TimeSyntax::loose);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(time->seconds, 1'491'440'400);
    EXPECT_EQ(time->fraction, "50");
    EXPECT_FALSE(read_time(text, TimeSyntax::strict)) << text;
  }
  EXPECT_FALSE(read_time("2017-04-06_01:00:00", TimeSyntax::loose));
  EXPECT_FALSE(read_time("2017-04-06 01:00:00 ", TimeSyntax::loose));
}

TEST(DialectsTime, Writes) {
  const auto always = [](std::int64_t ms) { return format_rfc3339(ms, Fraction::always); };
  const auto unless_zero = [](std::int64_t ms) { return format_rfc3339(ms, Fraction::unless_zero); };
  EXPECT_EQ(always(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(always(1'491'440'400'123), "2017-04-06T01:00:00.123Z");
  EXPECT_EQ(always(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(always(std::numeric_limits<std::int64_t>::max()), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(always(std::numeric_limits<std::int64_t>::min()), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(unless_zero(1'704'110'400'000), "2024-01-01T12:00:00Z");
  EXPECT_EQ(unless_zero(1'704'110'400'125), "2024-01-01T12:00:00.125Z");
  EXPECT_EQ(unless_zero(-1), "1969-12-31T23:59:59.999Z");
}

TEST(DialectsTime, SecondsEndWithTheYears) {
  EXPECT_EQ(format_seconds(253'402'300'799), "9999-12-31T23:59:59");
  EXPECT_EQ(format_seconds(253'402'300'800), std::nullopt);
  EXPECT_EQ(format_seconds(-62'167'219'200), "0000-01-01T00:00:00");
  EXPECT_EQ(format_seconds(-62'167'219'201), std::nullopt);
}

}  // namespace
}  // namespace dialects
