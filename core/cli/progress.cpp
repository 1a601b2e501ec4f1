// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace dragoman::cli {
namespace {

constexpr auto between_drawings = std::chrono::milliseconds(100);
constexpr std::size_t longest_bar = 40, shortest_bar = 10;

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  static constexpr const char* units[] = {"KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1023.95 && unit + 1 < std::size(units)) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, units[unit]);
}

std::uint64_t rate_of(std::uint64_t events, double seconds) {
  return seconds > 0 ? static_cast<std::uint64_t>(static_cast<double>(events) / seconds) : 0;
}

std::string progress_line(const ProgressState& state, std::size_t width) {
  std::string text =
      fmt::format("{}  {} events  {}/s", size_text(state.bytes), state.events, rate_of(state.events, state.seconds));
  if (state.total) {
    // A file may grow while it is read.
    const std::uint64_t done = std::min(state.bytes, state.total);
    const auto part = static_cast<double>(done) / static_cast<double>(state.total);
    text = fmt::format("{:3}%  {}", static_cast<int>(part * 100), text);
    if (width >= text.size() + 3 + shortest_bar) {
      const std::size_t length = std::min(longest_bar, width - text.size() - 3);
      const auto full = static_cast<std::size_t>(part * static_cast<double>(length));
      text = fmt::format("[{}{}] {}", std::string(full, '#'), std::string(length - full, '.'), text);
    }
  }
  return text.substr(0, width);
}

Progress::Progress(std::uint64_t total_bytes) : total_(total_bytes), terminal_(::isatty(STDERR_FILENO) == 1) {}

void Progress::show(std::uint64_t bytes, std::uint64_t events) {
  if (!terminal_) return;
  const auto now = Clock::now();
  if (now - drawn_ < between_drawings) return;
  drawn_ = now;
  visible_ = true;
  // The last column stays free: some terminals begin a new line behind it.
  fmt::print(stderr, "\r{}\x1b[K", progress_line({bytes, total_, events, seconds()}, terminal_width() - 1));
  std::fflush(stderr);
}

void Progress::clear() {
  if (!visible_) return;
  visible_ = false;
  drawn_ = {};
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

double Progress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

}  // namespace dragoman::cli
