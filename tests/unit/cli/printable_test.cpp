// SPDX-License-Identifier: Apache-2.0
#include "cli/printable.hpp"

#include <gtest/gtest.h>

namespace dragoman::cli {
namespace {

TEST(Printable, NothingSteersATerminal) {
  EXPECT_EQ(printable("a\x1b[2J\x07\x7f\tb\r\n"), "a\\x1b[2J\\x07\\x7f\\tb\\r\\n");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\u009b31m");                              // CSI as one character
  EXPECT_EQ(printable("x\xe2\x80\xaey"), "x\\u202ey");  // right-to-left override
  EXPECT_EQ(printable("\xe2\x80\xa8"), "\\u2028");      // line separator
  EXPECT_EQ(printable("\x9b"
                      "31m"),
            "\\x9b31m");  // the same in eight bits
}

TEST(Printable, TextStaysText) {
  const std::string text = "{\"a\\n\": \"\xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x98\x80\"}";
  EXPECT_EQ(printable(text), text);
  EXPECT_EQ(printable("\xc3"), "\\xc3");
  EXPECT_EQ(printable("\xf0\x9f\x98"), "\\xf0\\x9f\\x98");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");
}

TEST(Printable, ForAProgramOnlyTheLineIsKeptWhole) {
  EXPECT_EQ(printable("a\tb\x1b\xc3\xa9\r\nc", Escape::line_ends), "a\tb\x1b\xc3\xa9\\r\\nc");
}

TEST(Printable, Binary) {
  EXPECT_EQ(printable_binary("", false), "<binary 0 bytes>");
  EXPECT_EQ(printable_binary("\x01", false), "<binary 1 byte> AQ==");
  EXPECT_EQ(printable_binary("\x01\x02\x03", false), "<binary 3 bytes> AQID");
  EXPECT_EQ(printable_binary("\x01\xff", true), "<binary 2 bytes> 01ff");
}

}  // namespace
}  // namespace dragoman::cli
