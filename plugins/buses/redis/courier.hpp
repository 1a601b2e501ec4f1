// SPDX-License-Identifier: Apache-2.0
// A thread that hands what was read to the gateway, so that the one of the connections never waits for it.
#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/delivery.hpp"
#include "common/message.hpp"
#include "common/wake.hpp"
#include "stream_id.hpp"

namespace redis {

using PositionMap = std::map<std::string, StreamId, std::less<>>;

struct Batch {
  std::vector<buses::Incoming> messages;
  std::size_t bytes = 0;
  PositionMap positions;       // of streams once the messages are kept
  std::size_t unreadable = 0;  // messages that are no events
  std::string trouble;         // with the last of them
  bool empty() const { return messages.empty() && positions.empty() && unreadable == 0; }
  void add(buses::Incoming message);
};

class Courier {
 public:
  // kept: called on the courier's thread with the positions of a batch whose events are kept. wake: rung when it is
  // idle again.
  Courier(dragoman::sdk::BusHost host, std::chrono::milliseconds least, std::chrono::milliseconds most,
          std::function<void(const PositionMap&)> kept, buses::Wake& wake);
  ~Courier();
  void start();
  // What is not delivered by then never is.
  void stop();

  // The connections' thread.
  bool idle();
  // Only when it is idle.
  void take(Batch batch);

 private:
  void run();
  bool rest(std::chrono::milliseconds time);

  buses::Delivery delivery_;
  const std::function<void(const PositionMap&)> kept_;
  buses::Wake& wake_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Batch> batch_;  // until it is delivered
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace redis
