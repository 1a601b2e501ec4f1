// SPDX-License-Identifier: Apache-2.0
// How many messages a client may send in any second (valtronics digest section 6). One thread; times are milliseconds
// of a clock that never goes back.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>

namespace valtronics {

class RateWindow {
 public:
  enum class Verdict {
    run,
    tell,   // too many: not executed, and the client is told, once a second
    quiet,  // too many, and told already
    close   // the same after ten such seconds in a row
  };

  // 0: no limit.
  explicit RateWindow(std::size_t per_second = 0) : limit_(per_second) {}

  // take() would not answer `run`.
  bool full(std::int64_t now_ms) {
    while (!taken_.empty() && now_ms - taken_.front() >= second_ms) taken_.pop_front();
    return limit_ && taken_.size() >= limit_;
  }

  Verdict take(std::int64_t now_ms) {
    if (!full(now_ms)) {
      if (limit_) taken_.push_back(now_ms);
      return Verdict::run;
    }
    if (seconds_ && now_ms - told_ms_ < second_ms) return Verdict::quiet;
    seconds_ = seconds_ && now_ms - told_ms_ < 2 * second_ms ? seconds_ + 1 : 1;
    told_ms_ = now_ms;
    return seconds_ > most_seconds ? Verdict::close : Verdict::tell;
  }

 private:
  static constexpr std::int64_t second_ms = 1000;
  static constexpr unsigned most_seconds = 10;

  std::size_t limit_;
  std::deque<std::int64_t> taken_;  // at most limit_
  std::int64_t told_ms_ = 0;
  unsigned seconds_ = 0;  // in which there were too many, in a row
};

}  // namespace valtronics
