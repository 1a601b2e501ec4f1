// SPDX-License-Identifier: Apache-2.0
#include "courier.hpp"

namespace redis {

void Batch::add(buses::Incoming message) {
  bytes += message.bytes();
  messages.push_back(std::move(message));
}

Courier::Courier(dragoman::sdk::BusHost host, std::chrono::milliseconds least, std::chrono::milliseconds most,
                 std::function<void(const PositionMap&)> kept, buses::Wake& wake)
    : delivery_(host, least, most, [this](std::chrono::milliseconds time) { return rest(time); }),
      kept_(std::move(kept)),
      wake_(wake) {}

Courier::~Courier() {
  stop();
}

void Courier::start() {
  thread_ = std::thread([this] { run(); });
}

void Courier::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Courier::idle() {
  const std::lock_guard lock(mutex_);
  return !batch_;
}

void Courier::take(Batch batch) {
  {
    const std::lock_guard lock(mutex_);
    batch_ = std::move(batch);
  }
  changed_.notify_all();
}

bool Courier::rest(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [&] { return stopping_; });
  return !stopping_;
}

void Courier::run() {
  for (;;) {
    const Batch* batch = nullptr;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || batch_; });
      if (stopping_) return;
      batch = &*batch_;
    }
    if (batch->unreadable > 0) delivery_.losses().add(batch->unreadable, batch->trouble);
    if (!batch->messages.empty() && !delivery_.deliver(batch->messages)) return;
    if (!batch->positions.empty()) kept_(batch->positions);
    {
      const std::lock_guard lock(mutex_);
      batch_.reset();
    }
    wake_.ring();
  }
}

}  // namespace redis
