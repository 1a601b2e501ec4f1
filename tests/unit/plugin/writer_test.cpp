// SPDX-License-Identifier: Apache-2.0
#include "plugin/writer.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace {

using dragoman::plugin::Writer;

dgm_status append(dgm_writer* w, const std::string& text) {
  if (w->cap - w->len < text.size()) {
    const dgm_status status = w->grow(w, text.size());
    if (status < 0) return status;
  }
  std::memcpy(w->ptr + w->len, text.data(), text.size());
  w->len += text.size();
  return DGM_OK;
}

TEST(Writer, GrowsAndIsUsedAgain) {
  Writer writer(100000);
  dgm_writer* raw = writer.begin();
  EXPECT_EQ(raw->size, sizeof(dgm_writer));
  EXPECT_EQ(raw->opcode, DGM_TEXT);
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    ASSERT_EQ(append(raw, "abc" + std::to_string(i)), DGM_OK);
    expected += "abc" + std::to_string(i);
  }
  ASSERT_TRUE(writer.intact());
  EXPECT_EQ(writer.text(), expected);
  const char* const memory = raw->ptr;
  raw = writer.begin();
  EXPECT_EQ(writer.text(), "");
  EXPECT_EQ(raw->ptr, memory);
  raw->opcode = DGM_BINARY;
  ASSERT_EQ(append(raw, "x"), DGM_OK);
  EXPECT_TRUE(writer.intact());
  EXPECT_EQ(writer.written_opcode(), DGM_BINARY);
}

TEST(Writer, StopsAtItsLimit) {
  Writer writer(1000);
  dgm_writer* raw = writer.begin();
  EXPECT_EQ(append(raw, std::string(1000, 'x')), DGM_OK);
  EXPECT_EQ(append(raw, "y"), DGM_E_DROPPED);
  EXPECT_EQ(raw->grow(raw, SIZE_MAX), DGM_E_DROPPED);
  EXPECT_EQ(raw->grow(raw, 0), DGM_OK);
  EXPECT_EQ(writer.text().size(), 1000u);
}

TEST(Writer, GivesBackWhatAGiantTook) {
  Writer writer(64u << 20);
  ASSERT_EQ(append(writer.begin(), std::string(4u << 20, 'x')), DGM_OK);
  EXPECT_EQ(writer.begin()->cap, 0u);
}

TEST(Writer, NoticesBrokenState) {
  Writer writer(1000);
  dgm_writer* raw = writer.begin();
  ASSERT_EQ(append(raw, "abc"), DGM_OK);
  raw->len = raw->cap + 1;
  EXPECT_FALSE(writer.intact());
  EXPECT_EQ(raw->grow(raw, 1), DGM_E_INVALID);
  raw = writer.begin();
  raw->opcode = 9;
  EXPECT_FALSE(writer.intact());
  raw = writer.begin();
  char elsewhere[4];
  raw->ptr = elsewhere;
  EXPECT_FALSE(writer.intact());
  EXPECT_EQ(raw->grow(raw, 1), DGM_E_INVALID);
  writer.begin();
  EXPECT_TRUE(writer.intact());
}

}  // namespace
