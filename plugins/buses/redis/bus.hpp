// SPDX-License-Identifier: Apache-2.0
// The bus: a thread that keeps two connections to a server, one for what comes and one for what is published, and one
// that hands over what has come.
#pragma once
#include <atomic>
#include <chrono>
#include <dragoman/sdk/bus.hpp>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "common/outbox.hpp"
#include "common/own_channel.hpp"
#include "common/wake.hpp"
#include "courier.hpp"
#include "positions.hpp"
#include "publisher.hpp"
#include "settings.hpp"
#include "settings_schema.hpp"
#include "source.hpp"

namespace redis {

class Bus {
 public:
  static constexpr const char* name = "redis";
  static constexpr const char* version = "0.1.0";
  static constexpr const char* settings_schema = redis::settings_schema;

  explicit Bus(dragoman::sdk::BusHost host) : host_(host) {}
  ~Bus();
  void configure(const dragoman::sdk::Config& config);
  void start();
  void stop();
  void watch(std::span<const dgm_wish> added, std::span<const dgm_wish> removed);
  dgm_status publish(std::span<const dgm_event> events, dragoman::sdk::BusDone done);

 private:
  using Clock = std::chrono::steady_clock;
  struct Link {
    Connection in, out;
    Link(const Settings& settings, const buses::Endpoint& endpoint, const std::string& address)
        : in(settings, endpoint, address, reply_bound), out(settings, endpoint, address, reply_bound) {}
  };

  // The thread's.
  void run();
  // From the first address to the end of the connections. Returns why it ended.
  std::string serve(const buses::Endpoint& endpoint);
  void converse(Link& link);
  void wait(Link& link, std::chrono::milliseconds most);
  void receive(Link& link);
  void drain(Connection& in);
  void check_silence(Link& link);
  void hand_over();
  bool room() const;
  // Until then, or until the bus stops.
  void rest(std::chrono::milliseconds time);

  dragoman::sdk::BusHost host_;
  buses::OwnChannel own_channel_;
  Settings settings_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  buses::Wake wake_;

  std::unique_ptr<buses::Outbox> outbox_;
  std::unique_ptr<Positions> positions_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<Courier> courier_;

  // The thread's.
  Batch inbox_;
  std::optional<Clock::time_point> up_since_, full_at_;  // full_at_: there was no room in the inbox
};

}  // namespace redis
