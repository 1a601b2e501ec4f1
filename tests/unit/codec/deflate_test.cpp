// SPDX-License-Identifier: Apache-2.0
#include "codec/deflate.hpp"

#include <gtest/gtest.h>

#include <random>

namespace dragoman::codec {
namespace {

TEST(Deflate, RoundTripsOfOneStateAreIndependent) {
  Deflater deflater;
  Inflater inflater;
  std::mt19937 random(3);
  for (const std::size_t size : {0u, 1u, 10u, 16383u, 16384u, 100000u, 1000000u}) {
    std::string text(size, 'a'), packed, out;
    for (char& c : text) c = static_cast<char>('a' + random() % 4);
    deflater.compress(text, packed);
    EXPECT_EQ(inflater.inflate(packed, out, size), InflateStatus::ok);
    EXPECT_EQ(out, text);
  }
}

// RFC 7692 7.2.3.1, 7.2.3.2, 7.2.3.4, 7.2.3.5.
TEST(Deflate, ExamplesOfTheStandard) {
  Inflater inflater;
  for (const std::string_view packed : {std::string_view("\xf2\x48\xcd\xc9\xc9\x07\x00", 7),
                                        std::string_view("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11),
                                        std::string_view("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8),
                                        std::string_view("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13)}) {
    std::string out;
    EXPECT_EQ(inflater.inflate(packed, out, 100), InflateStatus::ok);
    EXPECT_EQ(out, "Hello");
  }
}

TEST(Deflate, LimitsAndBrokenData) {
  Deflater deflater;
  Inflater inflater;
  std::string packed, out;
  deflater.compress(std::string(1 << 24, 'x'), packed);
  EXPECT_EQ(inflater.inflate(packed, out, 1 << 20), InflateStatus::too_large);
  EXPECT_LE(out.size(), std::size_t{1} << 20);
  out.clear();
  EXPECT_EQ(inflater.inflate("\xff\xff\xff", out, 100), InflateStatus::bad_data);
  packed.clear();
  deflater.compress("exactly", packed);
  out.clear();
  EXPECT_EQ(inflater.inflate(packed, out, 7), InflateStatus::ok)
      << "usable again after a failure, and the limit itself is allowed";
  out.clear();
  EXPECT_EQ(inflater.inflate(packed, out, 6), InflateStatus::too_large);
}

}  // namespace
}  // namespace dragoman::codec
