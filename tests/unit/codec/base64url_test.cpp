// SPDX-License-Identifier: Apache-2.0
#include "codec/base64url.hpp"

#include <gtest/gtest.h>

namespace dragoman::codec {
namespace {

TEST(Base64Url, TheExamplesOfTheRfc) {
  const std::pair<const char*, const char*> examples[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(base64url(bytes), text);
    EXPECT_EQ(decode_base64url(text), bytes);
  }
}

TEST(Base64Url, EveryByteComesBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    EXPECT_EQ(decode_base64url(base64url(bytes)), bytes);
  }
}

TEST(Base64Url, EachValueHasOneSpelling) {
  for (const char* text :
       {"Zg==", "Zm8=", "Z", "Zm9vY", "Zh", "Zn", "Zm9", "Zm+v", "Zm/v", "Zm 9v", "Zm9v\n", "Zm.v", "\xc3\xa9Zg"})
    EXPECT_FALSE(decode_base64url(text)) << text;
  EXPECT_FALSE(decode_base64url(std::string_view("Zm9\0", 4)));
}

}  // namespace
}  // namespace dragoman::codec
