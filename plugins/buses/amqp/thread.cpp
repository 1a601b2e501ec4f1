// SPDX-License-Identifier: Apache-2.0
#include "thread.hpp"

#include <sys/socket.h>

#include <chrono>

#include "common/signals.hpp"

namespace amqp {
namespace {

constexpr std::chrono::seconds patience{2};

}  // namespace

void Cut::hold(int descriptor) {
  const std::lock_guard lock(mutex_);
  descriptor_ = descriptor;
  if (cut_) shutdown(descriptor_, SHUT_RDWR);
}

void Cut::release() {
  const std::lock_guard lock(mutex_);
  descriptor_ = -1;
}

void Cut::cut() {
  const std::lock_guard lock(mutex_);
  cut_ = true;
  if (descriptor_ >= 0) shutdown(descriptor_, SHUT_RDWR);
}

void Thread::start(std::function<void()> run) {
  const buses::SignalsBlocked blocked;
  thread_ = std::thread([this, run = std::move(run)] {
    run();
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  });
}

void Thread::ask() {
  stopping_ = true;
  wake_.ring();
}

void Thread::stop() {
  if (!thread_.joinable()) return;
  ask();
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [this] { return ended_; });
  }
  cut_.cut();
  thread_.join();
}

bool Thread::rest(std::chrono::milliseconds time, const std::function<void()>& each) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + time;
  while (!stopping_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) break;
    wake_.wait(left);
    if (each) each();
  }
  return !stopping_;
}

}  // namespace amqp
