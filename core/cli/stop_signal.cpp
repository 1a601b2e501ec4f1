// SPDX-License-Identifier: Apache-2.0
#include "cli/stop_signal.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "cli/commands.hpp"

namespace dragoman::cli {

StopSignal::StopSignal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, &before_);
  fd_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd_ < 0) throw Failure(fmt::format("cannot watch for signals: {}", std::strerror(errno)));
}

StopSignal::~StopSignal() {
  ::close(fd_);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool StopSignal::wait(int other, int milliseconds) const {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::milliseconds(milliseconds);
  for (;;) {
    pollfd fds[] = {{fd_, POLLIN, 0}, {other, POLLIN, 0}};
    const int n = ::poll(fds, 2, milliseconds);
    if (n < 0 && errno != EINTR) throw Failure(fmt::format("cannot wait for input: {}", std::strerror(errno)));
    if (n >= 0) {
      if (fds[0].revents) raise();
      return fds[1].revents != 0;
    }
    if (milliseconds > 0) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
      milliseconds = left > 0 ? static_cast<int>(left) : 0;
    }
  }
}

void StopSignal::raise() const {
  signalfd_siginfo info{};
  const bool known = ::read(fd_, &info, sizeof info) == sizeof info;
  throw Interrupted{known ? static_cast<int>(info.ssi_signo) : SIGINT};
}

}  // namespace dragoman::cli
