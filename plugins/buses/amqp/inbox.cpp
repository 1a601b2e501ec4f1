// SPDX-License-Identifier: Apache-2.0
#include "inbox.hpp"

#include <utility>

namespace amqp {
namespace {

// Handed to the gateway at once.
constexpr std::size_t batch_messages = 256, batch_bytes = 256 << 10;

}  // namespace

void Inbox::add(std::uint64_t tag, std::optional<buses::Incoming> message) {
  const std::size_t bytes = message ? message->bytes() : 0;
  const std::lock_guard lock(mutex_);
  entries_.push_back({tag, std::move(message), bytes});
  if (entries_.size() == 1) changed_.notify_one();
}

bool Inbox::full() const {
  const std::lock_guard lock(mutex_);
  return entries_.size() >= most_;
}

void Inbox::begin(bool keep) {
  const std::lock_guard lock(mutex_);
  taking_ = confirmed_ = 0;
  for (Entry& entry : entries_) entry.tag = 0;
  if (!keep) entries_.clear();
}

std::uint64_t Inbox::confirmed() {
  const std::lock_guard lock(mutex_);
  return std::exchange(confirmed_, 0);
}

bool Inbox::take(std::vector<buses::Incoming>& into) {
  into.clear();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !entries_.empty(); });
  if (closed_) return false;
  std::size_t bytes = 0;
  for (std::size_t n = 0; !entries_.empty() && n < batch_messages && bytes < batch_bytes; ++n) {
    Entry& entry = entries_.front();
    taking_ = entry.tag;
    bytes += entry.bytes;
    if (entry.message) into.push_back(std::move(*entry.message));
    entries_.pop_front();
  }
  return true;
}

void Inbox::taken() {
  const std::lock_guard lock(mutex_);
  if (taking_) confirmed_ = taking_;
  taking_ = 0;
}

void Inbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace amqp
