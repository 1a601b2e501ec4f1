// SPDX-License-Identifier: Apache-2.0
#include "hub/mailbox.hpp"

namespace dragoman::hub {

bool Mailbox::reserve(std::size_t bytes) {
  std::size_t now = bytes_.load(std::memory_order_relaxed);
  do {
    if (now >= bound_ || bytes > bound_ - now) return false;
  } while (!bytes_.compare_exchange_weak(now, now + bytes, std::memory_order_relaxed));
  return true;
}

void Mailbox::unreserve(std::size_t bytes) {
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  wake_waiting();
}

void Mailbox::wake_waiting() {
  released_.fetch_add(1, std::memory_order_release);
  released_.notify_all();
}

void Mailbox::put(Letter letter, bool reserved) {
  if (!reserved) bytes_.fetch_add(letter.bytes, std::memory_order_relaxed);
  letter.since = std::chrono::steady_clock::now();
  bool first;
  {
    const std::lock_guard lock(mutex_);
    first = letters_.empty();
    letters_.push_back(std::move(letter));
  }
  if (first) wake_();
}

void Mailbox::take(std::vector<Letter>& out) {
  const std::lock_guard lock(mutex_);
  out.swap(letters_);
}

void Mailbox::discard() {
  std::vector<Letter> left;
  take(left);
  for (Letter& letter : left) {
    if (letter.receipt) letter.receipt->fail(event::PublishStatus::not_stored);
    release(letter.bytes);
  }
}

std::size_t batch_bytes(const event::Batch& batch) {
  std::size_t n = 0;
  for (const auto& e : batch) n += e->bytes();
  return n;
}

}  // namespace dragoman::hub
