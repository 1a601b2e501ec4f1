// SPDX-License-Identifier: Apache-2.0
// The bus: a thread that keeps a connection to a broker and carries events over it.
#pragma once
#include <atomic>
#include <chrono>
#include <dragoman/sdk/bus.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "common/delivery.hpp"
#include "common/filter_set.hpp"
#include "common/outbox.hpp"
#include "common/own_channel.hpp"
#include "common/wake.hpp"
#include "connection.hpp"
#include "settings.hpp"
#include "settings_schema.hpp"

namespace mqtt {

class Bus : private ConnectionListener {
 public:
  static constexpr const char* name = "mqtt";
  static constexpr const char* version = "0.1.0";
  static constexpr const char* settings_schema = mqtt::settings_schema;

  explicit Bus(dragoman::sdk::BusHost host) : host_(host) {}
  ~Bus() override;
  void configure(const dragoman::sdk::Config& config);
  void start();
  void stop();
  void watch(std::span<const dgm_wish> added, std::span<const dgm_wish> removed);
  dgm_status publish(std::span<const dgm_event> events, dragoman::sdk::BusDone done);

 private:
  using Clock = std::chrono::steady_clock;

  // The thread's.
  void run();
  // From the first address to the end of the connection. Returns why it ended.
  std::string serve(const buses::Endpoint& endpoint);
  void converse(Connection& connection);
  // Sends what others have asked for.
  void send_changes(Connection& connection);
  void subscribe(Connection& connection, const std::vector<std::string>& filters);
  void send_postings(Connection& connection);
  void check_up();
  // Waits until the gateway has taken what was read, and its journals have stored it.
  void deliver();
  // Until then, or until the bus stops: then false.
  bool rest(std::chrono::milliseconds time);

  // ConnectionListener
  void accepted(bool session_present) override;
  void message(Incoming message) override;
  void unreadable(std::string_view topic) override;
  void subscribed(int mid, const std::vector<std::size_t>& refused) override;
  void published(int mid, const std::string& refusal) override;

  dragoman::sdk::BusHost host_;
  buses::OwnChannel own_channel_;
  Settings settings_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  buses::Wake wake_;

  std::mutex mutex_;
  std::unique_ptr<buses::FilterSet> filters_;  // under mutex_
  std::unique_ptr<buses::Outbox> outbox_;
  std::unique_ptr<buses::Delivery> delivery_;

  // The thread's; of the present connection.
  bool accepted_ = false, up_ = false, restored_ = false;
  std::optional<Clock::time_point> up_since_;
  bool session_present_ = false;
  std::set<std::string> asked_;                          // filters that the session has; of the one before until then
  std::map<int, std::vector<std::string>> subscribing_;  // under way
  std::vector<Incoming> inbox_;
  std::size_t inbox_bytes_ = 0;
  std::string refused_publish_;
};

}  // namespace mqtt
