// SPDX-License-Identifier: Apache-2.0
// The order of one session's tunnelled requests (lavaboom digest sections 5 and 7). One thread.
//
// Requests begin in the order in which they came, at most `max_parallel` at once. With 1 that is also the order of the
// answers, as long as requests that are answered without the upstream go through the queue like all others.
#pragma once
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace lavaboom {

template <class T>
class RequestQueue {
 public:
  // max_waiting does not count those under way.
  RequestQueue(std::size_t max_parallel, std::size_t max_waiting)
      : max_parallel_(max_parallel), max_waiting_(max_waiting) {}

  // False: full, and the request is left as it was.
  bool push(T&& request) {
    const std::size_t free = max_parallel_ > running_ ? max_parallel_ - running_ : 0;
    if (waiting_.size() >= max_waiting_ + free) return false;
    waiting_.push_back(std::move(request));
    return true;
  }

  // The next request that may begin now; it is under way until finish().
  std::optional<T> start() {
    if (running_ >= max_parallel_ || waiting_.empty()) return std::nullopt;
    std::optional<T> request(std::move(waiting_.front()));
    waiting_.pop_front();
    ++running_;
    return request;
  }

  // One that was under way has been answered.
  void finish() {
    if (running_ > 0) --running_;
  }

  // Forgets what waits; what is under way stays so.
  void clear() { waiting_.clear(); }

  std::size_t running() const { return running_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  std::size_t max_parallel_, max_waiting_, running_ = 0;
  std::deque<T> waiting_;
};

}  // namespace lavaboom
