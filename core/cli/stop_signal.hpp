// SPDX-License-Identifier: Apache-2.0
// SIGINT and SIGTERM for a command that has something to say before it ends. Main thread, before any other thread.
#pragma once
#include <csignal>

namespace dragoman::cli {

// Thrown where a command waits when one of the signals has come.
struct Interrupted {
  int signal = 0;
};

class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Becomes readable with the signal; stays this object's.
  int fd() const { return fd_; }
  // True when `other` can be read (or has ended), false after `milliseconds`; -1: no limit. other -1: only waits.
  // Throws Interrupted.
  bool wait(int other, int milliseconds) const;
  [[noreturn]] void raise() const;

 private:
  sigset_t before_;
  int fd_;
};

}  // namespace dragoman::cli
