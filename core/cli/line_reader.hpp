// SPDX-License-Identifier: Apache-2.0
// Lines of a file descriptor, with bounded memory. One thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace dragoman::cli {

enum class LineStatus {
  line,
  too_long,   // the line was thrown away
  need_more,  // fill() first
  end,
};

class LineReader {
 public:
  // fd: stays the caller's. longest: bytes of a line without its end.
  LineReader(int fd, std::size_t longest) : fd_(fd), longest_(longest) {}

  // One read(2), which waits when nothing is there. Throws Failure.
  void fill();
  // line: without "\n" or "\r\n", good until the next fill().
  LineStatus next(std::string_view& line);

  std::uint64_t number() const { return number_; }  // of the last line, counted from 1
  std::uint64_t bytes() const { return bytes_; }    // of the lines so far

 private:
  LineStatus finish(std::size_t length, std::string_view& line);

  int fd_;
  std::size_t longest_;
  std::string buffer_;
  std::size_t start_ = 0;    // of the next line in the buffer
  std::size_t scanned_ = 0;  // no line end before this
  std::uint64_t number_ = 0, bytes_ = 0;
  bool discarding_ = false;  // the front of the present line was too long and is gone
  bool ended_ = false;
};

}  // namespace dragoman::cli
