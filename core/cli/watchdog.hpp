// SPDX-License-Identifier: Apache-2.0
// Tells the supervisor that the gateway works, as sd_watchdog_enabled(3) asks for.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace dragoman::cli {

// From $WATCHDOG_USEC and $WATCHDOG_PID: after how long without a word this process is killed.
std::optional<std::chrono::microseconds> watchdog_deadline();

// From construction to destruction, on a thread of its own; without a deadline it does nothing.
class Watchdog {
 public:
  // alive: whether everything has moved since the call before; called four times within a deadline.
  explicit Watchdog(std::function<bool()> alive);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void run(std::chrono::microseconds interval);

  std::function<bool()> alive_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  std::thread thread_;
};

}  // namespace dragoman::cli
