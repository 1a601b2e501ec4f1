// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"

#include <gtest/gtest.h>

namespace dragoman::cli {
namespace {

TEST(Progress, Sizes) {
  EXPECT_EQ(size_text(0), "0 B");
  EXPECT_EQ(size_text(1023), "1023 B");
  EXPECT_EQ(size_text(1024), "1.0 KiB");
  EXPECT_EQ(size_text(1536), "1.5 KiB");
  EXPECT_EQ(size_text((1 << 20) - 1), "1.0 MiB");
  EXPECT_EQ(size_text(16 << 20), "16.0 MiB");
  EXPECT_EQ(size_text(std::uint64_t{5} << 50), "5120.0 TiB");
}

TEST(Progress, Rates) {
  EXPECT_EQ(rate_of(10, 0), 0u);
  EXPECT_EQ(rate_of(10, 4), 2u);
}

TEST(Progress, ABarAsWideAsThereIsRoom) {
  const ProgressState state{512 << 10, 1 << 20, 1000, 2};
  EXPECT_EQ(progress_line(state, 200),
            "[" + std::string(20, '#') + std::string(20, '.') + "]  50%  512.0 KiB  1000 events  500/s");
  const std::string narrow = progress_line(state, 60);
  EXPECT_EQ(narrow.size(), 60u);
  EXPECT_EQ(narrow.front(), '[');
}

TEST(Progress, ANarrowTerminalGetsNoBar) {
  const ProgressState state{512 << 10, 1 << 20, 1000, 2};
  EXPECT_EQ(progress_line(state, 45), " 50%  512.0 KiB  1000 events  500/s");
  EXPECT_EQ(progress_line(state, 10), " 50%  512.");
  EXPECT_EQ(progress_line(state, 0), "");
}

TEST(Progress, WithoutASizeThereIsNoPercentage) {
  EXPECT_EQ(progress_line({100, 0, 3, 0}, 80), "100 B  3 events  0/s");
}

TEST(Progress, AFileThatGrowsStaysAtItsEnd) {
  EXPECT_EQ(progress_line({200, 100, 1, 1}, 200), "[" + std::string(40, '#') + "] 100%  200 B  1 events  1/s");
}

}  // namespace
}  // namespace dragoman::cli
