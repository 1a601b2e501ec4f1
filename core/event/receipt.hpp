// SPDX-License-Identifier: Apache-2.0
// Tells a publisher what became of its events, as soon as the last that holds the receipt lets go of it: a journal
// holds it until the events are durable.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace dragoman::event {

enum class PublishStatus {
  accepted,
  overloaded,   // nothing was published
  unavailable,  // the bus has no broker, or lost it before the broker confirmed
  impossible,   // no message of this bus can say it; nothing was published
  not_stored    // a journal failed; published again under the same id it is stored once
};

// Any thread.
class Receipt {
 public:
  using Done = std::function<void(PublishStatus)>;
  // done: called exactly once, on the thread that lets go last; must not block or throw.
  explicit Receipt(Done done) : done_(std::move(done)) {}
  Receipt(const Receipt&) = delete;
  Receipt& operator=(const Receipt&) = delete;
  ~Receipt() { done_(status_.load(std::memory_order_acquire)); }

  // Something was not kept; the last failure is told.
  void fail(PublishStatus status) { status_.store(status, std::memory_order_release); }

 private:
  Done done_;
  std::atomic<PublishStatus> status_{PublishStatus::accepted};
};

using ReceiptPtr = std::shared_ptr<Receipt>;

}  // namespace dragoman::event
