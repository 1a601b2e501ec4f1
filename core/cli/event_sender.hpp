// SPDX-License-Identifier: Apache-2.0
// Sends events to the publish door in their order: CloudEvents in batches, plain events one by one, since the door
// takes no batch of those. Blocks; one thread.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/event_line.hpp"
#include "cli/http_client.hpp"

namespace dragoman::cli {

class StopSignal;

struct SenderOptions {
  std::string target;                     // path and query
  std::chrono::milliseconds retry_for{};  // how long one request is tried again after 503 or without connection
  std::size_t batch_events = 500;
};

class EventSender {
 public:
  struct Reports {
    std::function<void()> accepted;                                   // accepted() has grown
    std::function<void(std::uint64_t line, const std::string&)> bad;  // the door refuses this one; may throw
    std::function<void(const std::string&)> retrying;                 // once for each outage
  };

  // client and stop outlive the sender.
  EventSender(HttpClient& client, const StopSignal& stop, SenderOptions options, Reports reports);

  // Returns when all of them are accepted or reported as bad. Throws Failure, Interrupted, and what bad() throws;
  // whatever stands before the event in question is accepted then.
  void send(const std::vector<EventLine>& events);

  std::uint64_t accepted() const { return accepted_; }
  // Events of a request that was begun and not answered.
  std::size_t unanswered() const { return unanswered_; }

 private:
  // count: becomes smaller when a busy gateway has no room for so many.
  HttpAnswer post(const std::vector<EventLine>& events, std::size_t from, std::size_t& count);
  void pause(const std::string& reason, unsigned retry_after);

  HttpClient& client_;
  const StopSignal& stop_;
  const SenderOptions options_;
  const Reports reports_;
  std::size_t most_;    // events that fit into a request of this gateway
  std::size_t window_;  // and those that it takes at present
  std::uint64_t accepted_ = 0;
  std::size_t unanswered_ = 0;
  bool reached_ = false;
  // Of the present outage.
  std::optional<std::chrono::steady_clock::time_point> since_;
  std::chrono::milliseconds delay_{};
};

}  // namespace dragoman::cli
