// SPDX-License-Identifier: Apache-2.0
#include "cli/line_reader.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "cli/commands.hpp"

namespace dragoman::cli {
namespace {

// What a reader makes of a text that arrives in pieces of `piece` bytes: lines, "!" for one that is too long.
std::vector<std::string> lines_of(const std::string& text, std::size_t longest, std::size_t piece = 1 << 20) {
  int fds[2];
  EXPECT_EQ(::pipe(fds), 0);
  std::thread writer([&] {
    for (std::size_t at = 0; at < text.size(); at += piece) {
      const std::size_t n = std::min(piece, text.size() - at);
      EXPECT_EQ(::write(fds[1], text.data() + at, n), static_cast<ssize_t>(n));
    }
    ::close(fds[1]);
  });
  LineReader reader(fds[0], longest);
  std::vector<std::string> out;
  std::string_view line;
  for (LineStatus status; (status = reader.next(line)) != LineStatus::end;) {
    if (status == LineStatus::need_more) {
      reader.fill();
      continue;
    }
    out.push_back(status == LineStatus::line ? std::string(line) : "!");
    EXPECT_EQ(reader.number(), out.size());
  }
  EXPECT_EQ(reader.bytes(), text.size());
  writer.join();
  ::close(fds[0]);
  return out;
}

using Lines = std::vector<std::string>;

TEST(LineReader, EndsOfLinesAndOfTheFile) {
  EXPECT_EQ(lines_of("", 10), Lines{});
  EXPECT_EQ(lines_of("a", 10), Lines{"a"});
  EXPECT_EQ(lines_of("a\n", 10), Lines{"a"});
  EXPECT_EQ(lines_of("a\r\n\r\n\nb\rc\r\nd\r", 10), (Lines{"a", "", "", "b\rc", "d"}));
}

TEST(LineReader, PiecesDoNotMatter) {
  const std::string text = "first\r\nsecond is too long\nthird\n\nexactly10!\r\nexactly11!!\nlast";
  const Lines expected{"first", "!", "third", "", "exactly10!", "!", "last"};
  for (std::size_t piece = 1; piece < 20; ++piece) EXPECT_EQ(lines_of(text, 10, piece), expected) << piece;
}

TEST(LineReader, ALineThatIsTooLongAtTheEnd) {
  for (const std::size_t piece : {1, 7, 1000}) {
    EXPECT_EQ(lines_of("ok\n" + std::string(50, 'x'), 10, piece), (Lines{"ok", "!"}));
    EXPECT_EQ(lines_of(std::string(50, 'x') + "\n", 10, piece), Lines{"!"});
  }
}

TEST(LineReader, LinesLongerThanOneRead) {
  const std::string long_line(3'000'000, 'x');
  EXPECT_EQ(lines_of("a\n" + long_line + "\nb\n", 4'000'000), (Lines{"a", long_line, "b"}));
  EXPECT_EQ(lines_of("a\n" + long_line + "\nb\n", 1'000'000), (Lines{"a", "!", "b"}));
}

TEST(LineReader, SaysWhatCannotBeRead) {
  const int fd = ::open("/", O_RDONLY | O_CLOEXEC);
  LineReader reader(fd, 10);
  EXPECT_THROW(reader.fill(), Failure);
  ::close(fd);
}

}  // namespace
}  // namespace dragoman::cli
