// SPDX-License-Identifier: Apache-2.0
// What becomes of a client that sends more messages than it may (valtronics digest section 6). One thread; times are
// milliseconds of a clock that never goes back.
#pragma once
#include <cstdint>

namespace valtronics {

class RateExcess {
 public:
  enum class Verdict {
    tell,   // the client is told, once a second
    quiet,  // it has been told already
    close   // after ten such seconds in a row
  };

  // A message was not executed.
  Verdict note(std::int64_t now_ms) {
    if (seconds_ && now_ms - told_ms_ < second_ms) return Verdict::quiet;
    seconds_ = seconds_ && now_ms - told_ms_ < 2 * second_ms ? seconds_ + 1 : 1;
    told_ms_ = now_ms;
    return seconds_ > most_seconds ? Verdict::close : Verdict::tell;
  }

 private:
  static constexpr std::int64_t second_ms = 1000;
  static constexpr unsigned most_seconds = 10;

  std::int64_t told_ms_ = 0;
  unsigned seconds_ = 0;  // in which there were too many, in a row
};

}  // namespace valtronics
