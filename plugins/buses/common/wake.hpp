// SPDX-License-Identifier: Apache-2.0
// Wakes a thread that polls descriptors.
#pragma once
#include <chrono>

namespace buses {

class Wake {
 public:
  // Throws std::system_error.
  Wake();
  ~Wake();
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  // Any thread.
  void ring() noexcept;
  // The thread's. Readable since it rang.
  int descriptor() const { return fd_; }
  void drain() noexcept;
  // Until it rings, at most so long.
  void wait(std::chrono::milliseconds most) noexcept;

 private:
  int fd_;
};

}  // namespace buses
