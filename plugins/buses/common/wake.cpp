// SPDX-License-Identifier: Apache-2.0
#include "common/wake.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <system_error>

namespace buses {

Wake::Wake() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) throw std::system_error(errno, std::system_category(), "eventfd");
}

Wake::~Wake() {
  close(fd_);
}

void Wake::ring() noexcept {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(fd_, &one, sizeof one));
}

void Wake::drain() noexcept {
  std::uint64_t count;
  static_cast<void>(!::read(fd_, &count, sizeof count));
}

void Wake::wait(std::chrono::milliseconds most) noexcept {
  pollfd woken{fd_, POLLIN, 0};
  poll(&woken, 1, static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(most.count(), 0, INT_MAX)));
  drain();
}

}  // namespace buses
