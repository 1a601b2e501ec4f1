// SPDX-License-Identifier: Apache-2.0
// The messages of one array of a SockJS client, given to the dialect one by one: a pause in the midst keeps the rest.
#pragma once
#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace dragoman::transport {

class SockjsInput {
 public:
  void add(std::vector<std::string> messages) {
    for (auto& message : messages) {
      bytes_ += message.size();
      waiting_.push_back(std::move(message));
    }
  }
  // arrived(message) -> false when no more may come now.
  template <class F>
  void drain(F&& arrived) {
    if (draining_) return;
    draining_ = true;
    while (!waiting_.empty()) {
      const std::string message = std::move(waiting_.front());
      waiting_.pop_front();
      bytes_ -= message.size();
      if (!arrived(message)) break;
    }
    draining_ = false;
  }
  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }
  std::size_t bytes() const { return bytes_; }
  void clear() {
    waiting_.clear();
    bytes_ = 0;
  }

 private:
  std::deque<std::string> waiting_;
  std::size_t bytes_ = 0;
  bool draining_ = false;
};

}  // namespace dragoman::transport
