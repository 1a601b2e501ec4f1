// SPDX-License-Identifier: Apache-2.0
#include "cli/line_reader.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/commands.hpp"

namespace dragoman::cli {
namespace {

constexpr std::size_t chunk = 256 << 10;

}  // namespace

void LineReader::fill() {
  if (ended_) return;
  buffer_.erase(0, start_);
  scanned_ -= start_;
  start_ = 0;
  const std::size_t held = buffer_.size();
  buffer_.resize(held + chunk);
  ssize_t n;
  do n = ::read(fd_, buffer_.data() + held, chunk);
  while (n < 0 && errno == EINTR);
  const int error = errno;
  buffer_.resize(held + (n > 0 ? static_cast<std::size_t>(n) : 0));
  if (n < 0) throw Failure(fmt::format("cannot read the input: {}", std::strerror(error)));
  ended_ = n == 0;
}

LineStatus LineReader::finish(std::size_t length, std::string_view& line) {
  line = std::string_view(buffer_).substr(start_, length);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  ++number_;
  if (!discarding_ && line.size() <= longest_) return LineStatus::line;
  discarding_ = false;
  line = {};
  return LineStatus::too_long;
}

LineStatus LineReader::next(std::string_view& line) {
  const std::size_t at = buffer_.find('\n', scanned_);
  if (at != std::string::npos) {
    const LineStatus status = finish(at - start_, line);
    bytes_ += at + 1 - start_;
    start_ = scanned_ = at + 1;
    return status;
  }
  scanned_ = buffer_.size();
  const std::size_t rest = buffer_.size() - start_;
  if (ended_) {
    if (rest == 0 && !discarding_) return LineStatus::end;
    const LineStatus status = finish(rest, line);
    bytes_ += rest;
    start_ = buffer_.size();
    return status;
  }
  // One byte more may be the '\r' of the line end.
  if (discarding_ || rest > longest_ + 1) {
    discarding_ = true;
    bytes_ += rest;
    buffer_.clear();
    start_ = scanned_ = 0;
  }
  return LineStatus::need_more;
}

}  // namespace dragoman::cli
