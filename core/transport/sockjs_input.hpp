// SPDX-License-Identifier: Apache-2.0
// The messages of one array of a SockJS client, given to the dialect one by one: a pause in the midst keeps the rest.
#pragma once
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace dragoman::transport {

class SockjsInput {
 public:
  void add(std::vector<std::string> messages) {
    for (const auto& message : messages) bytes_ += message.size();
    if (empty()) {
      waiting_ = std::move(messages);
    } else {
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(next_));
      waiting_.insert(waiting_.end(), std::make_move_iterator(messages.begin()),
                      std::make_move_iterator(messages.end()));
    }
    next_ = 0;
  }
  // arrived(message) -> false when no more may come now.
  template <class F>
  void drain(F&& arrived) {
    if (draining_) return;
    draining_ = true;
    while (!empty()) {
      const std::string message = std::move(waiting_[next_++]);
      bytes_ -= message.size();
      if (!arrived(message)) break;
    }
    draining_ = false;
    if (empty()) clear();
  }
  bool empty() const { return next_ == waiting_.size(); }
  std::size_t size() const { return waiting_.size() - next_; }
  std::size_t bytes() const { return bytes_; }
  void clear() {
    waiting_ = std::vector<std::string>();
    next_ = 0;
    bytes_ = 0;
  }

 private:
  // Most sessions have nothing waiting, and are many: a deque would hold memory all the same.
  std::vector<std::string> waiting_;
  std::size_t next_ = 0;
  std::size_t bytes_ = 0;
  bool draining_ = false;
};

}  // namespace dragoman::transport
