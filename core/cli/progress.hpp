// SPDX-License-Identifier: Apache-2.0
// How far a long command is: one line on a terminal that is written over. Nothing when standard error is none. One
// thread.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace dragoman::cli {

struct ProgressState {
  std::uint64_t bytes = 0;
  std::uint64_t total = 0;  // bytes; 0: not known
  std::uint64_t events = 0;
  double seconds = 0;
};

// At most `width` columns.
std::string progress_line(const ProgressState& state, std::size_t width);
// "12.3 MiB"
std::string size_text(std::uint64_t bytes);
// Whole events a second; 0 when no time has passed.
std::uint64_t rate_of(std::uint64_t events, double seconds);

class Progress {
 public:
  explicit Progress(std::uint64_t total_bytes);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Draws a few times a second at most.
  void show(std::uint64_t bytes, std::uint64_t events);
  // Before anything else is written to the terminal; the next show() draws again.
  void clear();
  double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;
  const std::uint64_t total_;
  const bool terminal_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_{};
  bool visible_ = false;
};

}  // namespace dragoman::cli
