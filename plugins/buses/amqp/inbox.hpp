// SPDX-License-Identifier: Apache-2.0
// Messages between the connection and the gateway, and how far they may be confirmed. Two threads.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "common/message.hpp"

namespace amqp {

class Inbox {
 public:
  explicit Inbox(std::size_t most) : most_(most) {}

  // The connection's thread. Nothing in place of a message that is no event: it is confirmed in its turn.
  void add(std::uint64_t tag, std::optional<buses::Incoming> message);
  // Has as many messages as it is made for; it takes more.
  bool full() const;
  // A new connection: tags begin again. keep: what is here does not come again.
  void begin(bool keep);
  // The latest tag up to which everything is taken and that was not asked for before; 0: none.
  std::uint64_t confirmed();

  // The other thread. Waits for messages; false: closed. Then taken() is due.
  bool take(std::vector<buses::Incoming>& into);
  void taken();

  // Any thread: take() ends.
  void close();

 private:
  struct Entry {
    std::uint64_t tag;
    std::optional<buses::Incoming> message;
    std::size_t bytes;
  };
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Entry> entries_;
  std::uint64_t taking_ = 0, confirmed_ = 0;  // tags; 0: none
  bool closed_ = false;
};

}  // namespace amqp
