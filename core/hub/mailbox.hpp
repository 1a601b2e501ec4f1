// SPDX-License-Identifier: Apache-2.0
// What other threads send to a shard: batches of events, each for one address. Bounded in bytes; one wake-up per filled
// mailbox.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "event/event.hpp"
#include "event/receipt.hpp"

namespace dragoman::hub {

class Mailbox {
 public:
  struct Letter {
    std::uint32_t address = 0;  // the shard's number for a bus, or for a mount whose map() made the events
    event::Batch batch;
    std::size_t bytes = 0;
    event::ReceiptPtr receipt = nullptr;            // for who keeps the events
    std::chrono::steady_clock::time_point since{};  // set by put()
  };

  // wake: called, on any thread, when the mailbox stops being empty.
  Mailbox(std::size_t bound_bytes, std::function<void()> wake) : bound_(bound_bytes), wake_(std::move(wake)) {}

  // Room for a put() that follows; false when the bound would be passed. Any thread.
  bool reserve(std::size_t bytes);
  void unreserve(std::size_t bytes);
  // For who waits for room: how often some has become free, and waiting until it is more often than that. Any thread.
  std::uint32_t released() const { return released_.load(std::memory_order_acquire); }
  void wait_released(std::uint32_t seen) const { released_.wait(seen, std::memory_order_acquire); }
  // Ends all waiting.
  void wake_waiting();
  std::size_t bound() const { return bound_; }
  // reserved: the letter's bytes are counted already. Without it the bound may be passed: for what was accepted before.
  // Any thread.
  void put(Letter letter, bool reserved);
  // Throws away what is there; its publishers are told. Any thread.
  void discard();
  // Everything that is there; the owner's thread. Each letter's bytes count until release().
  void take(std::vector<Letter>& out);
  void release(std::size_t bytes) { unreserve(bytes); }
  std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  std::mutex mutex_;
  std::vector<Letter> letters_;
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::uint32_t> released_{0};
  const std::size_t bound_;
  std::function<void()> wake_;
};

std::size_t batch_bytes(const event::Batch& batch);

}  // namespace dragoman::hub
