// SPDX-License-Identifier: Apache-2.0
// The thread that keeps the connection on which events are published, to the broker that the consumer is connected to.
#pragma once
#include <chrono>
#include <dragoman/sdk/bus.hpp>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "common/outbox.hpp"
#include "link.hpp"
#include "presence.hpp"
#include "settings.hpp"
#include "thread.hpp"

namespace amqp {

class Publisher {
 public:
  // All outlive it.
  Publisher(dragoman::sdk::BusHost host, const Settings& settings, Presence& presence);
  void start() {
    thread_.start([this] { run(); });
  }
  void ask() { thread_.ask(); }
  void stop() { thread_.stop(); }
  // Any thread.
  void follow(std::optional<std::size_t> endpoint);
  dgm_status publish(std::vector<buses::Outgoing> messages, dragoman::sdk::BusDone done);

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void serve(std::size_t endpoint);
  // The connection is to be kept.
  bool here(std::size_t endpoint);
  void converse(Link& link, std::size_t endpoint);
  void read(Link& link);
  void read_method(Link& link, const amqp_frame_t& frame);
  void send(Link& link);
  // False: there is no such exchange.
  bool check_exchange(Link& link, const std::string& name);
  void publish(Link& link, const buses::Outgoing& message);
  void check_progress();
  void begin_channel(Link& link);
  void warn(const std::string& why);

  dragoman::sdk::BusHost host_;
  const Settings& settings_;
  Presence& presence_;
  std::mutex mutex_;
  std::optional<std::size_t> endpoint_;  // under mutex_
  buses::Outbox outbox_;

  // The thread's; of the present connection.
  bool up_ = false, blocked_ = false, refusing_ = false;
  std::uint64_t number_ = 0;  // of the latest message on the channel
  Clock::time_point progress_{};
  std::set<std::string, std::less<>> known_;  // exchanges that are there
  std::string told_;
  Thread thread_;
};

}  // namespace amqp
