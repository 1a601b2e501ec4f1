// SPDX-License-Identifier: Apache-2.0
// The thread that keeps the connection on which events come: its queue, its bindings, its confirmations.
#pragma once
#include <chrono>
#include <dragoman/sdk/bus.hpp>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "assembly.hpp"
#include "common/losses.hpp"
#include "inbox.hpp"
#include "link.hpp"
#include "presence.hpp"
#include "settings.hpp"
#include "thread.hpp"
#include "topology.hpp"

namespace amqp {

class Consumer {
 public:
  // follow: told which endpoint it is connected to, or none. All outlive it.
  Consumer(dragoman::sdk::BusHost host, const Settings& settings, Presence& presence, Inbox& inbox,
           std::function<void(std::optional<std::size_t>)> follow);
  void start() {
    thread_.start([this] { run(); });
  }
  void ask() { thread_.ask(); }
  void stop() { thread_.stop(); }
  // Any thread.
  void watch(std::span<const dgm_wish> added, std::span<const dgm_wish> removed);
  // Any thread: the inbox has something to confirm, or room.
  void wake() { thread_.wake().ring(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Change {
    std::string channel, key;
    std::uint32_t literal;
    int by;
  };

  void run();
  // Until the end of a connection. Returns why it ended.
  std::string serve(std::size_t endpoint);
  void set_up(Link& link);
  void converse(Link& link);
  void wait(Link& link);
  void read(Link& link);
  void read_method(Link& link, const amqp_frame_t& frame);
  void take(Assembly::Delivered delivered);
  void read_changes();
  void send_step(Link& link, const Step& step);
  void confirm(Link& link);

  dragoman::sdk::BusHost host_;
  const Settings& settings_;
  Presence& presence_;
  Inbox& inbox_;
  const std::function<void(std::optional<std::size_t>)> follow_;
  std::mutex mutex_;
  std::vector<Change> changes_;  // under mutex_

  // The thread's.
  Topology topology_;
  Assembly assembly_;
  std::string queue_;  // the broker's name for it
  std::optional<Clock::time_point> up_since_;
  buses::Losses losses_;
  Thread thread_;
};

}  // namespace amqp
